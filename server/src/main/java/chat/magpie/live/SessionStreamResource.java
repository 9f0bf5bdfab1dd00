package chat.magpie.live;

import chat.magpie.conversation.Conversation;
import chat.magpie.conversation.Conversations;
import chat.magpie.conversation.Posted;
import chat.magpie.identity.Credentials;
import chat.magpie.identity.Principal;
import chat.magpie.kernel.ErrorCode;
import chat.magpie.kernel.MagpieException;
import chat.magpie.kernel.WellFormed;
import chat.magpie.reply.Replies;
import chat.magpie.reply.Send;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.core.http.impl.HttpServerRequestInternal;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.container.AsyncResponse;
import jakarta.ws.rs.container.Suspended;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/// Sends in a session and streams the answer in the same response, which [ReplyStreams] writes.
@Path("/")
@Tag(name = "sessions")
@RunOnVirtualThread
public class SessionStreamResource {
  private final Credentials credentials;
  private final Conversations conversations;
  private final Replies replies;
  private final ReplyStreams streams;

  @Inject
  SessionStreamResource(
      Credentials credentials, Conversations conversations, Replies replies, ReplyStreams streams) {
    this.credentials = credentials;
    this.conversations = conversations;
    this.replies = replies;
    this.streams = streams;
  }

  /// What `POST /chat/message/stream` takes.
  public record StreamedMessage(
      @Schema(required = true) @Nullable String sessionId,
      @Schema(required = true) @Nullable String message,
      @Schema(maxLength = 255) @Nullable String clientMsgId) {}

  @POST
  @Path("chat/message/stream")
  @Consumes(MediaType.APPLICATION_JSON)
  @Produces(MediaType.SERVER_SENT_EVENTS)
  @Operation(
      operationId = "sendAndStream",
      summary = "Send a message in a session and read the answer as it is made",
      description =
          "The events of `GET /chat/stream/{user_id}`. A repeated send with the same"
              + " `Idempotency-Key` or `client_msg_id` reads the same answer, from behind"
              + " `Last-Event-ID` where it is given.")
  @APIResponse(
      responseCode = "200",
      description = "The events until the reply has ended",
      content =
          @Content(
              mediaType = MediaType.SERVER_SENT_EVENTS,
              schema = @Schema(type = SchemaType.STRING)))
  @APIResponse(
      responseCode = "204",
      description = "The reader has everything already, or a human answers")
  public void stream(
      StreamedMessage message,
      @HeaderParam("Idempotency-Key") @Nullable String idempotencyKey,
      @HeaderParam("Last-Event-ID") @Nullable String lastEventId,
      @HeaderParam(HttpHeaders.AUTHORIZATION) @Nullable String authorization,
      @Suspended AsyncResponse pending,
      @Context RoutingContext request) {
    Principal principal = credentials.authenticate(authorization);
    Optional<Cursor> cursor =
        Optional.ofNullable(lastEventId).filter(id -> !id.isEmpty()).map(Cursor::parse);
    String text =
        WellFormed.requireFilled(
            "message", required("message", message.message()), Integer.MAX_VALUE);
    Conversation conversation =
        conversations
            .visibleTo(principal, required("session_id", message.sessionId()))
            .orElseThrow(
                () -> new MagpieException(ErrorCode.NOT_FOUND, ErrorCode.NOT_FOUND.english()));
    Posted posted =
        replies.send(
            principal,
            new Send(
                Optional.of(conversation.userId()),
                Optional.empty(),
                Optional.of(conversation.id()),
                text,
                key("Idempotency-Key", idempotencyKey)
                    .or(() -> key("client_msg_id", message.clientMsgId()))));
    posted
        .answer()
        .ifPresentOrElse(
            reply ->
                streams.serve(
                    request,
                    ((HttpServerRequestInternal) request.request()).context(),
                    principal,
                    reply,
                    cursor,
                    ReplyStreams.Format.OWN),
            () -> pending.resume(Response.noContent().build()));
  }

  private static Optional<String> key(String field, @Nullable String value) {
    return Optional.ofNullable(value).map(key -> WellFormed.requireFilled(field, key, 255));
  }

  private static String required(String field, @Nullable String value) {
    if (value == null) {
      throw new MagpieException(ErrorCode.INVALID_FIELD, field + ": is needed");
    }
    return value;
  }
}
