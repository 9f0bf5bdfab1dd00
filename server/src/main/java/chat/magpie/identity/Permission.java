package chat.magpie.identity;

/// What a principal may do beyond acting for itself. Checked by [Principal#may] alone; which role
/// holds which to begin with is written down in [Role].
public enum Permission {
  /// Send, read and stop in the name of any user of the tenant. What people say in the name of
  /// others is in the audit log.
  ACT_FOR_OTHERS,
  /// Read all conversations of the tenant, their replies as they are made, and what the desk says
  /// about them.
  SEE_CONVERSATIONS,
  /// Take conversations over and answer customers; title and tag sessions, ask a human for them;
  /// for those that one answers: give them back or up, say how urgent they are.
  ANSWER,
  /// The same with conversations of others, and of nobody: assign, transfer, say how urgent they
  /// are. Change all of a session, end and delete it; take it out of the queue; delete contacts and
  /// the notes of others.
  SUPERVISE,
  /// Read contacts, and write what the desk knows about them; not delete them.
  MANAGE_CONTACTS,
  /// Read statistics, ratings and quality assessments.
  SEE_STATISTICS,
  /// Create, change and delete characters.
  MANAGE_CHARACTERS,
  /// Create and revoke service API keys.
  MANAGE_KEYS,
  /// Create, change and disable accounts, and say what a role may do.
  MANAGE_ACCOUNTS,
  /// Create tenants and enter them.
  MANAGE_TENANTS,
  /// Read, add, change and delete documents of the knowledge base, and see what was asked in vain.
  MANAGE_KNOWLEDGE,
  /// Change the settings of the tenant: canned replies, hours, routing, retention.
  MANAGE_SETTINGS,
  /// Read the audit log.
  SEE_AUDIT,
  /// See component details of the health routes, and what is in the knowledge base.
  SEE_OPERATIONS
}
