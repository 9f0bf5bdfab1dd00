package chat.magpie.api;

import chat.magpie.character.Characters;
import chat.magpie.character.Persona;
import chat.magpie.identity.Principal;
import chat.magpie.kernel.ErrorCode;
import chat.magpie.kernel.MagpieException;
import chat.magpie.knowledge.KnowledgeBase;
import chat.magpie.knowledge.KnowledgeBase.Findings;
import chat.magpie.knowledge.KnowledgeBase.Found;
import chat.magpie.knowledge.KnowledgeBase.Query;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/// What the knowledge base has to say to a question, for whoever may chat.
@Path("/knowledge/search")
@Tag(name = "knowledge", description = "What answers are found in")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
public class KnowledgeSearchResource {
  private static final int PASSAGES = 5;
  private static final int MOST_PASSAGES = 50;

  private final KnowledgeBase knowledge;
  private final Characters characters;
  private final Caller caller;

  @Inject
  KnowledgeSearchResource(KnowledgeBase knowledge, Characters characters, Caller caller) {
    this.knowledge = knowledge;
    this.characters = characters;
    this.caller = caller;
  }

  @POST
  @Consumes(MediaType.APPLICATION_JSON)
  @Operation(
      summary = "Search the knowledge base",
      description =
          "The passages that fit best, best first, and whether the first is an answer. With a"
              + " character, what only that one answers from is searched as well.")
  @APIResponse(
      responseCode = "200",
      description = "What was found",
      content = @Content(schema = @Schema(implementation = SearchView.class)))
  public SearchView search(@Nullable SearchRequest body) {
    SearchRequest request = Fields.body(body);
    Principal principal = caller.principal();
    String question = Fields.required("question", request.question());
    int limit = request.limit() == null ? PASSAGES : request.limit();
    Fields.within("limit", limit, 1, MOST_PASSAGES);
    Optional<Persona> character =
        Optional.ofNullable(request.characterId())
            .map(id ->
                characters
                    .find(principal.tenantId(), id)
                    .orElseThrow(() ->
                        new MagpieException(
                            ErrorCode.NOT_FOUND, "There is no character with this id.")));
    Findings found =
        knowledge.find(
            new Query(
                principal.tenantId(),
                character.map(Persona::id),
                question,
                character.map(Persona::locale).orElse("en"),
                limit));
    return new SearchView(
        found.outcome().name().toLowerCase(Locale.ROOT),
        found.found().stream().map(PassageView::of).toList());
  }

  /// A question to the knowledge base.
  @Schema(
      examples =
          "{\"question\": \"How long may I return a tent?\", \"character_id\": \"support-en\", \"limit\": 5}")
  public record SearchRequest(
      @Nullable String question, @Nullable String characterId, @Nullable Integer limit) {}

  /// What was found.
  ///
  /// @param outcome `answer`: the first passage is one; `choice`: either of the first two is;
  ///   `none`: nothing is sure enough
  public record SearchView(
      @Schema(enumeration = {"answer", "choice", "none"}) String outcome,
      List<PassageView> passages) {}

  /// A passage.
  public record PassageView(
      String documentId,
      String title,
      String section,
      String version,
      String text,
      double score,
      double coverage,
      @Nullable Double similarity) {
    static PassageView of(Found found) {
      return new PassageView(
          found.passage().documentId(),
          found.passage().title(),
          found.passage().section(),
          found.passage().version(),
          found.passage().text(),
          found.passage().score(),
          found.coverage(),
          found.similarity().isPresent() ? found.similarity().getAsDouble() : null);
    }
  }
}
