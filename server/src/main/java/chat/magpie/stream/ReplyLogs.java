package chat.magpie.stream;

import java.util.List;

/// The reply logs of this node and, by the store, of all others.
public interface ReplyLogs {
  /// The log of a reply that this node will generate; readers may follow it from now on, and those
  /// that follow the reply by the store are sent here.
  OwnedReplyLog prepare(String replyId);

  /// The log for readers of a reply that has not ended, or has just ended here: the one that this
  /// node writes if it does, else what the store shows of it. Blocks for one read of the store.
  ReplyLog follow(String replyId);

  /// What there is of the log of a reply that has ended, oldest first: from memory if this node has
  /// just written it, else from the store; empty if that has nothing or does not answer.
  List<LogEntry> stored(String replyId);

  /// Erases the log in the store; as [LogStore#erase].
  void erase(String replyId, boolean fence);
}
