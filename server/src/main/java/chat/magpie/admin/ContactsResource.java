package chat.magpie.admin;

import chat.magpie.admin.ContactViews.ContactList;
import chat.magpie.admin.ContactViews.ContactNoteList;
import chat.magpie.admin.ContactViews.ContactNoteRequest;
import chat.magpie.admin.ContactViews.ContactNoteView;
import chat.magpie.admin.ContactViews.ContactRequest;
import chat.magpie.admin.ContactViews.ContactView;
import chat.magpie.admin.ContactViews.ExchangeList;
import chat.magpie.admin.ContactViews.ExchangeView;
import chat.magpie.admin.ContactViews.MergeRequest;
import chat.magpie.admin.ContactViews.SearchRequest;
import chat.magpie.api.Caller;
import chat.magpie.api.Fields;
import chat.magpie.api.Forgetting;
import chat.magpie.api.Needs;
import chat.magpie.contact.Contact;
import chat.magpie.contact.Contacts;
import chat.magpie.conversation.Page;
import chat.magpie.identity.Permission;
import chat.magpie.identity.Principal;
import chat.magpie.identity.Role;
import chat.magpie.kernel.ErrorCode;
import chat.magpie.kernel.MagpieException;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PATCH;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.Optional;
import java.util.OptionalLong;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/// What the desk knows about customers.
@Path("/contacts")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "contacts", description = "Customers as the desk knows them")
@Needs(Permission.MANAGE_CONTACTS)
public class ContactsResource {
  private static final String MAX_LIMIT = "200";
  private static final int DEFAULT_LIMIT = 50;

  private final Contacts contacts;
  private final Forgetting forgetting;
  private final Caller caller;

  @Inject
  ContactsResource(Contacts contacts, Forgetting forgetting, Caller caller) {
    this.contacts = contacts;
    this.forgetting = forgetting;
    this.caller = caller;
  }

  @POST
  @Consumes(MediaType.APPLICATION_JSON)
  @Operation(
      summary = "Make a contact of a user who has none",
      description = "Whoever begins a conversation gets one without this.")
  @APIResponse(
      responseCode = "201",
      description = "Made",
      content = @Content(schema = @Schema(implementation = ContactView.class)))
  @APIResponse(responseCode = "409", description = "The user has a contact already")
  public Response create(@Nullable ContactRequest body) {
    ContactRequest request = Fields.body(body);
    Contact made =
        contacts.create(
            caller.principal(), Fields.required("user_id", request.userId()), request.edit());
    return Response.status(Response.Status.CREATED).entity(ContactView.of(made)).build();
  }

  @GET
  @Operation(summary = "The contacts, newest first")
  public ContactList list(
      @Parameter(description = "A part of the name, or the whole real name") @QueryParam("q")
          @Nullable String text,
      @QueryParam("user_id") @Nullable String userId,
      @QueryParam("tag") @Nullable String tag,
      @Parameter(description = "The name of an attribute, together with `value`")
          @QueryParam("attribute")
          @Nullable String attribute,
      @QueryParam("value") @Nullable String value,
      @QueryParam("cursor") @Nullable String cursor,
      @Parameter(schema = @Schema(implementation = int.class, minimum = "1", maximum = MAX_LIMIT))
          @QueryParam("limit")
          @DefaultValue("50")
          int limit) {
    return find(new SearchRequest(text, userId, tag, attribute, value, null, null, cursor, limit));
  }

  @POST
  @Path("/search")
  @Consumes(MediaType.APPLICATION_JSON)
  @Operation(
      summary = "The contacts that fit, newest first",
      description =
          "As the list, and by e-mail address and telephone number, which belong into no address"
              + " line. Both are found whole, in any case and with any spaces and dashes.")
  public ContactList search(@Nullable SearchRequest body) {
    return find(Fields.body(body));
  }

  private ContactList find(SearchRequest request) {
    Integer asked = request.limit();
    int limit = checked(asked == null ? DEFAULT_LIMIT : asked);
    Page<Contact> page =
        contacts.find(
            caller.principal(), request.filter(), Optional.ofNullable(request.cursor()), limit);
    return new ContactList(
        page.items().stream().map(ContactView::of).toList(), page.nextCursor().orElse(null));
  }

  @GET
  @Path("/{id}")
  @Operation(summary = "A contact")
  public ContactView get(@PathParam("id") String id) {
    return ContactView.of(contacts.get(caller.principal(), id));
  }

  @PATCH
  @Path("/{id}")
  @Consumes(MediaType.APPLICATION_JSON)
  @Operation(
      summary = "Change a contact",
      description =
          "Fields that are not there stay, `null` takes one away; with `version`, only where the"
              + " contact is still at that version.")
  @APIResponse(
      responseCode = "200",
      description = "Changed",
      content = @Content(schema = @Schema(implementation = ContactView.class)))
  @APIResponse(responseCode = "409", description = "It has another version by now")
  public ContactView edit(@PathParam("id") String id, @Nullable ContactRequest body) {
    ContactRequest request = Fields.body(body);
    if (request.userId() != null) {
      throw new MagpieException(ErrorCode.INVALID_FIELD, "user_id: cannot be changed");
    }
    Long version = request.version();
    return ContactView.of(
        contacts.edit(
            caller.principal(),
            id,
            request.edit(),
            version == null ? OptionalLong.empty() : OptionalLong.of(version)));
  }

  @DELETE
  @Path("/{id}")
  @Operation(
      summary = "Delete a contact with all that is known and remembered about its users",
      description =
          "Its conversations end, and stay unless `conversations=true`: then they are deleted with"
              + " all that was said in them. A new contact is made when one of its users begins"
              + " another one.")
  @APIResponse(responseCode = "204", description = "Deleted")
  public void delete(
      @PathParam("id") String id,
      @QueryParam("conversations") @DefaultValue("false") boolean conversations) {
    Principal principal = caller.principal();
    if (principal.may(Permission.SUPERVISE)) {
      // First, so that whoever has to repeat it still finds the contact.
      for (String userId : contacts.get(principal, id).userIds()) {
        Principal user = new Principal(principal.tenantId(), userId, Role.CUSTOMER, false);
        if (!forgetting.forget(user, userId)) {
          throw new MagpieException(
              ErrorCode.STORAGE_UNAVAILABLE, "Not everything could be forgotten; please repeat.");
        }
        if (conversations) {
          forgetting.deleteConversations(user, userId);
        }
      }
    }
    contacts.delete(principal, id);
  }

  @POST
  @Path("/{id}/merge")
  @Consumes(MediaType.APPLICATION_JSON)
  @Operation(
      summary = "Make another contact a part of this one",
      description =
          "User ids, notes and tags of both; where both have a field or an attribute, this one's"
              + " stays. From then on the other's id stands for this one. Idempotent.")
  @APIResponse(
      responseCode = "200",
      description = "One contact",
      content = @Content(schema = @Schema(implementation = ContactView.class)))
  @APIResponse(
      responseCode = "409",
      description = "Together they would hold too much, or a field cannot be read")
  public ContactView merge(@PathParam("id") String id, @Nullable MergeRequest body) {
    String fromId = Fields.required("from_id", Fields.body(body).fromId());
    return ContactView.of(contacts.merge(caller.principal(), id, fromId));
  }

  @GET
  @Path("/{id}/conversations")
  @Operation(summary = "The conversations of a contact, newest first")
  public ExchangeList history(
      @PathParam("id") String id,
      @QueryParam("cursor") @Nullable String cursor,
      @Parameter(schema = @Schema(implementation = int.class, minimum = "1", maximum = MAX_LIMIT))
          @QueryParam("limit")
          @DefaultValue("50")
          int limit) {
    Page<Contact.Exchange> page =
        contacts.history(caller.principal(), id, Optional.ofNullable(cursor), checked(limit));
    return new ExchangeList(
        page.items().stream().map(ExchangeView::of).toList(), page.nextCursor().orElse(null));
  }

  @GET
  @Path("/{id}/notes")
  @Operation(summary = "What the desk has noted about a contact, newest first")
  public ContactNoteList notes(
      @PathParam("id") String id,
      @QueryParam("cursor") @Nullable String cursor,
      @Parameter(schema = @Schema(implementation = int.class, minimum = "1", maximum = MAX_LIMIT))
          @QueryParam("limit")
          @DefaultValue("50")
          int limit) {
    Page<Contact.Note> page =
        contacts.notes(caller.principal(), id, Optional.ofNullable(cursor), checked(limit));
    return new ContactNoteList(
        page.items().stream().map(ContactNoteView::of).toList(), page.nextCursor().orElse(null));
  }

  @POST
  @Path("/{id}/notes")
  @Consumes(MediaType.APPLICATION_JSON)
  @Operation(summary = "Note something about a contact")
  @APIResponse(
      responseCode = "201",
      description = "Noted",
      content = @Content(schema = @Schema(implementation = ContactNoteView.class)))
  public Response note(@PathParam("id") String id, @Nullable ContactNoteRequest body) {
    String text = Fields.required("text", Fields.body(body).text());
    return Response.status(Response.Status.CREATED)
        .entity(ContactNoteView.of(contacts.note(caller.principal(), id, text)))
        .build();
  }

  @DELETE
  @Path("/{id}/notes/{note_id}")
  @Operation(summary = "Delete a note: one's own, or any with the permission to supervise")
  @APIResponse(responseCode = "204", description = "Deleted")
  public void deleteNote(@PathParam("id") String id, @PathParam("note_id") String noteId) {
    contacts.deleteNote(caller.principal(), id, noteId);
  }

  private static int checked(int limit) {
    Fields.within("limit", limit, 1, Integer.parseInt(MAX_LIMIT));
    return limit;
  }
}
