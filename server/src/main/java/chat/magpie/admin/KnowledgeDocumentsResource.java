package chat.magpie.admin;

import chat.magpie.admin.KnowledgeViews.DocumentChange;
import chat.magpie.admin.KnowledgeViews.DocumentList;
import chat.magpie.admin.KnowledgeViews.DocumentView;
import chat.magpie.admin.KnowledgeViews.JobView;
import chat.magpie.admin.KnowledgeViews.TextView;
import chat.magpie.admin.KnowledgeViews.VersionList;
import chat.magpie.admin.KnowledgeViews.VersionView;
import chat.magpie.api.Caller;
import chat.magpie.api.Fields;
import chat.magpie.api.Needs;
import chat.magpie.identity.Permission;
import chat.magpie.knowledge.Documents;
import chat.magpie.knowledge.Imports;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.PATCH;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/// The documents that answers come from.
@Path("/knowledge/documents")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Needs(Permission.MANAGE_KNOWLEDGE)
@Tag(name = "knowledge", description = "For whoever keeps the knowledge base")
public class KnowledgeDocumentsResource {
  private static final String MAX_LIMIT = "200";

  private final Documents documents;
  private final Imports imports;
  private final Caller caller;

  @Inject
  KnowledgeDocumentsResource(Documents documents, Imports imports, Caller caller) {
    this.documents = documents;
    this.imports = imports;
    this.caller = caller;
  }

  @GET
  @Operation(summary = "The documents, by id")
  public DocumentList list(
      @Parameter(description = "Part of the title") @QueryParam("q") @Nullable String text,
      @Parameter(description = "Only entries of an FAQ, or only others") @QueryParam("faq")
          @Nullable Boolean faq,
      @QueryParam("cursor") @Nullable String cursor,
      @Parameter(schema = @Schema(implementation = int.class, minimum = "1", maximum = MAX_LIMIT))
          @QueryParam("limit")
          @DefaultValue("50")
          int limit) {
    Fields.within("limit", limit, 1, Integer.parseInt(MAX_LIMIT));
    Documents.Listed page =
        documents.list(
            caller.principal(),
            new Documents.Filter(Optional.ofNullable(text), Optional.ofNullable(faq)),
            Optional.ofNullable(cursor),
            limit);
    return new DocumentList(
        page.items().stream().map(DocumentView::of).toList(), page.nextCursor().orElse(null));
  }

  @POST
  @Consumes(MediaType.WILDCARD)
  @Operation(
      summary = "Hand a document in",
      description =
          "The body is the file, with `name`, or a form with one. Plain text is a document when this"
              + " answers; PDF, Word, Excel and HTML become one later.")
  @APIResponse(
      responseCode = "201",
      description = "It is a document",
      content = @Content(schema = @Schema(implementation = DocumentView.class)))
  @APIResponse(
      responseCode = "202",
      description = "It is being read",
      content = @Content(schema = @Schema(implementation = JobView.class)))
  @APIResponse(responseCode = "413", description = "It is too large")
  @APIResponse(responseCode = "415", description = "It is not known what it is")
  public Response upload(
      @Parameter(description = "Of the file, with its extension") @QueryParam("name")
          @Nullable String name,
      @QueryParam("title") @Nullable String title,
      @QueryParam("language") @Nullable String language,
      @Parameter(description = "The characters that answer from it; all of them if absent")
          @QueryParam("character_id")
          List<String> characterIds,
      @QueryParam("enabled") @Nullable Boolean enabled,
      @HeaderParam(HttpHeaders.CONTENT_TYPE) @Parameter(hidden = true) @Nullable MediaType type,
      InputStream body)
      throws IOException {
    return take(Optional.empty(), name, title, language, characterIds, enabled, type, body);
  }

  @PUT
  @Path("/{id}")
  @Consumes(MediaType.WILDCARD)
  @Operation(
      summary = "Hand a document in under an id, also in place of one that is there",
      description = "The same content again is no new version.")
  @APIResponse(
      responseCode = "200",
      description = "It is what the document says now",
      content = @Content(schema = @Schema(implementation = DocumentView.class)))
  @APIResponse(
      responseCode = "201",
      description = "It is a new document",
      content = @Content(schema = @Schema(implementation = DocumentView.class)))
  @APIResponse(
      responseCode = "202",
      description = "It is being read",
      content = @Content(schema = @Schema(implementation = JobView.class)))
  @APIResponse(responseCode = "409", description = "The id is that of an FAQ entry")
  @APIResponse(responseCode = "413", description = "It is too large")
  @APIResponse(responseCode = "415", description = "It is not known what it is")
  public Response replace(
      @PathParam("id") String id,
      @Parameter(description = "Of the file, with its extension") @QueryParam("name")
          @Nullable String name,
      @QueryParam("title") @Nullable String title,
      @QueryParam("language") @Nullable String language,
      @Parameter(description = "The characters that answer from it; as it was if absent")
          @QueryParam("character_id")
          List<String> characterIds,
      @QueryParam("enabled") @Nullable Boolean enabled,
      @HeaderParam(HttpHeaders.CONTENT_TYPE) @Parameter(hidden = true) @Nullable MediaType type,
      InputStream body)
      throws IOException {
    return take(Optional.of(id), name, title, language, characterIds, enabled, type, body);
  }

  private Response take(
      Optional<String> id,
      @Nullable String name,
      @Nullable String title,
      @Nullable String language,
      List<String> characterIds,
      @Nullable Boolean enabled,
      @Nullable MediaType type,
      InputStream body)
      throws IOException {
    InputStream file = body;
    String called = name == null ? "" : name;
    Optional<String> mediaType = Optional.ofNullable(type).map(MediaType::toString);
    if (type != null
        && type.getType().equals("multipart")
        && type.getSubtype().equals("form-data")) {
      FirstFile first = FirstFile.of(body, type.getParameters().getOrDefault("boundary", ""));
      file = first;
      called = name == null ? first.name() : name;
      mediaType = first.mediaType();
    }
    Imports.Order order =
        new Imports.Order(
            id,
            called,
            mediaType,
            Optional.ofNullable(title),
            Optional.ofNullable(language),
            characterIds.isEmpty()
                ? Optional.empty()
                : KnowledgeViews.characters(List.copyOf(characterIds)),
            Optional.ofNullable(enabled));
    return switch (imports.upload(caller.principal(), order, file)) {
      case Imports.Taken.Stored stored ->
          Response.status(stored.created() ? 201 : 200)
              .entity(DocumentView.of(stored.document()))
              .build();
      case Imports.Taken.Queued queued ->
          Response.status(202).entity(JobView.of(queued.job())).build();
    };
  }

  @GET
  @Path("/{id}")
  @Operation(summary = "A document as it is now")
  public DocumentView get(@PathParam("id") String id) {
    return DocumentView.of(documents.get(caller.principal(), id));
  }

  @GET
  @Path("/{id}/versions")
  @Operation(summary = "The versions that are kept, newest first")
  public VersionList versions(@PathParam("id") String id) {
    return new VersionList(
        documents.versions(caller.principal(), id).stream().map(VersionView::of).toList());
  }

  @GET
  @Path("/{id}/text")
  @Operation(summary = "What a document says, as Markdown")
  public TextView text(
      @PathParam("id") String id,
      @Parameter(description = "A number, or as citations name it; the one that counts if absent")
          @QueryParam("version")
          @Nullable String version) {
    return TextView.of(documents.content(caller.principal(), id, Optional.ofNullable(version)));
  }

  @PATCH
  @Path("/{id}")
  @Consumes(MediaType.APPLICATION_JSON)
  @Operation(summary = "Enable or disable a document, name it, go back to a version")
  public DocumentView change(@PathParam("id") String id, @Nullable DocumentChange body) {
    return DocumentView.of(documents.change(caller.principal(), id, Fields.body(body).change()));
  }

  @DELETE
  @Path("/{id}")
  @Operation(summary = "Remove a document with all its versions")
  @APIResponse(responseCode = "204", description = "Removed")
  public void delete(@PathParam("id") String id) {
    documents.delete(caller.principal(), id);
  }
}
