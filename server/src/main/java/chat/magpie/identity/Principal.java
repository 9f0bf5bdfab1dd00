package chat.magpie.identity;

/// Who is calling.
///
/// @param tenantId the workspace that everything the caller sees belongs to
/// @param userId the caller's own id; for a service, the id of its key
/// @param role what the caller is
/// @param mustChangePassword the caller signed in with a one-time password and may do nothing but
///   replace it
public record Principal(String tenantId, String userId, Role role, boolean mustChangePassword) {
  /// The workspace of everybody until there are more.
  public static final String DEFAULT_TENANT = "default";

  /// Whether the caller holds the permission.
  public boolean may(Permission permission) {
    return !mustChangePassword && role.permissions().contains(permission);
  }

  /// Whether the caller may send, read and stop in the name of this user.
  public boolean mayActFor(String otherUserId) {
    return !mustChangePassword && (userId.equals(otherUserId) || may(Permission.ACT_FOR_OTHERS));
  }

  /// Whether the caller may read what this user said and was told.
  public boolean maySee(String otherUserId) {
    return mayActFor(otherUserId) || may(Permission.SEE_CONVERSATIONS);
  }
}
