package chat.magpie.identity;

/// Somebody who signs in with a login and a password.
///
/// @param login unique within the tenant, in lower case
public record Account(
    String id,
    String tenantId,
    String login,
    String displayName,
    Role role,
    boolean mustChangePassword) {}
