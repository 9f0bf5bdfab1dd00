package chat.magpie.memory;

import java.util.List;
import java.util.Optional;

/// The last messages of a user with a character: at most 100, for 24 hours after the last one.
///
/// Every call waits one second at most, retries included, and reports a failure as its result
/// instead of throwing: the conversation goes on without memory.
public interface ShortTermMemory {
  /// The newest messages, at most `limit` and `maxTokens`, oldest first. A newest message that is
  /// alone over the budget is shortened to fit.
  Window messages(MemoryKey key, int limit, int maxTokens);

  /// Adds messages in the order they were said, all or none. False where it failed.
  boolean add(MemoryKey key, List<MemoryMessage> messages);

  /// The notes, or empty if there are none or they cannot be read.
  Optional<MemoryMeta> meta(MemoryKey key);

  /// Sets the state of an existing memory and leaves how long it lasts; never creates one: true
  /// where there is none. False where it failed.
  boolean updateState(MemoryKey key, MemoryMeta.State state);

  /// Forgets messages and notes. False where it failed.
  boolean clear(MemoryKey key);

  /// How many messages are held; 0 where they cannot be counted.
  long count(MemoryKey key);

  /// What a read gave.
  sealed interface Window {
    /// The messages, oldest first.
    record Read(List<MemoryMessage> messages) implements Window {}

    /// The memory could not be read in time.
    record Unavailable() implements Window {}
  }
}
