package chat.magpie.conversation;

import java.util.Optional;

/// Which sessions to list.
///
/// @param userId whose; if absent, those of everybody where the caller may see them, else the
///   caller's own
/// @param archived only those, or only the others; if absent, both
public record SessionFilter(
    Optional<String> userId,
    Optional<Conversation.Status> status,
    Optional<String> tag,
    Optional<Boolean> archived) {}
