package chat.magpie.conversation;

/// Hears that a feed has grown, soon after the commit and on the thread that committed: it must
/// neither block nor throw. What is heard is a hint: several growths may be told in any order, and
/// one that another node committed, or that a crash cut off, is not told at all. The feed itself is
/// what counts.
@FunctionalInterface
public interface FeedListener {
  /// The feed of the conversation has grown.
  ///
  /// @param seq how far the feed reaches at least
  void grew(String tenantId, String conversationId, long seq);

  /// The conversation has been deleted: it and its feed are gone.
  default void deleted(String tenantId, String conversationId) {}
}
