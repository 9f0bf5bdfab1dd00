package chat.magpie.api;

import chat.magpie.api.ConversationViews.ReplyView;
import chat.magpie.conversation.Conversations;
import chat.magpie.conversation.ReplyRecord;
import chat.magpie.kernel.ErrorCode;
import chat.magpie.kernel.MagpieException;
import chat.magpie.memory.ContextReceipt;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/// Reads how an answer came to be.
@Path("/replies/{id}")
@Tag(name = "conversations", description = "What was said, and how answers came to be")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
public class RepliesResource {
  private final Conversations conversations;
  private final Caller caller;

  @Inject
  RepliesResource(Conversations conversations, Caller caller) {
    this.conversations = conversations;
    this.caller = caller;
  }

  @GET
  @Operation(summary = "A reply: its state, answer, usage and citations")
  public ReplyView get(@PathParam("id") String id) {
    ReplyRecord reply = visible(id);
    return ReplyView.of(reply, conversations.answer(reply), conversations.attempts(reply));
  }

  @GET
  @Path("/context")
  @Produces(MediaType.APPLICATION_JSON)
  @Operation(summary = "What the prompt was made of; 404 until the reply has ended")
  @APIResponse(
      responseCode = "200",
      description = "The context receipt",
      content = @Content(schema = @Schema(implementation = ContextReceipt.class)))
  public String context(@PathParam("id") String id) {
    String receipt = visible(id).receipt();
    if (receipt == null) {
      throw notFound();
    }
    return receipt; // stored as the JSON it is served as
  }

  private ReplyRecord visible(String id) {
    return conversations
        .replyVisibleTo(caller.principal(), id)
        .orElseThrow(RepliesResource::notFound);
  }

  private static MagpieException notFound() {
    return new MagpieException(ErrorCode.NOT_FOUND, ErrorCode.NOT_FOUND.english());
  }
}
