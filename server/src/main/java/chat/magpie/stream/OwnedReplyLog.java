package chat.magpie.stream;

import java.time.Duration;
import java.util.List;

/// The log of a reply that this node generates or is about to, written by one thread.
///
/// Readers see an entry only after the [LogStore] has it. When the store fails, the entries it did
/// not take are shown to readers of this node all the same, the log counts as degraded, and the
/// store is given what it misses, with the same positions, once it is back.
public interface OwnedReplyLog extends ReplyLog {
  /// Opens the epoch: appends the claim entry and only then takes over what earlier epochs wrote,
  /// so that nothing can be added to it any more. Blocks. Returns the entries of earlier epochs;
  /// without a store, none. Throws [Fenced].
  List<LogEntry> open(long epoch, String node);

  /// Appends an entry of the open epoch; blocks while too many are unconfirmed. Throws [Fenced].
  void append(LogEntry.Kind kind, String data);

  /// Appends the end entry; after it nothing can be appended by anybody. Throws [Fenced].
  void seal(String terminalEvent);

  /// Waits, at most so long, until the store has everything that was appended; whether it has.
  boolean flush(Duration limit);

  /// Gives the log up without an end: this node does not own the reply any more.
  void abandon();

  /// Whether the store failed at some point while the log was written.
  boolean degraded();

  /// Whether the store is away, so that it would not refuse us if another node had taken the reply.
  boolean detached();

  /// Another owner has claimed the reply, or it has ended elsewhere: stop without a trace.
  final class Fenced extends RuntimeException {
    public Fenced(String replyId) {
      super("Reply " + replyId + " belongs to another owner now");
    }
  }
}
