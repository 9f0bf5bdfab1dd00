package chat.magpie.conversation;

import java.util.Optional;

/// A reply whose ending has been committed.
///
/// @param message the stored answer; empty where there was nothing to store
/// @param next the conversation's next reply, if one was queued: now `RUNNING` and claimed by the
///   same node in the same commit
/// @param conversationEnded whether its conversation had been ended before
public record Ended(
    ReplyRecord reply,
    Optional<Message> message,
    Optional<ReplyRecord> next,
    boolean conversationEnded) {}
