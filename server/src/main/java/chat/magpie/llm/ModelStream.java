package chat.magpie.llm;

import org.jspecify.annotations.Nullable;

/// An answer in the making, for one reading thread.
///
/// A provider that fails is replaced behind it. Before the first piece of text the reader does not
/// notice; after it the next attempt goes on where the text stands, if the provider can do that, or
/// begins the answer again: then [ModelEvent.Restarted] comes immediately before its first piece of
/// text, so that what was said counts until there is something better. What a model thinks aloud is
/// told for the first attempt that does so, not again for those that follow.
public interface ModelStream extends AutoCloseable {
  /// The next event; waits for it within the first-token, idle and total time-outs of each attempt.
  /// Throws [ModelFailure], that of the last attempt, where nobody is left to ask, after all events
  /// before that have been returned, and what [Calls#begins] throws. Must not be called after
  /// [ModelEvent.Finished] was returned or anything was thrown.
  ModelEvent next() throws InterruptedException;

  /// The next event if it is there already, else null; never waits, begins no attempt and never
  /// throws: where the stream has broken, the next [#next] deals with it.
  @Nullable ModelEvent poll();

  /// Ends the call to the provider if it still runs; idempotent, callable from any thread: a `next`
  /// that waits then throws [ModelFailure] with `CANCELLED`, once the events that had come before
  /// have been returned. The reading thread always closes, last of all.
  @Override
  void close();

  /// The provider and the model that answer now; of several attempts, those of the last.
  String provider();

  String model();
}
