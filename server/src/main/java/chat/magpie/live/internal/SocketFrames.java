package chat.magpie.live.internal;

import chat.magpie.knowledge.ImportJob;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Frames that only WebSockets have: they are about the socket, or not kept.
final class SocketFrames {
  private SocketFrames() {}

  /// The socket is open for the caller.
  ///
  /// @param sessionId the session that it follows; absent on the desk's
  /// @param heartbeatMs how often the server sends a ping at least
  /// @param maxFrameBytes what a frame of the client may have
  record Welcome(
      String type,
      String userId,
      String role,
      @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String sessionId,
      long heartbeatMs,
      int maxFrameBytes) {
    Welcome(
        String userId,
        String role,
        @Nullable String sessionId,
        long heartbeatMs,
        int maxFrameBytes) {
      this("welcome", userId, role, sessionId, heartbeatMs, maxFrameBytes);
    }
  }

  /// What was sent is stored.
  ///
  /// @param replyId the reply that is made to it; null where a human answers
  /// @param mode who answers: `bot`, `waiting` or `human`
  record Ack(
      String type,
      String clientMsgId,
      String conversationId,
      String messageId,
      long seq,
      @Nullable String replyId,
      String mode) {
    Ack(
        String clientMsgId,
        String conversationId,
        String messageId,
        long seq,
        @Nullable String replyId,
        String mode) {
      this("ack", clientMsgId, conversationId, messageId, seq, replyId, mode);
    }
  }

  /// The sign of life that was asked for.
  record Pong(String type, @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String id) {
    Pong(@Nullable String id) {
      this("pong", id);
    }
  }

  /// Somebody types, or has stopped.
  record TypingFrame(
      String type, String conversationId, String userId, String role, boolean active) {
    static final String TYPE = "typing";

    TypingFrame(String conversationId, String userId, String role, boolean active) {
      this(TYPE, conversationId, userId, role, active);
    }
  }

  /// Somebody is connected, or is no more.
  record PresenceFrame(
      String type, String conversationId, String userId, String role, boolean online) {
    static final String TYPE = "presence";

    PresenceFrame(String conversationId, String userId, String role, boolean online) {
      this(TYPE, conversationId, userId, role, online);
    }
  }

  /// A conversation is followed; its stream comes behind this frame.
  record Subscribed(String type, String conversationId) {
    Subscribed(String conversationId) {
      this("subscribed", conversationId);
    }
  }

  /// It is followed no more.
  record Unsubscribed(String type, String conversationId) {
    Unsubscribed(String conversationId) {
      this("unsubscribed", conversationId);
    }
  }

  /// The conversations of the tenant that wait for a human, the next one first.
  record Queue(String type, List<Frames.ConversationFrame> items) {
    Queue(List<Frames.ConversationFrame> items) {
      this("queue", items);
    }
  }

  /// A step of an import into the knowledge base.
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Progress(
      String type,
      String id,
      String documentId,
      String origin,
      String status,
      String stage,
      long done,
      long total,
      @Nullable String failure,
      @Nullable Long version) {
    static Progress of(ImportJob job) {
      return new Progress(
          "knowledge.progress",
          job.id(),
          job.documentId(),
          job.origin(),
          Frames.word(job.status()),
          Frames.word(job.stage()),
          job.done(),
          job.total(),
          job.failure().orElse(null),
          job.version().orElse(null));
    }
  }
}
