package chat.magpie.memory;

import java.time.Instant;

/// A turn of long ago that may matter to the message at hand.
///
/// @param seq its number in that
/// @param speaker who said it, as the model is told: a name, or `user` or `assistant`
/// @param at when it was said
/// @param score how much it matters; the greater, the sooner it is taken
public record Recalled(
    String messageId,
    String conversationId,
    long seq,
    String speaker,
    Instant at,
    String text,
    double score) {}
