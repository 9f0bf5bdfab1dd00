package chat.magpie.identity;

import java.util.EnumSet;
import java.util.Set;

/// What a principal is.
public enum Role {
  GUEST(Set.of()),
  CUSTOMER(Set.of()),
  AGENT(Set.of(Permission.SEE_CONVERSATIONS, Permission.ANSWER, Permission.MANAGE_CONTACTS)),
  SUPERVISOR(
      Set.of(
          Permission.SEE_CONVERSATIONS,
          Permission.ANSWER,
          Permission.SUPERVISE,
          Permission.MANAGE_CONTACTS,
          Permission.SEE_STATISTICS,
          Permission.MANAGE_KNOWLEDGE,
          Permission.MANAGE_SETTINGS)),
  ADMIN(EnumSet.allOf(Permission.class)),
  SERVICE(Set.of(Permission.ACT_FOR_OTHERS));

  @SuppressWarnings("ImmutableEnumChecker") // Set.copyOf cannot be changed
  private final Set<Permission> permissions;

  Role(Set<Permission> permissions) {
    this.permissions = Set.copyOf(permissions);
  }

  /// What whoever has this role may do, unless its tenant says otherwise.
  public Set<Permission> permissions() {
    return permissions;
  }
}
