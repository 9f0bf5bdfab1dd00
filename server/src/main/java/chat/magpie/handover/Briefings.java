package chat.magpie.handover;

import chat.magpie.identity.Principal;

/// Tells humans what they have to know when they take a conversation.
public interface Briefings {
  /// The briefing on a conversation as it is now; for those who may answer, else `FORBIDDEN`, and
  /// `NOT_FOUND` for a conversation that the caller may not see. Never waits for a model.
  Briefing of(Principal caller, String conversationId);
}
