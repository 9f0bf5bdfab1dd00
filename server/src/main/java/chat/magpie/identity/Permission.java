package chat.magpie.identity;

/// What a principal may do beyond acting for itself. Which role holds which is decided in
/// [Principal#may] alone.
public enum Permission {
  /// Send, read and stop in the name of any user of the tenant.
  ACT_FOR_OTHERS,
  /// Create, change and delete characters.
  MANAGE_CHARACTERS,
  /// Create and revoke service API keys.
  MANAGE_KEYS,
  /// See component details of the health routes and `/status`.
  SEE_OPERATIONS
}
