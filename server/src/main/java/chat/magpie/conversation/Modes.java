package chat.magpie.conversation;

import chat.magpie.identity.Principal;
import java.util.List;
import java.util.Optional;

/// Who answers in a conversation, and how that changes. Whatever a call here returns has been
/// committed, with its events.
///
/// No two move a conversation at once, and a move that finds the conversation where it should lead
/// changes nothing: repeating one is safe. Errors of all moves: `NOT_FOUND` for a conversation that
/// the caller may not see, `CONVERSATION_ENDED`, `FORBIDDEN` where the caller may see it only,
/// `CONFLICT` where somebody else answers by now.
public interface Modes {
  /// Puts the conversation into the queue. Its character goes on answering until a human comes. For
  /// the user of the conversation, the desk, and services. Where a human answers or it waits
  /// already, nothing changes.
  Conversation ask(Principal caller, String conversationId, Call call);

  /// As [#ask], for the server itself.
  Conversation call(String tenantId, String conversationId, Call call);

  /// Takes the conversation out of the queue; its character answers alone again. For the user of
  /// the conversation and those who may supervise.
  Conversation leaveQueue(Principal caller, String conversationId);

  /// Lets this agent answer from now on: `HUMAN` at once, or, while a reply is being made, as soon
  /// as that has ended; it is asked to stop with the reason `taken_over`. Whoever may answer takes
  /// for themselves; who may supervise, for others, and from others.
  Move take(Principal caller, String conversationId, String agentId);

  /// Lets the character answer again. For the assignee and those who may supervise.
  Conversation handBack(Principal caller, String conversationId);

  /// Puts a conversation that a human answers back into the queue. For the assignee and those who
  /// may supervise.
  Conversation requeue(Principal caller, String conversationId, Call call);

  /// How urgent it is; from -10 to 10. For those who may answer.
  Conversation prioritise(Principal caller, String conversationId, int priority);

  /// What a human says to the customer. For the assignee while the mode is `HUMAN`.
  ///
  /// Errors besides: `INVALID_FIELD` for a text that is empty or cannot be kept,
  /// `IDEMPOTENCY_MISMATCH` where the client key came with another text before.
  Message say(Principal caller, String conversationId, Speech speech);

  /// Notes something for the desk alone. For those who may answer; also after the conversation has
  /// ended.
  FeedEntry note(Principal caller, String conversationId, String text);

  /// The conversations of the caller's tenant that wait, first the one to be taken next.
  List<Conversation> queue(Principal caller, int limit);

  /// The conversations that this agent answers, longest first.
  List<Conversation> assigned(Principal caller, String agentId, int limit);

  /// How many wait before this one; empty where it does not wait.
  Optional<Integer> ahead(Conversation conversation);

  /// What a human is asked for.
  ///
  /// @param priority the priority at least; one that is greater already stays
  /// @param skill what whoever takes it has to be able to do; of at most 64 characters
  record Call(HandoverReason reason, int priority, Optional<String> skill) {}

  /// What a human says.
  ///
  /// @param tokenCount tokens of the text
  /// @param clientKey makes it idempotent, as for [NewMessage]
  record Speech(String text, int tokenCount, Optional<String> clientKey) {}

  /// What taking a conversation led to.
  ///
  /// @param ending the reply that has to end first, if there is one
  record Move(Conversation conversation, Optional<ReplyRecord> ending) {}
}
