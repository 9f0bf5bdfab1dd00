package chat.magpie.api;

import chat.magpie.api.ConversationViews.ConversationView;
import chat.magpie.api.ConversationViews.HandoverView;
import chat.magpie.api.ConversationViews.Items;
import chat.magpie.api.ConversationViews.MessageView;
import chat.magpie.conversation.Conversation;
import chat.magpie.conversation.Conversations;
import chat.magpie.conversation.HandoverReason;
import chat.magpie.conversation.Message;
import chat.magpie.conversation.Modes;
import chat.magpie.conversation.Page;
import chat.magpie.handover.Desks;
import chat.magpie.identity.Principal;
import chat.magpie.kernel.ErrorCode;
import chat.magpie.kernel.MagpieException;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/// Reads what was said.
@Path("/conversations")
@Tag(name = "conversations", description = "What was said, and how answers came to be")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
public class ConversationsResource {
  private static final String MAX_LIMIT = "200";

  private final Conversations conversations;
  private final Modes modes;
  private final Desks desks;
  private final Caller caller;

  @Inject
  ConversationsResource(Conversations conversations, Modes modes, Desks desks, Caller caller) {
    this.conversations = conversations;
    this.modes = modes;
    this.desks = desks;
    this.caller = caller;
  }

  @GET
  @Operation(summary = "A user's conversations, newest first")
  public Items<ConversationView> list(
      @QueryParam("user_id") @Nullable String userId,
      @QueryParam("cursor") @Nullable String cursor,
      @Parameter(schema = @Schema(implementation = int.class, minimum = "1", maximum = MAX_LIMIT))
          @QueryParam("limit")
          @DefaultValue("50")
          int limit) {
    checkLimit(limit);
    String whose = userId == null ? caller.principal().userId() : userId;
    return Items.of(
        conversations.list(caller.principal(), whose, Optional.ofNullable(cursor), limit),
        ConversationView::of);
  }

  @GET
  @Path("/{id}")
  @Operation(summary = "A conversation")
  public ConversationView get(@PathParam("id") String id) {
    return ConversationView.of(visible(id));
  }

  @GET
  @Path("/{id}/messages")
  @Operation(
      summary = "A conversation's messages, oldest first",
      description =
          "From the first on; with `before_seq`, the last ones before that one, which is how to read"
              + " a long conversation from its end.")
  public Items<MessageView> messages(
      @PathParam("id") String id,
      @QueryParam("cursor") @Nullable String cursor,
      @Parameter(schema = @Schema(implementation = long.class, minimum = "1"))
          @QueryParam("before_seq")
          @Nullable Long beforeSeq,
      @Parameter(schema = @Schema(implementation = int.class, minimum = "1", maximum = MAX_LIMIT))
          @QueryParam("limit")
          @DefaultValue("50")
          int limit) {
    checkLimit(limit);
    if (beforeSeq != null) {
      Fields.within("before_seq", beforeSeq, 1, Long.MAX_VALUE);
    }
    Conversation conversation = visible(id);
    if (beforeSeq == null) {
      return views(conversations.messages(conversation, Optional.ofNullable(cursor), limit));
    }
    if (cursor != null) {
      throw new MagpieException(
          ErrorCode.INVALID_FIELD, "before_seq and cursor exclude each other");
    }
    List<Message> recent = conversations.recent(conversation.id(), beforeSeq, limit);
    return views(new Page<>(recent, Optional.empty()));
  }

  @POST
  @Path("/{id}/handover")
  @Operation(
      summary = "Ask for a human",
      description =
          "The conversation waits in the queue of the desk; its character goes on answering until"
              + " somebody takes it. Asking again changes nothing.")
  public ConversationView ask(@PathParam("id") String id) {
    Principal principal = caller.principal();
    boolean own = principal.mayActFor(visible(id).userId());
    HandoverReason reason = own ? HandoverReason.CUSTOMER : HandoverReason.DESK;
    return ConversationView.of(
        modes.ask(principal, id, new Modes.Call(reason, 0, Optional.empty())));
  }

  @GET
  @Path("/{id}/handover")
  @Operation(
      summary = "Where a conversation stands in the queue",
      description =
          "The estimate is the median of how long the last 20 that were taken within a day had waited,"
              + " less what this one has; null with fewer than 3 of them.")
  public HandoverView handover(@PathParam("id") String id) {
    return HandoverView.of(desks.place(visible(id)));
  }

  @DELETE
  @Path("/{id}/handover")
  @Operation(summary = "Leave the queue; the character answers alone again")
  public ConversationView leaveQueue(@PathParam("id") String id) {
    return ConversationView.of(modes.leaveQueue(caller.principal(), id));
  }

  private Items<MessageView> views(Page<Message> page) {
    List<String> turns =
        page.items().stream().flatMap(message -> message.turnId().stream()).distinct().toList();
    Map<String, String> replies = conversations.replyIds(turns);
    return Items.of(
        page, message -> MessageView.of(message, message.turnId().map(replies::get).orElse(null)));
  }

  private static void checkLimit(int limit) {
    Fields.within("limit", limit, 1, Integer.parseInt(MAX_LIMIT));
  }

  private Conversation visible(String id) {
    return conversations
        .visibleTo(caller.principal(), id)
        .orElseThrow(() -> new MagpieException(ErrorCode.NOT_FOUND, ErrorCode.NOT_FOUND.english()));
  }
}
