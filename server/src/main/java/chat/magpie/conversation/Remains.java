package chat.magpie.conversation;

import java.util.List;

/// Erases what others keep of a conversation that has been deleted.
///
/// It is called before the rows that name these replies go, again where that failed or broke off,
/// and once more some time later for what was under way on another node. It may be asked for the
/// same thing any number of times; where it throws, it is asked again.
@FunctionalInterface
public interface Remains {
  /// Erases all that is kept of the conversation and of these of its replies. The last call of a
  /// round has no replies.
  void erase(Deleted deleted, List<ReplyRecord> replies);

  /// A conversation that is gone.
  record Deleted(
      String tenantId,
      String conversationId,
      String userId,
      String characterId,
      boolean ownMemory) {}
}
