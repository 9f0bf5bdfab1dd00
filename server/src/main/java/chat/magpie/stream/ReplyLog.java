package chat.magpie.stream;

import chat.magpie.kernel.Position;
import java.util.List;
import java.util.Optional;

/// The log of one reply that this node generates or is about to: written by one thread, read by any
/// number of readers at their own pace.
///
/// Readers see an entry only after the [LogStore] has it, in order and without gaps. When the store
/// fails, the entries it did not take are shown to readers of this node all the same, the log
/// counts as degraded, and the store is given what it misses, with the same positions, once it is
/// back.
public interface ReplyLog {
  String replyId();

  /// Opens the epoch: appends the claim entry and only then takes over what earlier epochs wrote.
  /// Blocks. Returns the entries of earlier epochs; without a store, those this node still has.
  List<LogEntry> open(long epoch, String node);

  /// Appends an entry of the open epoch; blocks while too many are unconfirmed. Throws [Fenced].
  void append(LogEntry.Kind kind, String data);

  /// Appends the end entry; after it nothing can be appended by anybody. Throws [Fenced].
  void seal(String terminalEvent);

  /// Gives the log up without an end: this node does not own the reply any more.
  void abandon();

  /// Whether the store failed at some point while the log was written.
  boolean degraded();

  /// How many entries readers may see: indices `0 … visible()-1`.
  int visible();

  /// The entry at the index, which must be below [#visible()].
  LogEntry entry(int index);

  /// Whether the last visible entry is the last there will ever be.
  boolean ended();

  /// Whether this node has given the log up: nothing more becomes visible here, and a reader that
  /// comes back finds out where the reply is now.
  boolean abandoned();

  /// The index of the entry at exactly this position, if it is visible.
  Optional<Integer> indexOf(Position position);

  /// Calls the wake-up on every later change of [#visible()] or [#ended()], on a thread that must
  /// not be held up, until the subscription is closed. Changes may share one call.
  Subscription subscribe(Runnable wake);

  /// Ends with `close`; idempotent.
  interface Subscription extends AutoCloseable {
    @Override
    void close();
  }

  /// Another owner has claimed the reply, or it has ended elsewhere: stop without a trace.
  final class Fenced extends RuntimeException {
    public Fenced(String replyId) {
      super("Reply " + replyId + " belongs to another owner now");
    }
  }

  /// The answer as the entries tell it: the deltas after the last reset.
  static String fold(Iterable<LogEntry> entries) {
    StringBuilder text = new StringBuilder();
    for (LogEntry entry : entries) {
      switch (entry.kind()) {
        case DELTA -> text.append(entry.data());
        case RESET -> {
          text.setLength(0);
          text.append(entry.data());
        }
        case CLAIM, REASONING, END -> {}
      }
    }
    return text.toString();
  }
}
