package chat.magpie.conversation;

import java.util.List;

/// A message that has been committed.
///
/// @param reply its reply: `RUNNING` and claimed by the posting node with epoch 1, or `QUEUED`; on
///   a repeated send, as it is now
/// @param message the message as stored
/// @param repeated the same send was committed before; nothing was stored now
/// @param interrupted replies that this message asked to stop
public record Posted(
    Conversation conversation,
    Message message,
    ReplyRecord reply,
    boolean repeated,
    List<ReplyRecord> interrupted) {}
