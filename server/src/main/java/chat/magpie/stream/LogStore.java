package chat.magpie.stream;

import chat.magpie.kernel.Position;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Keeps reply logs outside the process that writes them, and fences them: an entry whose position
/// is not after the last one of its log is refused, whoever sends it.
public interface LogStore {
  /// Appends one entry and reports the outcome later, on a thread that must not be held up. Appends
  /// to one log take effect, and report, in the order of the calls.
  ///
  /// @param create whether to create a log that does not exist; otherwise that is `MISSING`
  void append(String replyId, LogEntry entry, boolean create, Completion completion);

  /// All entries of the log, oldest first; empty if there is no such log. Throws [Unreachable].
  List<LogEntry> read(String replyId);

  /// What the logs have behind these positions, oldest first, without waiting for more; logs that
  /// have nothing new, or do not exist, are absent. Throws [Unreachable].
  Map<String, List<LogEntry>> readAfter(Map<String, Position> positions);

  /// The last position of the log; empty if there is no such log. Throws [Unreachable].
  Optional<Position> last(String replyId);

  /// Lets the log go after this time. Takes effect after the appends issued before.
  void expire(String replyId, Duration ttl);

  /// Nobody here writes to the log any more: drops what this process keeps about it. The log itself
  /// stays.
  void forget(String replyId);

  /// Erases what the log holds, for good. Throws [Unreachable] where that is not certain.
  ///
  /// @param fence whether somebody may still append to it: then it refuses every append for so long
  ///   as nobody can still be about to make one, also where there is no such log yet
  void erase(String replyId, boolean fence);

  /// Whether the store seems to be there.
  boolean healthy();

  /// Told how an append went.
  @FunctionalInterface
  interface Completion {
    void completed(Outcome outcome);
  }

  /// How an append went.
  enum Outcome {
    /// The store has the entry.
    APPENDED,
    /// The log does not exist (any more).
    MISSING,
    /// The log has an entry at this position or after it.
    REFUSED,
    /// Nobody knows: the store did not answer, or failed.
    FAILED
  }

  /// The store does not answer.
  final class Unreachable extends RuntimeException {
    public Unreachable(Throwable cause) {
      super("The reply log store does not answer", cause);
    }
  }
}
