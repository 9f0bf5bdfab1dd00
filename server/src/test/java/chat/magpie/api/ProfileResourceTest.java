package chat.magpie.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import chat.magpie.character.CharacterConfig;
import chat.magpie.character.internal.SqlCharacters;
import chat.magpie.conversation.Conversation;
import chat.magpie.conversation.Conversations;
import chat.magpie.conversation.NewMessage;
import chat.magpie.conversation.Posted;
import chat.magpie.conversation.ReplyRecord;
import chat.magpie.conversation.Sessions;
import chat.magpie.conversation.internal.SqlConversations;
import chat.magpie.identity.Principal;
import chat.magpie.identity.Role;
import chat.magpie.identity.internal.Identity;
import chat.magpie.kernel.ErrorCode;
import chat.magpie.kernel.MagpieException;
import chat.magpie.llm.ModelRequest;
import chat.magpie.llm.ModelStream;
import chat.magpie.llm.Models;
import chat.magpie.memory.Digests;
import chat.magpie.memory.Earlier;
import chat.magpie.memory.LongTermMemory;
import chat.magpie.memory.MemoryConfig;
import chat.magpie.memory.MemoryKey;
import chat.magpie.memory.MemoryMessage;
import chat.magpie.memory.MemoryMeta;
import chat.magpie.memory.ShortTermMemory;
import chat.magpie.memory.internal.RoughTokens;
import chat.magpie.profile.ProfileConfig;
import chat.magpie.profile.internal.ProfileParts;
import chat.magpie.reply.Replies;
import chat.magpie.reply.Send;
import chat.magpie.sql.Database;
import chat.magpie.testing.Defaults;
import chat.magpie.testing.TestDatabases;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ProfileResourceTest {
  private static final Instant NOW = Instant.parse("2026-11-20T10:00:00Z");
  private static final Principal USER = principal("u1", Role.GUEST);
  private static final Principal OTHER = principal("u2", Role.GUEST);
  private static final Principal SERVICE = principal("key_1", Role.SERVICE);

  private final Database database = TestDatabases.sqlite();
  private final ObjectMapper json =
      JsonMapper.builder().addModules(new JavaTimeModule(), new Jdk8Module()).build();
  private final SqlCharacters characters =
      new SqlCharacters(database, Identity.audit(database, () -> NOW), () -> NOW);
  private final Conversations conversations =
      new SqlConversations(
          database, characters, Identity.audit(database, () -> NOW), new ObjectMapper(), () -> NOW);
  private final ProfileParts profiles =
      ProfileParts.open(
          Defaults.of(ProfileConfig.class),
          database,
          Identity.audit(database, () -> NOW),
          new TwoProviders(),
          new RoughTokens(),
          new SimpleMeterRegistry(),
          ZoneOffset.UTC,
          (text, said) -> List.of(),
          () -> NOW);
  private final FixedMemory memory = new FixedMemory();
  private final Noting replies = new Noting();
  private final Forgotten digests = new Forgotten();

  @BeforeEach
  void seed() {
    new JsonRules().customize(json);
    database.write(sql -> {
      characters.seed(sql, Principal.DEFAULT_TENANT);
      return 0;
    });
  }

  @AfterEach
  void close() {
    database.close();
  }

  @Test
  void theProfileSaysHowMuchWasTalkedAndInventsNothing() throws Exception {
    say(USER, "support-en", "hello");
    say(USER, "companion-zh", "你好");

    JsonNode view = json(as(USER).profile("u1"));

    assertThat(view.toString())
        .isEqualTo(
            """
            {"user_id":"u1","facts":[],"preferences":{},"statistics":{"conversations":2,\
            "messages":2,"first_at":"2026-11-20T10:00:00Z","last_at":"2026-11-20T10:00:00Z"},"pending":2,\
            "learning":{"enabled":true,"deployment":true,"tenant":true,"user":true}}\
            """);
    assertThat(json(as(SERVICE).profile("u1"))).isEqualTo(view);
  }

  @Test
  void somebodyWhoNeverTalkedHasAnEmptyProfile() throws Exception {
    assertThat(json(as(USER).profile("u1")).toString())
        .isEqualTo(
            """
            {"user_id":"u1","facts":[],"preferences":{},"statistics":{"conversations":0,\
            "messages":0},"pending":0,"learning":{"enabled":true,"deployment":true,"tenant":true,\
            "user":true}}\
            """);
  }

  @Test
  void theMemoryIsShownAsTheModelWouldSeeIt() throws Exception {
    memory.window =
        new ShortTermMemory.Window.Read(
            List.of(
                new MemoryMessage("m1", "user", "你好", NOW.minusSeconds(2), 5, null),
                new MemoryMessage("m2", "assistant", "您好", NOW, 6, null)));
    memory.meta =
        Optional.of(new MemoryMeta(MemoryMeta.State.ACTIVE, NOW, 2, NOW.minusSeconds(2), 11));

    JsonNode view = json(as(USER).memory("u1", null, null, null));

    assertThat(view.toString())
        .isEqualTo(
            """
            {"user_id":"u1","character_id":"support-en","messages":[\
            {"msg_id":"m1","role":"user","content":"你好","timestamp":1795168798,"token_count":5},\
            {"msg_id":"m2","role":"assistant","content":"您好","timestamp":1795168800,"token_count":6}],\
            "meta":{"state":"ACTIVE","last_active_at":1795168800,"message_count":2,\
            "session_start":1795168798,"total_tokens":11}}\
            """);
    assertThat(memory.asked)
        .isEqualTo(new Asked(new MemoryKey("default", "u1", "support-en"), 50, 20_000));
    assertThat(
            json(as(SERVICE).memory("u1", "companion-en", null, null))
                .path("character_id")
                .asText())
        .isEqualTo("companion-en");
  }

  @Test
  void aMemoryThatIsEmptyOrOutOfReachIsNotTheSame() throws Exception {
    assertThat(json(as(USER).memory("u1", "support-zh", null, null)).path("meta").isNull())
        .isTrue();

    memory.window = new ShortTermMemory.Window.Unavailable();

    fails(ErrorCode.STORAGE_UNAVAILABLE, () -> as(USER).memory("u1", "support-zh", null, null));
  }

  @Test
  void unknownCharactersHaveNoMemory() {
    for (String id : List.of("nobody", "", "../x", "a".repeat(10_000))) {
      fails(ErrorCode.NOT_FOUND, () -> as(USER).memory("u1", id, null, null));
    }
  }

  @Test
  void aResetForgetsEverybodyTheUserTalkedWith() throws Exception {
    say(USER, "support-en", "hello");
    say(USER, "companion-zh", "你好");
    characters.delete(principal("a", Role.ADMIN), "companion-zh");

    assertThat(json(as(USER).reset("u1")).toString())
        .isEqualTo("{\"user_id\":\"u1\",\"reset\":true}");

    assertThat(replies.forgotten)
        .containsExactlyInAnyOrder("support-en", "support-zh", "companion-en", "companion-zh");
    assertThat(digests.conversations).doesNotHaveDuplicates().hasSize(2);
  }

  @Test
  void aResetThatFailsInPartSaysSo() {
    replies.works = false;

    fails(ErrorCode.STORAGE_UNAVAILABLE, () -> as(USER).reset("u1"));
    assertThat(replies.forgotten).hasSize(4);
  }

  @Test
  void nobodySeesOrTouchesWhatBelongsToOthers() {
    Principal beginner = new Principal(Principal.DEFAULT_TENANT, "u1", Role.ADMIN, true);
    for (Principal caller : List.of(OTHER, beginner, principal("u1 ", Role.AGENT))) {
      fails(ErrorCode.FORBIDDEN, () -> as(caller).profile("u1"));
      fails(ErrorCode.FORBIDDEN, () -> as(caller).reset("u1"));
      fails(ErrorCode.FORBIDDEN, () -> as(caller).memory("u1", null, null, null));
      fails(ErrorCode.FORBIDDEN, () -> as(caller).memory("u1", "nobody", null, null));
    }
    assertThat(replies.forgotten).isEmpty();
  }

  @Test
  void userIdsThatNobodyCanHaveAreRefused() {
    for (String id : List.of("", " ", "x".repeat(129), "a\u0000", "\uD800")) {
      fails(ErrorCode.INVALID_FIELD, () -> as(SERVICE).profile(id));
      fails(ErrorCode.INVALID_FIELD, () -> as(SERVICE).reset(id));
      fails(ErrorCode.INVALID_FIELD, () -> as(SERVICE).memory(id, null, null, null));
    }
  }

  @Test
  void onlyAdministratorsSeeHowACharacterIsMade() throws Exception {
    JsonNode seen = json(characters(USER).get("support-en"));
    assertThat(seen.has("prompt")).isFalse();
    assertThat(seen.has("parameters")).isFalse();
    assertThat(seen.path("greeting").asText()).isNotBlank();
    assertThat(json(characters(SERVICE).get("support-en")).has("prompt")).isFalse();

    JsonNode whole = json(characters(principal("a", Role.ADMIN)).get("support-en"));
    assertThat(whole.path("prompt").asText()).isNotBlank();
    assertThat(whole.path("parameters").path("temperature").asDouble()).isEqualTo(0.3);
  }

  @Test
  void charactersAreListedInPages() throws Exception {
    JsonNode first = json(characters(USER).list(null, 3));
    assertThat(first.path("items").findValuesAsText("id"))
        .containsExactly("companion-en", "companion-zh", "support-en");
    assertThat(first.path("next_cursor").asText()).isEqualTo("support-en");

    JsonNode second = json(characters(USER).list("support-en", 3));
    assertThat(second.path("items").findValuesAsText("id")).containsExactly("support-zh");
    assertThat(second.path("next_cursor").isNull()).isTrue();
    fails(ErrorCode.INVALID_FIELD, () -> characters(USER).list(null, 0));
    fails(ErrorCode.INVALID_FIELD, () -> characters(USER).list(null, 201));
  }

  private void say(Principal who, String characterId, String text) {
    conversations.post(
        who,
        new NewMessage(
            who.userId(),
            Optional.of(characterId),
            Optional.empty(),
            text,
            1,
            Optional.empty(),
            "n1",
            NewMessage.BusyPolicy.QUEUE,
            50));
  }

  /// One that must not be asked.
  private static <T> T never(Class<T> port) {
    return port.cast(
        Proxy.newProxyInstance(
            port.getClassLoader(),
            new Class<?>[] {port},
            (_, method, _) -> {
              throw new AssertionError(method);
            }));
  }

  /// Notes whose digests go.
  private static final class Forgotten implements Digests {
    final List<String> conversations = new ArrayList<>();

    @Override
    public Earlier of(String tenantId, String conversationId, long beforeSeq) {
      return Earlier.NONE;
    }

    @Override
    public void grew(String tenantId, String conversationId, long seq) {}

    @Override
    public void forget(Collection<String> conversationIds) {
      conversations.addAll(conversationIds);
    }

    @Override
    public void close() {}
  }

  private ProfileResource as(Principal principal) {
    return new ProfileResource(
        profiles.profiles(),
        conversations,
        new Forgetting(
            profiles.profiles(),
            conversations,
            replies,
            memory,
            digests,
            never(Sessions.class),
            characters),
        memory,
        never(LongTermMemory.class),
        characters,
        Defaults.of(MemoryConfig.class),
        Defaults.of(CharacterConfig.class),
        InstantSource.fixed(NOW),
        caller(principal));
  }

  private CharactersResource characters(Principal principal) {
    return new CharactersResource(characters, new TwoProviders(), caller(principal));
  }

  private static Caller caller(Principal principal) {
    Caller caller = new Caller();
    caller.becomes(principal);
    return caller;
  }

  private JsonNode json(Object view) throws Exception {
    return json.readTree(json.writeValueAsString(view));
  }

  private static Principal principal(String userId, Role role) {
    return new Principal(Principal.DEFAULT_TENANT, userId, role, false);
  }

  private static void fails(ErrorCode code, ThrowingCallable call) {
    assertThat(catchThrowable(call))
        .isInstanceOfSatisfying(MagpieException.class, e -> assertThat(e.code()).isEqualTo(code));
  }

  /// Is never asked, only named.
  private static final class TwoProviders implements Models {
    @Override
    public boolean available() {
      return true;
    }

    @Override
    public ModelStream ask(ModelRequest request) {
      throw new UnsupportedOperationException();
    }

    @Override
    public List<String> providers() {
      return List.of("one", "two");
    }

    @Override
    public List<String> failing() {
      return List.of();
    }
  }

  private record Asked(MemoryKey key, int limit, int maxTokens) {}

  /// Remembers what it is told to.
  private static final class FixedMemory implements ShortTermMemory {
    private Window window = new Window.Read(List.of());
    private Optional<MemoryMeta> meta = Optional.empty();
    private Asked asked = new Asked(new MemoryKey("", "", ""), 0, 0);

    @Override
    public Window messages(MemoryKey key, int limit, int maxTokens) {
      asked = new Asked(key, limit, maxTokens);
      return window;
    }

    @Override
    public boolean add(MemoryKey key, List<MemoryMessage> messages) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Optional<MemoryMeta> meta(MemoryKey key) {
      return meta;
    }

    @Override
    public boolean updateState(MemoryKey key, MemoryMeta.State state) {
      throw new UnsupportedOperationException();
    }

    @Override
    public boolean clear(MemoryKey key) {
      throw new UnsupportedOperationException();
    }

    @Override
    public long count(MemoryKey key) {
      throw new UnsupportedOperationException();
    }
  }

  /// Notes what was to be forgotten.
  private static final class Noting implements Replies {
    private final Set<String> forgotten = new HashSet<>();
    private boolean works = true;

    @Override
    public Posted send(Principal caller, Send send) {
      throw new UnsupportedOperationException();
    }

    @Override
    public List<ReplyRecord> stop(Principal caller, String userId) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Conversation take(Principal caller, String conversationId, String agentId) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Optional<ReplyRecord> await(Principal caller, ReplyRecord reply, Duration patience) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void end(Principal caller, String conversationId) {
      throw new UnsupportedOperationException();
    }

    @Override
    public boolean forget(Principal caller, String userId, String characterId) {
      assertThat(caller.mayActFor(userId)).isTrue();
      forgotten.add(characterId);
      return works;
    }
  }
}
