package chat.magpie.reply;

import java.util.Optional;

/// A message for a character, as a caller sends it.
///
/// @param userId in whose name; the caller's own id if absent
/// @param characterId the configured default if absent and no conversation is named
/// @param conversationId the current conversation of (user, character) if absent
/// @param clientKey makes the send idempotent
public record Send(
    Optional<String> userId,
    Optional<String> characterId,
    Optional<String> conversationId,
    String text,
    Optional<String> clientKey) {}
