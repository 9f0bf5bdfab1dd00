package chat.magpie.llm;

import org.jspecify.annotations.Nullable;

/// An answer in the making, for one reading thread.
public interface ModelStream extends AutoCloseable {
  /// The next event; waits for it within the first-token, idle and total time-outs. Throws
  /// [ModelFailure] where the stream breaks, carries an error, ends without its end marker or times
  /// out, after all events before that have been returned. Must not be called after
  /// [ModelEvent.Finished] was returned.
  ModelEvent next() throws InterruptedException;

  /// The next event if it is there already, else null; never waits and never throws: where the
  /// stream has broken, the next [#next] says so.
  @Nullable ModelEvent poll();

  /// Ends the call to the provider if it still runs; idempotent, callable from any thread: a `next`
  /// that waits then throws [ModelFailure] with `CANCELLED`, once the events that had come before
  /// have been returned.
  @Override
  void close();

  /// The provider and the model that answer.
  String provider();

  String model();
}
