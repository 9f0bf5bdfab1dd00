package chat.magpie.admin;

import chat.magpie.admin.KnowledgeViews.FaqEntryRequest;
import chat.magpie.admin.KnowledgeViews.FaqEntryView;
import chat.magpie.admin.KnowledgeViews.FaqRequest;
import chat.magpie.admin.KnowledgeViews.JobList;
import chat.magpie.admin.KnowledgeViews.JobView;
import chat.magpie.admin.KnowledgeViews.UrlRequest;
import chat.magpie.admin.KnowledgeViews.WrittenView;
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
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/// Questions with their answers, and what is on its way into the knowledge base.
@Path("/knowledge")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Needs(Permission.MANAGE_KNOWLEDGE)
@Tag(name = "knowledge", description = "For whoever keeps the knowledge base")
public class KnowledgeImportsResource {
  private static final String MAX_LIMIT = "200";

  private final Documents documents;
  private final Imports imports;
  private final Caller caller;

  @Inject
  KnowledgeImportsResource(Documents documents, Imports imports, Caller caller) {
    this.documents = documents;
    this.imports = imports;
    this.caller = caller;
  }

  @POST
  @Path("/faq")
  @Consumes(MediaType.APPLICATION_JSON)
  @Operation(
      summary = "Write entries of an FAQ, 1,000 at most",
      description = "Each takes the place of what was under its id.")
  @APIResponse(
      responseCode = "200",
      description = "Written",
      content = @Content(schema = @Schema(implementation = WrittenView.class)))
  @APIResponse(responseCode = "409", description = "An id is that of another document")
  public WrittenView write(@Nullable FaqRequest body) {
    return written(documents.putFaq(caller.principal(), Fields.body(body).all()));
  }

  @GET
  @Path("/faq/{id}")
  @Operation(summary = "An entry of the FAQ")
  public FaqEntryView entry(@PathParam("id") String id) {
    return FaqEntryView.of(documents.content(caller.principal(), id, Optional.empty()));
  }

  @PUT
  @Path("/faq/{id}")
  @Consumes(MediaType.APPLICATION_JSON)
  @Operation(summary = "Write an entry of the FAQ")
  @APIResponse(
      responseCode = "200",
      description = "As it is now",
      content = @Content(schema = @Schema(implementation = FaqEntryView.class)))
  @APIResponse(responseCode = "409", description = "The id is that of another document")
  public FaqEntryView writeOne(@PathParam("id") String id, @Nullable FaqEntryRequest body) {
    var _ = documents.putFaq(caller.principal(), List.of(Fields.body(body).entry(id)));
    return entry(id);
  }

  @DELETE
  @Path("/faq/{id}")
  @Operation(summary = "Remove an entry of the FAQ")
  @APIResponse(responseCode = "204", description = "Removed")
  public void remove(@PathParam("id") String id) {
    var _ = entry(id);
    documents.delete(caller.principal(), id);
  }

  @POST
  @Path("/urls")
  @Consumes(MediaType.APPLICATION_JSON)
  @Operation(
      summary = "Fetch a document from the web",
      description = "From the public web alone, over http and https.")
  @APIResponse(
      responseCode = "202",
      description = "It is being fetched",
      content = @Content(schema = @Schema(implementation = JobView.class)))
  public Response fetch(@Nullable UrlRequest body) {
    UrlRequest wanted = Fields.body(body);
    return Response.status(202)
        .entity(
            JobView.of(
                imports.fetch(
                    caller.principal(), Fields.required("url", wanted.url()), wanted.order())))
        .build();
  }

  @GET
  @Path("/jobs")
  @Operation(summary = "The newest imports, newest first")
  public JobList jobs(
      @Parameter(schema = @Schema(implementation = int.class, minimum = "1", maximum = MAX_LIMIT))
          @QueryParam("limit")
          @DefaultValue("50")
          int limit) {
    Fields.within("limit", limit, 1, Integer.parseInt(MAX_LIMIT));
    return new JobList(imports.list(caller.principal(), limit).stream().map(JobView::of).toList());
  }

  @GET
  @Path("/jobs/{id}")
  @Operation(summary = "How far an import is")
  public JobView job(@PathParam("id") String id) {
    return JobView.of(imports.get(caller.principal(), id));
  }

  private static WrittenView written(Documents.Written written) {
    return new WrittenView(written.created(), written.changed(), written.unchanged());
  }
}
