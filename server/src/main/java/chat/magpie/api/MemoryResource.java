package chat.magpie.api;

import chat.magpie.api.MemoryViews.Erased;
import chat.magpie.api.MemoryViews.ImportRequest;
import chat.magpie.api.MemoryViews.Imported;
import chat.magpie.api.MemoryViews.Recall;
import chat.magpie.api.MemoryViews.RetrieveRequest;
import chat.magpie.character.CharacterConfig;
import chat.magpie.character.Characters;
import chat.magpie.conversation.Archive;
import chat.magpie.identity.Permission;
import chat.magpie.identity.Principal;
import chat.magpie.kernel.ErrorCode;
import chat.magpie.kernel.MagpieException;
import chat.magpie.kernel.WellFormed;
import chat.magpie.llm.Tokens;
import chat.magpie.memory.LongTermMemory;
import chat.magpie.memory.MemoryKey;
import chat.magpie.profile.Profiles;
import chat.magpie.reply.ReplyConfig;
import chat.magpie.reply.TurnErasures;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/// Long-term memory: brought from elsewhere, asked, and erased turn by turn.
@Path("/")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "profile", description = "What is known and remembered about a user")
public class MemoryResource {
  private static final int MAX_USER_ID = 128;

  private final Archive archive;
  private final LongTermMemory memory;
  private final TurnErasures erasures;
  private final Profiles profiles;
  private final Characters characters;
  private final CharacterConfig characterConfig;
  private final ReplyConfig replyConfig;
  private final Tokens tokens;
  private final InstantSource clock;
  private final Caller caller;

  @Inject
  MemoryResource(
      Archive archive,
      LongTermMemory memory,
      TurnErasures erasures,
      Profiles profiles,
      Characters characters,
      CharacterConfig characterConfig,
      ReplyConfig replyConfig,
      Tokens tokens,
      InstantSource clock,
      Caller caller) {
    this.archive = archive;
    this.memory = memory;
    this.erasures = erasures;
    this.profiles = profiles;
    this.characters = characters;
    this.characterConfig = characterConfig;
    this.replyConfig = replyConfig;
    this.tokens = tokens;
    this.clock = clock;
    this.caller = caller;
  }

  @Needs(Permission.ACT_FOR_OTHERS)
  @POST
  @Path("memory/{user_id}/turns")
  @Consumes(MediaType.APPLICATION_JSON)
  @Operation(
      summary = "Bring what a user and a character said to each other elsewhere",
      description =
          "At most 1,000 turns. They become conversations that have ended, dated as given. A turn"
              + " whose `id` was imported before is skipped; repeat a call that failed.")
  @APIResponse(
      responseCode = "200",
      description = "How many turns are new, and how many were there",
      content = @Content(schema = @Schema(implementation = Imported.class)))
  @APIResponse(
      responseCode = "400",
      description = "Nothing of the request is stored",
      content =
          @Content(
              mediaType = ProblemExamples.MEDIA_TYPE,
              examples = @ExampleObject(value = MemoryViews.IN_THE_FUTURE)))
  public Imported importTurns(@PathParam("user_id") String userId, @Nullable ImportRequest body) {
    ImportRequest request = Fields.body(body);
    Principal principal = caller.principal();
    WellFormed.requireFilled("user_id", userId, MAX_USER_ID);
    String character = character(principal, Optional.ofNullable(request.characterId()));
    List<Archive.Session> sessions = request.parsed(replyConfig.maxMessageChars(), tokens);
    Archive.Imported imported = archive.add(principal, userId, character, sessions);
    profiles.imported(imported.conversationIds(), Boolean.TRUE.equals(request.learn()));
    memory.prepare(new MemoryKey(principal.tenantId(), userId, character));
    return new Imported(imported.imported(), imported.skipped());
  }

  @POST
  @Path("memory/{user_id}/retrieve")
  @Consumes(MediaType.APPLICATION_JSON)
  @Operation(
      summary = "The turns that matter most to a question, best first",
      description =
          "Of all conversations of the user with the character, in the tokens that are asked for.")
  public Recall retrieve(@PathParam("user_id") String userId, @Nullable RetrieveRequest body) {
    RetrieveRequest request = Fields.body(body);
    Principal principal = allowed(userId);
    String character = character(principal, Optional.ofNullable(request.characterId()));
    return Recall.of(
        memory.recall(
            new MemoryKey(principal.tenantId(), userId, character),
            request.parsed(clock.instant())));
  }

  @DELETE
  @Path("memory/{user_id}/turns/{id}")
  @Operation(
      summary = "Erase a turn for good",
      description =
          "`id` of the message, or the one it was imported with. What the user said goes with the"
              + " answer to it. The message stays in its place without text.")
  @APIResponse(
      responseCode = "200",
      description = "The text is nowhere any more",
      content = @Content(schema = @Schema(implementation = Erased.class)))
  @APIResponse(
      responseCode = "409",
      description = "It is being answered",
      content =
          @Content(
              mediaType = ProblemExamples.MEDIA_TYPE,
              examples = @ExampleObject(value = MemoryViews.BEING_ANSWERED)))
  public Erased erase(@PathParam("user_id") String userId, @PathParam("id") String id) {
    Principal principal = allowed(userId);
    return erasures
        .erase(principal, userId, id)
        .map(erased -> new Erased(id, erased.messageIds()))
        .orElseThrow(() -> new MagpieException(ErrorCode.NOT_FOUND, "The user has no such turn."));
  }

  private String character(Principal principal, Optional<String> wanted) {
    String character = wanted.orElseGet(characterConfig::defaultId);
    if (characters.find(principal.tenantId(), character).isEmpty()) {
      throw new MagpieException(ErrorCode.NOT_FOUND, "There is no character with this id.");
    }
    return character;
  }

  /// The caller, if it may see and change what concerns the user.
  private Principal allowed(String userId) {
    Principal principal = caller.principal();
    if (!principal.mayActFor(userId)) {
      throw new MagpieException(ErrorCode.FORBIDDEN, "You may not act for this user.");
    }
    WellFormed.requireFilled("user_id", userId, MAX_USER_ID);
    return principal;
  }
}
