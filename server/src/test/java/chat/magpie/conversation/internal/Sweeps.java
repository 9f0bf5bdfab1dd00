package chat.magpie.conversation.internal;

/// Lets tests say when sessions are looked after.
public final class Sweeps {
  private Sweeps() {}

  /// Does what is due now; true where it was its turn.
  public static boolean sweep(SqlSessions sessions) {
    return sessions.sweep();
  }
}
