package chat.magpie.stream;

import java.util.List;
import java.util.Optional;

/// The reply logs of this node and, by the store, of all others.
public interface ReplyLogs {
  /// The log of a reply that this node will generate; readers may follow it from now on.
  ReplyLog prepare(String replyId);

  /// The log, if this node generates the reply, is about to, or has just ended it.
  Optional<ReplyLog> live(String replyId);

  /// What the store has of the log, oldest first; empty if it has nothing or does not answer.
  List<LogEntry> stored(String replyId);
}
