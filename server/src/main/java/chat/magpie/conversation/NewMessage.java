package chat.magpie.conversation;

import java.util.Optional;

/// What somebody wants to say.
///
/// @param userId in whose name
/// @param characterId to whom; the conversation's own where a conversation is named
/// @param conversationId the conversation; the current one of (user, character) if absent
/// @param text the message
/// @param tokenCount tokens of the text
/// @param clientKey makes the send idempotent: the same key of the same user is the same turn
/// @param node the node that will generate the reply
/// @param policy what to do while an earlier message is still being answered
/// @param maxQueued how many replies of the conversation may wait; with more, the message is
///   refused
public record NewMessage(
    String userId,
    Optional<String> characterId,
    Optional<String> conversationId,
    String text,
    int tokenCount,
    Optional<String> clientKey,
    String node,
    BusyPolicy policy,
    int maxQueued) {

  /// What happens to a message that arrives while an earlier one is being answered: its reply waits
  /// for the earlier one; it is refused; or the earlier reply is stopped.
  public enum BusyPolicy {
    QUEUE,
    REJECT,
    INTERRUPT
  }
}
