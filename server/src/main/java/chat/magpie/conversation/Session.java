package chat.magpie.conversation;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A conversation with what people added to it.
///
/// @param archived put away by its user: not in the lists that do not ask for it
/// @param tags in the order of their characters
/// @param metadata what the application that opened it keeps with it; JSON values
public record Session(
    Conversation conversation,
    Optional<String> title,
    boolean archived,
    List<String> tags,
    Map<String, Object> metadata) {}
