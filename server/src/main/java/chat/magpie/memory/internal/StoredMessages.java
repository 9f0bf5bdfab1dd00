package chat.magpie.memory.internal;

import chat.magpie.conversation.Message;
import java.util.Collection;
import java.util.List;

/// The messages of conversations as they are stored. Both calls throw as the database does.
public interface StoredMessages {
  /// The newest messages before this one (exclusive), at most so many, oldest first.
  List<Message> before(String conversationId, long seq, int limit);

  /// Those of these messages that there are, in any order.
  List<Message> at(String conversationId, Collection<Long> seqs);
}
