package chat.magpie.reply;

import chat.magpie.conversation.Conversation;
import chat.magpie.conversation.Posted;
import chat.magpie.conversation.ReplyRecord;
import chat.magpie.identity.Principal;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// Turns messages into answers. A reply goes on whether or not anybody reads it.
public interface Replies {
  /// Commits the message and starts its reply. Besides the errors of
  /// [chat.magpie.conversation.Conversations#post]: `INVALID_FIELD` for a text that is empty or too
  /// long, `OVERLOADED` where too many replies wait already.
  Posted send(Principal caller, Send send);

  /// Stops what is being answered for the user, now or in the queue, and returns it; what was said
  /// until then is kept. Stopping what has ended already does nothing.
  List<ReplyRecord> stop(Principal caller, String userId);

  /// Waits until the reply has ended, at most so long; the reply as it is then. Empty where the
  /// caller may not see it, or it has been deleted.
  Optional<ReplyRecord> await(Principal caller, ReplyRecord reply, Duration patience);

  /// Ends a conversation and stops what runs in it; as [chat.magpie.conversation.Sessions#end].
  void end(Principal caller, String conversationId);

  /// Ends the current conversation of (user, character), stops what runs in it and forgets the
  /// short-term memory; of what was said so far nothing is recalled any more. False where the
  /// short-term memory could not be cleared.
  boolean forget(Principal caller, String userId, String characterId);

  /// Lets this agent answer in the conversation, as [chat.magpie.conversation.Modes#take], and sees
  /// to it that a reply that is being made ends now, on whichever node: at the return the mode is
  /// `HUMAN` and nothing of a reply follows. Only where neither the owner nor the database answers
  /// in time is it still to come.
  Conversation take(Principal caller, String conversationId, String agentId);
}
