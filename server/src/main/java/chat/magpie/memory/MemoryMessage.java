package chat.magpie.memory;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A message as short-term memory holds it.
///
/// @param role `user`, `assistant` or `system`
/// @param timestamp with the precision of a second
/// @param metadata such as `emotion` and `intent`; null if there is none
public record MemoryMessage(
    String msgId,
    String role,
    String content,
    Instant timestamp,
    int tokenCount,
    @Nullable Map<String, Object> metadata) {}
