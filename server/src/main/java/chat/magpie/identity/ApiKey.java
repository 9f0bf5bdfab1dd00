package chat.magpie.identity;

import java.time.Instant;
import java.util.Optional;

/// The key of a service that calls in the name of users. The secret itself is not kept.
///
/// @param name what the administrator calls it
/// @param revokedAt since when it is not accepted any more
public record ApiKey(
    String id,
    String tenantId,
    String name,
    Role role,
    Instant createdAt,
    Optional<Instant> revokedAt) {}
