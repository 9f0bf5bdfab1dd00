package chat.magpie.conversation.internal;

import chat.magpie.conversation.Conversation;
import chat.magpie.conversation.Message;
import chat.magpie.conversation.ReplyRecord;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What happened in a conversation, as its feed keeps it. The fields of a kind are the payload.
sealed interface FeedEvent {
  /// The column `type`.
  String type();

  /// A message was stored; `replyId` is null where no character answers or has answered.
  record MessageCreated(String messageId, long seq, String role, @Nullable String replyId)
      implements FeedEvent {
    static MessageCreated of(Message message, @Nullable String replyId) {
      return new MessageCreated(
          message.id(), message.seq(), message.role().name().toLowerCase(Locale.ROOT), replyId);
    }

    @Override
    public String type() {
      return "message.created";
    }
  }

  /// The text of a message was erased; the message keeps its place.
  record MessageErased(String messageId, long seq) implements FeedEvent {
    @Override
    public String type() {
      return "message.erased";
    }
  }

  /// A node has begun to generate a reply.
  record ReplyStarted(String replyId) implements FeedEvent {
    @Override
    public String type() {
      return "reply.started";
    }
  }

  /// A reply has ended; `messageId` is null where no answer was stored.
  record ReplyEnded(String replyId, String status, @Nullable String messageId)
      implements FeedEvent {
    static ReplyEnded of(ReplyRecord reply) {
      return new ReplyEnded(
          reply.id(),
          reply.status().name().toLowerCase(Locale.ROOT),
          reply.messageId().orElse(null));
    }

    static ReplyEnded stopped(String replyId) {
      return new ReplyEnded(replyId, "stopped", null);
    }

    @Override
    public String type() {
      return "reply.ended";
    }
  }

  /// Another character answers from now on: the one before it has transferred the conversation.
  ///
  /// @param replyId the reply in which that happened
  record CharacterChanged(String characterId, String formerId, String replyId)
      implements FeedEvent {
    @Override
    public String type() {
      return "character.changed";
    }
  }

  /// Who answers has changed, or another human does. After the change to `human` no reply of the
  /// character follows, nor any part of one.
  ///
  /// @param by who did it; null for the server itself
  /// @param handling what the desk has to know from here on; for the desk only
  record ModeChanged(
      String mode,
      @Nullable String assigneeId,
      @Nullable String reason,
      @Nullable String by,
      Handling handling)
      implements FeedEvent {
    static ModeChanged waiting(String reason, @Nullable String by, Handling handling) {
      return new ModeChanged("waiting", null, reason, by, handling);
    }

    static ModeChanged human(String assigneeId, @Nullable String by, Conversation.Handling before) {
      return new ModeChanged("human", assigneeId, null, by, Handling.settled(before));
    }

    static ModeChanged bot(@Nullable String by, Conversation.Handling before) {
      return new ModeChanged("bot", null, null, by, Handling.settled(before));
    }

    @Override
    public String type() {
      return "mode.changed";
    }
  }

  /// What the desk has to know about a conversation.
  record Handling(
      int priority,
      @Nullable String waitingSince,
      @Nullable String reason,
      @Nullable String skill) {
    /// In the queue since then.
    static Handling waiting(int priority, long since, String reason, @Nullable String skill) {
      return new Handling(priority, Instant.ofEpochMilli(since).toString(), reason, skill);
    }

    /// The same out of the queue.
    static Handling settled(Conversation.Handling before) {
      return new Handling(
          before.priority(),
          null,
          before.reason().map(reason -> reason.name().toLowerCase(Locale.ROOT)).orElse(null),
          before.skill().orElse(null));
    }
  }

  /// The desk says how urgent the conversation is.
  record PriorityChanged(int priority, String by) implements FeedEvent {
    @Override
    public String type() {
      return "desk.priority.changed";
    }
  }

  /// The desk notes something that the customer never sees.
  record NoteAdded(String noteId, String authorId, String text) implements FeedEvent {
    @Override
    public String type() {
      return "desk.note.added";
    }
  }

  /// A target of the desk was missed.
  ///
  /// @param target `first_response` or `resolution`
  /// @param dueAt until when it was to be met
  record TargetMissed(String target, String dueAt) implements FeedEvent {
    @Override
    public String type() {
      return "desk.sla.breached";
    }
  }

  /// Somebody has read the messages up to this one.
  record ReceiptRead(String readerId, String role, long seq) implements FeedEvent {
    @Override
    public String type() {
      return "receipt.read";
    }
  }

  /// The conversation began.
  record ConversationCreated(String conversationId, String userId, String characterId)
      implements FeedEvent {
    @Override
    public String type() {
      return "conversation.created";
    }
  }

  /// What people add to the conversation, or its status, changed: the fields that did, with their
  /// new values. A title that was taken away is empty.
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record ConversationUpdated(
      String conversationId,
      @Nullable String status,
      @Nullable String title,
      @Nullable Boolean archived,
      @Nullable List<String> tags,
      @Nullable Map<String, Object> metadata)
      implements FeedEvent {
    static ConversationUpdated of(String conversationId, Conversation.Status status) {
      return new ConversationUpdated(
          conversationId, status.name().toLowerCase(Locale.ROOT), null, null, null, null);
    }

    @Override
    public String type() {
      return "conversation.updated";
    }
  }

  /// The conversation ended because nobody had said anything for long enough.
  record ConversationExpired(String conversationId) implements FeedEvent {
    @Override
    public String type() {
      return "conversation.expired";
    }
  }

  /// The customer rates the conversation, from 1 to 5; the newest rating counts.
  record ConversationRated(String ratingId, int stars, String by) implements FeedEvent {
    @Override
    public String type() {
      return "conversation.rated";
    }
  }

  /// The conversation ended.
  record ConversationEnded(String conversationId) implements FeedEvent {
    @Override
    public String type() {
      return "conversation.ended";
    }
  }
}
