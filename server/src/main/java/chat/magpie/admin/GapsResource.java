package chat.magpie.admin;

import chat.magpie.admin.KnowledgeViews.DocumentView;
import chat.magpie.api.Caller;
import chat.magpie.api.Fields;
import chat.magpie.api.Needs;
import chat.magpie.conversation.Conversation;
import chat.magpie.conversation.Conversations;
import chat.magpie.conversation.Message;
import chat.magpie.identity.Permission;
import chat.magpie.kernel.ErrorCode;
import chat.magpie.kernel.MagpieException;
import chat.magpie.knowledge.Gap;
import chat.magpie.knowledge.Gaps;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/// What was asked and not answered, and how it becomes an answer.
@Path("/knowledge/gaps")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Needs(Permission.MANAGE_KNOWLEDGE)
@Tag(name = "knowledge", description = "For whoever keeps the knowledge base")
public class GapsResource {
  private static final String MAX_LIMIT = "200";
  private static final int PAGE = 100;

  private final Gaps gaps;
  private final Conversations conversations;
  private final Caller caller;

  @Inject
  GapsResource(Gaps gaps, Conversations conversations, Caller caller) {
    this.gaps = gaps;
    this.conversations = conversations;
    this.caller = caller;
  }

  @GET
  @Operation(summary = "Questions without an answer, those that were asked last first")
  public GapList list(
      @QueryParam("cursor") @Nullable String cursor,
      @Parameter(schema = @Schema(implementation = int.class, minimum = "1", maximum = MAX_LIMIT))
          @QueryParam("limit")
          @DefaultValue("50")
          int limit) {
    Fields.within("limit", limit, 1, Integer.parseInt(MAX_LIMIT));
    Gaps.Listed page = gaps.list(caller.principal(), Optional.ofNullable(cursor), limit);
    return new GapList(
        page.items().stream().map(GapView::of).toList(), page.nextCursor().orElse(null));
  }

  @POST
  @Path("/{id}/faq")
  @Consumes(MediaType.APPLICATION_JSON)
  @Operation(
      summary = "Make an FAQ entry of it",
      description =
          "Of `answer`, or of the message `message_id` of a human, or else of what a human said first"
              + " after the question.")
  @APIResponse(
      responseCode = "201",
      description = "The entry",
      content = @Content(schema = @Schema(implementation = DocumentView.class)))
  public Response answer(@PathParam("id") String id, @Nullable AnswerRequest body) {
    AnswerRequest wanted = Fields.body(body);
    List<String> questions = new ArrayList<>();
    for (@Nullable String q : wanted.questions() == null ? List.<String>of() : wanted.questions()) {
      questions.add(Fields.required("questions", q));
    }
    Gap gap = gaps.get(caller.principal(), id);
    String given = wanted.answer();
    String answer = given != null ? given : said(gap, Optional.ofNullable(wanted.messageId()));
    return Response.status(Response.Status.CREATED)
        .entity(DocumentView.of(gaps.answer(caller.principal(), id, answer, questions)))
        .build();
  }

  @DELETE
  @Path("/{id}")
  @Operation(summary = "Take a question off the list for good")
  @APIResponse(responseCode = "204", description = "Dismissed")
  public void dismiss(@PathParam("id") String id) {
    gaps.dismiss(caller.principal(), id);
  }

  /// What a human said about it.
  private String said(Gap gap, Optional<String> messageId) {
    return gap.examples().stream()
        .flatMap(example ->
            conversations.visibleTo(caller.principal(), example.conversationId()).stream()
                .flatMap(conversation -> reply(conversation, example, messageId).stream()))
        .findFirst()
        .map(Message::content)
        .orElseThrow(() ->
            new MagpieException(
                ErrorCode.INVALID_FIELD,
                messageId.isPresent()
                    ? "message_id: is no message of a human in one of its conversations"
                    : "answer: is required, since no human has answered the question yet"));
  }

  /// Looks from the end of the conversation back to the question.
  private Optional<Message> reply(
      Conversation conversation, Gap.Example example, Optional<String> messageId) {
    Optional<Message> found = Optional.empty();
    long before = Long.MAX_VALUE;
    while (true) {
      List<Message> page = conversations.recent(conversation.id(), before, PAGE);
      for (Message message : page.reversed()) {
        if (message.id().equals(example.messageId()) && messageId.isEmpty()) {
          return found;
        }
        if (message.role() == Message.Role.HUMAN
            && messageId.map(message.id()::equals).orElse(true)) {
          found = Optional.of(message);
          if (messageId.isPresent()) {
            return found;
          }
        }
      }
      if (page.size() < PAGE) {
        return Optional.empty();
      }
      before = page.getFirst().seq();
    }
  }

  /// How a question shall be answered.
  ///
  /// @param messageId of a human, whose text is the answer
  /// @param questions phrasings; the question as it was asked if absent
  @Schema(
      examples =
          "{\"answer\": \"Yes, within a week.\", \"questions\": [\"Do you repair kettles?\"]}")
  public record AnswerRequest(
      @Nullable String answer,
      @Nullable String messageId,
      @Nullable List<@Nullable String> questions) {}

  /// A question without an answer.
  ///
  /// @param asked how often
  /// @param examples where it was asked, the newest first
  public record GapView(
      String id,
      String question,
      long asked,
      Instant firstAt,
      Instant lastAt,
      @Nullable String documentId,
      List<ExampleView> examples) {
    static GapView of(Gap gap) {
      return new GapView(
          gap.id(),
          gap.question(),
          gap.asked(),
          gap.firstAt(),
          gap.lastAt(),
          gap.documentId().orElse(null),
          gap.examples().stream()
              .map(e -> new ExampleView(e.conversationId(), e.messageId(), e.at()))
              .toList());
    }
  }

  /// A message that asked it.
  public record ExampleView(String conversationId, String messageId, Instant at) {}

  /// A part of the list.
  public record GapList(List<GapView> items, @Nullable String nextCursor) {}
}
