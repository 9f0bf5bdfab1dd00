package chat.magpie.memory;

/// Whose short-term memory: a user's with a character. Both ids are used as given; encoding them
/// for Redis is the adapter's matter.
public record MemoryKey(String userId, String characterId) {}
