package chat.magpie.memory;

import java.util.Collection;
import java.util.List;

/// Keeps, for each conversation, what can stand for the messages that have left the window. Nothing
/// of it is a source: all of it can be made again from the messages that are stored.
///
/// Sentences are picked without a model; where one is there and allowed to, it sums up what has
/// left the window, in the background. Safe for many threads.
public interface Digests extends AutoCloseable {
  /// What can stand for the messages before this one. The first call for a conversation reads all
  /// of it; later ones what is new.
  Earlier of(String tenantId, String conversationId, long beforeSeq);

  /// Takes notice, in the background, that the conversation reaches this message now.
  void grew(String tenantId, String conversationId, long seq);

  /// Forgets all that is kept of the conversations; what is being made of them on any node is never
  /// stored.
  void forget(Collection<String> conversationIds);

  /// The same of one.
  default void forget(String conversationId) {
    forget(List.of(conversationId));
  }

  @Override
  void close();
}
