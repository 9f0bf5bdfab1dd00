package chat.magpie.conversation;

import java.util.List;
import java.util.Optional;

/// A message that has been committed.
///
/// @param answer its reply: `RUNNING` and claimed by the posting node with epoch 1, or `QUEUED`; on
///   a repeated send, as it is now; empty where a human answers
/// @param message the message as stored
/// @param repeated the same send was committed before; nothing was stored now
/// @param interrupted replies that this message asked to stop
public record Posted(
    Conversation conversation,
    Message message,
    Optional<ReplyRecord> answer,
    boolean repeated,
    List<ReplyRecord> interrupted) {

  /// The reply of a message that a character answers.
  public ReplyRecord reply() {
    return answer.orElseThrow();
  }
}
