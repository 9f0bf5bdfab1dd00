package chat.magpie.identity;

/// What a principal is.
public enum Role {
  GUEST,
  CUSTOMER,
  AGENT,
  SUPERVISOR,
  ADMIN,
  SERVICE
}
