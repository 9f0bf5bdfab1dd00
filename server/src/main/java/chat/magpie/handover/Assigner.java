package chat.magpie.handover;

import chat.magpie.conversation.Desk;

/// Gives conversations to agents in such a way that nothing of a reply follows.
@FunctionalInterface
public interface Assigner {
  /// As [Desk#assign], and a reply that is being made is stopped at once, on whichever node. Does
  /// not wait for its end. False where the conversation was not assigned.
  boolean assign(
      String tenantId, String conversationId, String agentId, Desk.Load seen, int atMost);
}
