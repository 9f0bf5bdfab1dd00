package chat.magpie.llm;

import java.util.Optional;

/// Learns of every request that is sent to a provider for one answer: before it is sent, and once
/// when it is over. Both are called by the thread that reads the [ModelStream] and may block it;
/// one call is over before the next begins.
public interface Calls {
  /// Takes no notice.
  Calls UNOBSERVED =
      new Calls() {
        @Override
        public void begins(String provider, String model) {}

        @Override
        public void ended(Optional<ModelFailure.Kind> failure, Optional<ModelEvent.Usage> usage) {}
      };

  /// A request is about to be sent; not a byte of it is on its way. What this throws is thrown by
  /// [ModelStream#next], and the request is not sent.
  void begins(String provider, String model);

  /// The request that began last is over, well or with a failure; `CANCELLED` where the reader left
  /// it. Not called for one that was forbidden.
  ///
  /// @param usage what the provider counted for this request, where it said so
  void ended(Optional<ModelFailure.Kind> failure, Optional<ModelEvent.Usage> usage);
}
