package chat.magpie.conversation;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/// How much a user has talked, and what came of it.
///
/// @param sessions by status; those without any are missing
/// @param replies by status; those without any are missing
/// @param characters sessions by character
/// @param messages of both sides
/// @param inputTokens of the replies that told
public record SessionStats(
    Map<Conversation.Status, Long> sessions,
    Map<ReplyRecord.Status, Long> replies,
    Map<String, Long> characters,
    long archived,
    long messages,
    long inputTokens,
    long outputTokens,
    Optional<Instant> firstAt,
    Optional<Instant> lastAt) {}
