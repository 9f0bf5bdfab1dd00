package chat.magpie.conversation;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A conversation to be opened.
///
/// @param userId for whom
/// @param metadata JSON values
public record NewSession(
    String userId,
    String characterId,
    Optional<String> title,
    List<String> tags,
    Map<String, Object> metadata) {}
