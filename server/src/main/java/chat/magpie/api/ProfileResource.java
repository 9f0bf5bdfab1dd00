package chat.magpie.api;

import chat.magpie.character.CharacterConfig;
import chat.magpie.character.Characters;
import chat.magpie.conversation.Conversation;
import chat.magpie.conversation.Conversations;
import chat.magpie.identity.Principal;
import chat.magpie.kernel.ErrorCode;
import chat.magpie.kernel.MagpieException;
import chat.magpie.kernel.WellFormed;
import chat.magpie.memory.LongTermMemory;
import chat.magpie.memory.MemoryConfig;
import chat.magpie.memory.MemoryKey;
import chat.magpie.memory.MemoryMessage;
import chat.magpie.memory.MemoryMeta;
import chat.magpie.memory.ShortTermMemory;
import chat.magpie.profile.Profile;
import chat.magpie.profile.Profiles;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/// What is known and remembered about a user; for the user, and for those who may act for others.
@Path("/")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "profile", description = "What is known and remembered about a user")
public class ProfileResource {
  private static final int MAX_USER_ID = 128;
  private static final int MAX_QUESTION = 4_000;
  private static final int MAX_RECALLED = 100;

  private final Profiles profiles;
  private final Conversations conversations;
  private final Forgetting forgetting;
  private final ShortTermMemory memory;
  private final LongTermMemory longTerm;
  private final Characters characters;
  private final MemoryConfig memoryConfig;
  private final CharacterConfig characterConfig;
  private final InstantSource clock;
  private final Caller caller;

  ProfileResource(
      Profiles profiles,
      Conversations conversations,
      Forgetting forgetting,
      ShortTermMemory memory,
      LongTermMemory longTerm,
      Characters characters,
      MemoryConfig memoryConfig,
      CharacterConfig characterConfig,
      InstantSource clock,
      Caller caller) {
    this.profiles = profiles;
    this.conversations = conversations;
    this.forgetting = forgetting;
    this.memory = memory;
    this.longTerm = longTerm;
    this.clock = clock;
    this.characters = characters;
    this.memoryConfig = memoryConfig;
    this.characterConfig = characterConfig;
    this.caller = caller;
  }

  @GET
  @Path("profile/{user_id}")
  @Operation(summary = "What is known about a user")
  public ProfileView profile(@PathParam("user_id") String userId) {
    Principal principal = allowed(userId);
    Profile profile = profiles.of(principal.tenantId(), userId);
    Conversations.UserCounts counts = conversations.counts(principal.tenantId(), userId);
    return new ProfileView(
        userId,
        profile.facts().stream().map(FactsResource.FactView::of).toList(),
        profile.preferences(),
        new Statistics(
            counts.conversations(),
            counts.messages(),
            counts.firstAt().orElse(null),
            counts.lastAt().orElse(null)),
        profile.pending(),
        FactsResource.LearningView.of(profile.learning()));
  }

  @POST
  @Path("profile/{user_id}/reset")
  @Operation(summary = "Forget what is remembered about a user and begin new conversations")
  public Reset reset(@PathParam("user_id") String userId) {
    Principal principal = allowed(userId);
    if (!forgetting.forget(principal, userId)) {
      throw new MagpieException(
          ErrorCode.STORAGE_UNAVAILABLE, "Not everything could be forgotten; please repeat.");
    }
    return new Reset(userId, true);
  }

  @GET
  @Path("memory/{user_id}")
  @Operation(
      summary = "The memory of a conversation as the model would see it",
      description =
          "That with `character_id`, or of the opened session that `session_id` names. With"
              + " `question`, also the turns of long ago that a prompt for it would recall.")
  public MemoryView memory(
      @PathParam("user_id") String userId,
      @QueryParam("character_id") @Nullable String characterId,
      @QueryParam("session_id") @Nullable String sessionId,
      @QueryParam("question") @Nullable String question) {
    Principal principal = allowed(userId);
    if (question != null) {
      WellFormed.requireFilled("question", question, MAX_QUESTION);
    }
    if (sessionId != null) {
      Conversation session =
          conversations
              .visibleTo(principal, sessionId)
              .filter(found -> found.userId().equals(userId))
              .orElseThrow(
                  () -> new MagpieException(ErrorCode.NOT_FOUND, "There is no such session."));
      return memoryOf(
          principal.tenantId(),
          userId,
          session.characterId(),
          session.ownMemory() ? session.id() : session.characterId(),
          Optional.of(session),
          Optional.ofNullable(question));
    }
    String character = characterId == null ? characterConfig.defaultId() : characterId;
    if (characters.find(principal.tenantId(), character).isEmpty()) {
      throw new MagpieException(ErrorCode.NOT_FOUND, "There is no character with this id.");
    }
    return memoryOf(
        principal.tenantId(),
        userId,
        character,
        character,
        conversations.current(principal, userId, character),
        Optional.ofNullable(question));
  }

  /// @param of the character, or the session that has a memory of its own
  private MemoryView memoryOf(
      String tenantId,
      String userId,
      String character,
      String of,
      Optional<Conversation> conversation,
      Optional<String> question) {
    MemoryKey key = new MemoryKey(tenantId, userId, of);
    ShortTermMemory.Window window =
        memory.messages(key, memoryConfig.maxContextMessages(), memoryConfig.maxContextTokens());
    return switch (window) {
      case ShortTermMemory.Window.Read(List<MemoryMessage> messages) ->
          new MemoryView(
              userId,
              character,
              messages.stream().map(RememberedMessage::of).toList(),
              memory.meta(key).map(Meta::of).orElse(null),
              question
                  .map(asked ->
                      recalled(new MemoryKey(tenantId, userId, character), conversation, asked))
                  .map(turns -> without(messages, turns))
                  .orElse(null));
      case ShortTermMemory.Window.Unavailable() ->
          throw new MagpieException(
              ErrorCode.STORAGE_UNAVAILABLE, "The memory cannot be read at the moment.");
    };
  }

  /// As a prompt would have it.
  private List<LongTermMemory.Found> recalled(
      MemoryKey owner, Optional<Conversation> conversation, String question) {
    if (!memoryConfig.recall() || memoryConfig.maxRecalledTokens() == 0) {
      return List.of();
    }
    return longTerm
        .recall(
            owner,
            new LongTermMemory.Question(
                question,
                clock.instant(),
                MAX_RECALLED,
                memoryConfig.maxRecalledTokens(),
                Optional.of(
                    conversation
                        .map(c -> new LongTermMemory.Within(c.id(), c.messageSeq() + 1))
                        .orElse(LongTermMemory.Within.NEW))))
        .turns();
  }

  private static List<MemoryViews.RecalledTurn> without(
      List<MemoryMessage> window, List<LongTermMemory.Found> turns) {
    Set<String> known = window.stream().map(MemoryMessage::msgId).collect(Collectors.toSet());
    return turns.stream()
        .filter(found -> !known.contains(found.turn().messageId()))
        .map(MemoryViews.RecalledTurn::of)
        .toList();
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

  /// What is known about a user.
  ///
  /// @param facts those that hold first, then most important first
  /// @param preferences likes, dislikes, diet and hobbies that hold, each as one text
  /// @param pending how many messages of the user wait to be learnt from
  public record ProfileView(
      String userId,
      List<FactsResource.FactView> facts,
      Map<String, String> preferences,
      Statistics statistics,
      long pending,
      FactsResource.LearningView learning) {}

  /// How much a user has talked, and since when.
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Statistics(
      long conversations, long messages, @Nullable Instant firstAt, @Nullable Instant lastAt) {}

  /// That the memory is empty now.
  public record Reset(String userId, boolean reset) {}

  /// The memory of a user with a character, oldest message first; `meta` is null where nothing is
  /// remembered.
  ///
  /// @param recalled what a prompt for the question would quote of long ago, best first, as far as
  ///   there is room; absent without a question
  public record MemoryView(
      String userId,
      String characterId,
      List<RememberedMessage> messages,
      @Nullable Meta meta,
      @JsonInclude(JsonInclude.Include.NON_NULL)
          @Nullable List<MemoryViews.RecalledTurn> recalled) {}

  /// A remembered message.
  ///
  /// @param timestamp Unix seconds
  public record RememberedMessage(
      String msgId, String role, String content, long timestamp, int tokenCount) {
    static RememberedMessage of(MemoryMessage message) {
      return new RememberedMessage(
          message.msgId(),
          message.role(),
          message.content(),
          message.timestamp().getEpochSecond(),
          message.tokenCount());
    }
  }

  /// What the memory notes about itself; times in Unix seconds.
  public record Meta(
      String state, long lastActiveAt, long messageCount, long sessionStart, long totalTokens) {
    static Meta of(MemoryMeta meta) {
      return new Meta(
          meta.state().name(),
          meta.lastActiveAt().getEpochSecond(),
          meta.messageCount(),
          meta.sessionStart().getEpochSecond(),
          meta.totalTokens());
    }
  }
}
