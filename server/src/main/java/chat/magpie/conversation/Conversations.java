package chat.magpie.conversation;

import chat.magpie.identity.Principal;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// The system of record of everything said. Whatever a call here returns has been committed.
///
/// Messages and events of a conversation are numbered densely from 1 in the order of their commits.
///
/// Ids that clients give may be any text: what cannot be an id is absent. Whoever names a user has
/// to be allowed to act for them, or, to read only, to see them, else `FORBIDDEN`. The limit of a
/// page is taken as 1 to 200.
public interface Conversations {
  /// The conversation if it exists and the caller may see it; the only way to one. Somebody else's
  /// is as absent as one that never was.
  Optional<Conversation> visibleTo(Principal caller, String conversationId);

  /// Commits a message with its turn, its reply and its events in one transaction.
  ///
  /// Errors: `FORBIDDEN` where the caller may not act for the user; `NOT_FOUND` for a character or
  /// conversation the user does not have; `CONVERSATION_ENDED`; `BUSY` under the policy `REJECT` or
  /// where too many wait; `IDEMPOTENCY_MISMATCH` where the client key came with another body
  /// before; `INVALID_FIELD` for text that cannot be kept, a user id over 128 or a client key over
  /// 255 characters, and a character that is not the conversation's.
  Posted post(Principal caller, NewMessage message);

  /// Commits how a reply ended, with its message and events, and claims the conversation's next
  /// queued reply for the same node. Empty where the epoch is not the current one any more: then
  /// the caller has lost the reply and must not touch its log. Where it has ended in this epoch
  /// already, with the same text, an earlier call's commit went through unnoticed: it is returned
  /// as it ended.
  Optional<Ended> end(Ending ending);

  /// Takes the reply with its next epoch for this node, if the epoch is still `epoch` and it is
  /// `QUEUED` or `RUNNING`.
  Optional<ReplyRecord> claim(String replyId, long epoch, String node);

  /// Every reply that is `RUNNING` and owned by this node or by none that is alive, or `QUEUED`
  /// with none before it that has not ended: what a restarted node has to go on with, oldest first.
  /// A node is alive while its lease in the table `node` runs, on the database's clock.
  List<ReplyRecord> unfinished(String node);

  /// Every `RUNNING` reply that has no owner that is alive, or that is owned by this node and was
  /// asked to stop; oldest first. Cheaper than [#unfinished], to be asked often.
  List<ReplyRecord> urgent(String node);

  /// Counts one more model call of a reply before it is made. False where the owner of this epoch
  /// has lost the reply: then the call must not be made.
  boolean countCall(String replyId, long epoch);

  /// Gives up what this node owns and has not ended, for any node to claim; how many replies.
  int release(String node);

  /// Those of the replies that have ended or are no more.
  Set<String> ended(Collection<String> replyIds);

  /// The tries at a reply that did not bring its end, oldest first; known once it has ended.
  List<Ending.Attempt> attempts(ReplyRecord reply);

  /// Notes that a reply shall stop; idempotent, and the first reason is kept. A queued one ends as
  /// `STOPPED` by it. The reply as it is now, or empty if there is none.
  Optional<ReplyRecord> requestStop(String replyId, String reason);

  /// The reply if it exists and the caller may see it.
  Optional<ReplyRecord> replyVisibleTo(Principal caller, String replyId);

  /// The user's newest reply that has not ended, or else the newest of all. `FORBIDDEN` where the
  /// caller may not act for the user.
  Optional<ReplyRecord> currentReply(Principal caller, String userId);

  /// All replies of the user that have not ended.
  List<ReplyRecord> unendedReplies(Principal caller, String userId);

  /// The stored answer of a reply that has one.
  Optional<Message> answer(ReplyRecord reply);

  /// The message a reply answers.
  Message question(ReplyRecord reply);

  /// The newest messages before `beforeSeq` (exclusive), at most `limit`, oldest first.
  List<Message> recent(String conversationId, long beforeSeq, int limit);

  /// Those of these messages that there are, in any order; at most 200.
  List<Message> at(String conversationId, Collection<Long> seqs);

  /// The ids of the replies to these turns, by turn id.
  Map<String, String> replyIds(Collection<String> turnIds);

  /// Messages from the oldest on, after the cursor of the page before. `BAD_CURSOR` for a cursor
  /// that no page of this list gave.
  Page<Message> messages(Conversation conversation, Optional<String> cursor, int limit);

  /// The conversations of a user, newest first.
  Page<Conversation> list(Principal caller, String userId, Optional<String> cursor, int limit);

  /// The conversation that a message of (user, character) without an id would go to.
  Optional<Conversation> current(Principal caller, String userId, String characterId);

  /// Ends the current conversation of (user, character), if there is one: the next message begins a
  /// new one. Replies that run in it are asked to stop, queued ones end as `STOPPED`; the ids of
  /// both are returned.
  List<String> endCurrent(Principal caller, String userId, String characterId);

  /// What happened in a conversation after `afterSeq` (exclusive), in order and without gaps.
  List<FeedEntry> feed(Conversation conversation, long afterSeq, int limit);

  /// How far the feeds of these conversations reach, by conversation id; those that do not exist
  /// are missing.
  Map<String, Long> feedSeqs(Collection<String> conversationIds);

  /// The conversation at the end of its feed, read at once; empty where there is none.
  Optional<FeedHead> feedHead(String conversationId);

  /// Notes in the feed that the caller has read the messages up to this one, and whether that was
  /// news: somebody who has been as far already changes nothing. For the user of the conversation
  /// and whoever answers it. `NOT_FOUND` for a conversation that the caller may not see,
  /// `FORBIDDEN` for one that it may see only, `INVALID_FIELD` for the seq of no message.
  boolean markRead(Principal caller, String conversationId, long messageSeq);

  /// The seq of the message up to which each has read, by reader; of those who read lately.
  Map<String, Long> readMarks(Conversation conversation);

  /// Tells this listener from now on how the feeds grow by commits of this node.
  void listen(FeedListener listener);

  /// Counts for the profile of a user: conversations, their messages of both sides, when the first
  /// began and when the last message came.
  UserCounts counts(String tenantId, String userId);

  /// How much a user has talked.
  record UserCounts(
      long conversations,
      long messages,
      Optional<java.time.Instant> firstAt,
      Optional<java.time.Instant> lastAt) {}
}
