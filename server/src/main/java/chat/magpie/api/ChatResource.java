package chat.magpie.api;

import chat.magpie.conversation.Conversation;
import chat.magpie.conversation.Posted;
import chat.magpie.conversation.ReplyRecord;
import chat.magpie.kernel.ErrorCode;
import chat.magpie.kernel.MagpieException;
import chat.magpie.kernel.WellFormed;
import chat.magpie.reply.Replies;
import chat.magpie.reply.Send;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/// Sending, stopping and forgetting. Reading the answer is [chat.magpie.live.ReplyStreams]'s
/// matter.
@Path("/")
@Tag(name = "chat")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
public class ChatResource {
  private static final int MAX_ID = 128;
  private static final int MAX_KEY = 255;

  private final Caller caller;
  private final Replies replies;

  @Inject
  public ChatResource(Caller caller, Replies replies) {
    this.caller = caller;
    this.replies = replies;
  }

  /// What `POST /chat` takes.
  public record ChatRequest(
      @Nullable String message,
      @Nullable String characterId,
      @Nullable String conversationId,
      @Nullable String userId,
      @Nullable String clientMsgId) {}

  /// What `POST /chat` gives: the message is stored, and its answer is read at `stream_url`.
  ///
  /// @param replyId null where a human answers, as is `stream_url`
  /// @param mode who answers: `bot`, `waiting` or `human`
  public record ChatAccepted(
      String userId,
      String conversationId,
      String turnId,
      String messageId,
      @Nullable String replyId,
      @Nullable String streamUrl,
      String mode) {
    static ChatAccepted of(Posted posted) {
      Conversation conversation = posted.conversation();
      Optional<String> replyId = posted.answer().map(ReplyRecord::id);
      return new ChatAccepted(
          conversation.userId(),
          conversation.id(),
          posted.message().turnId().orElseThrow(),
          posted.message().id(),
          replyId.orElse(null),
          posted.answer().map(ChatResource::streamAddress).orElse(null),
          conversation.mode().name().toLowerCase(Locale.ROOT));
    }
  }

  /// Where a reply is read.
  static String streamAddress(ReplyRecord reply) {
    String user = URLEncoder.encode(reply.userId(), StandardCharsets.UTF_8).replace("+", "%20");
    return "/chat/stream/" + user + "?reply_id=" + reply.id();
  }

  /// What `POST /chat/stop/{user_id}` gives: the replies that were being made or waited.
  public record Stopped(String userId, List<String> stopped) {}

  /// What `DELETE /api/v1/chat/history` gives.
  public record Forgotten(String message) {}

  @POST
  @Path("chat")
  @Consumes(MediaType.APPLICATION_JSON)
  @Operation(
      operationId = "sendMessage",
      summary = "Send a message; the answer is made in the background",
      description =
          "Returns once the message is stored. The same `Idempotency-Key` or `client_msg_id` again"
              + " is the same message: it is stored and answered once.")
  @APIResponse(
      responseCode = "202",
      description = "Stored",
      content = @Content(schema = @Schema(implementation = ChatAccepted.class)))
  public Response send(
      ChatRequest request, @HeaderParam("Idempotency-Key") @Nullable String idempotencyKey) {
    String text = request.message();
    if (text == null) {
      throw new MagpieException(ErrorCode.INVALID_FIELD, "message: is needed");
    }
    Posted posted =
        replies.send(
            caller.principal(),
            new Send(
                id("user_id", request.userId(), MAX_ID),
                id("character_id", request.characterId(), MAX_ID),
                id("conversation_id", request.conversationId(), MAX_ID),
                WellFormed.requireFilled("message", text, Integer.MAX_VALUE),
                clientKey(request.clientMsgId(), idempotencyKey)));
    return Response.accepted(ChatAccepted.of(posted)).build();
  }

  private static Optional<String> id(String field, @Nullable String value, int max) {
    return Optional.ofNullable(value).map(v -> WellFormed.requireFilled(field, v, max));
  }

  private static Optional<String> clientKey(
      @Nullable String clientMsgId, @Nullable String idempotencyKey) {
    return id("Idempotency-Key", idempotencyKey, MAX_KEY)
        .or(() -> id("client_msg_id", clientMsgId, MAX_KEY));
  }

  @POST
  @Path("chat/stop/{user_id}")
  @Operation(
      operationId = "stopReplies",
      summary = "Stop what is being answered for a user",
      description =
          "What was said until then is kept and marked as stopped. Calling it again, or when nothing"
              + " is being answered, changes nothing.")
  @APIResponse(
      responseCode = "200",
      description = "What was stopped",
      content = @Content(schema = @Schema(implementation = Stopped.class)))
  public Stopped stop(@PathParam("user_id") String userId) {
    List<ReplyRecord> stopped =
        replies.stop(caller.principal(), WellFormed.requireFilled("user_id", userId, MAX_ID));
    return new Stopped(userId, stopped.stream().map(ReplyRecord::id).toList());
  }

  @DELETE
  @Path("api/v1/chat/history")
  @Operation(
      operationId = "clearHistory",
      summary = "Forget the conversation with a character",
      description =
          "The short-term memory is cleared and the next message begins a new conversation.")
  @APIResponse(
      responseCode = "200",
      description = "Forgotten",
      content = @Content(schema = @Schema(implementation = Forgotten.class)))
  public Forgotten forget(@QueryParam("character_id") @Nullable String characterId) {
    if (characterId == null) {
      throw new MagpieException(ErrorCode.INVALID_FIELD, "character_id: is needed");
    }
    String userId = caller.principal().userId();
    String character = WellFormed.requireFilled("character_id", characterId, MAX_ID);
    if (!replies.forget(caller.principal(), userId, character)) {
      throw new MagpieException(ErrorCode.INTERNAL, "清空历史失败");
    }
    return new Forgotten("历史已清空");
  }
}
