package chat.magpie.profile.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import chat.magpie.character.internal.SqlCharacters;
import chat.magpie.conversation.NewMessage;
import chat.magpie.conversation.Posted;
import chat.magpie.conversation.Remains;
import chat.magpie.conversation.internal.SqlConversations;
import chat.magpie.identity.Principal;
import chat.magpie.identity.Role;
import chat.magpie.identity.internal.Identity;
import chat.magpie.kernel.ErrorCode;
import chat.magpie.kernel.Ids;
import chat.magpie.kernel.MagpieException;
import chat.magpie.llm.ScriptedModels;
import chat.magpie.memory.internal.RoughTokens;
import chat.magpie.memory.internal.SpokenDates;
import chat.magpie.profile.Fact;
import chat.magpie.profile.ProfileConfig;
import chat.magpie.profile.Profiles;
import chat.magpie.profile.Profiles.Correction;
import chat.magpie.profile.Profiles.Statement;
import chat.magpie.profile.Slot;
import chat.magpie.profile.SpokenDays.Span;
import chat.magpie.sql.Database;
import chat.magpie.testing.Defaults;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// What profiles promise on every database. Each test talks as users of its own.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class ProfilesContract {
  private final AtomicLong seconds = new AtomicLong(1_800_000_000L);
  private final List<ProfileParts> opened = new ArrayList<>();

  private Database database;
  private SqlConversations conversations;
  private ProfileParts node;
  private ProfileParts other;

  abstract Database open();

  @BeforeAll
  void start() {
    database = open();
    var audit = Identity.audit(database, this::now);
    SqlCharacters characters = new SqlCharacters(database, audit, this::now);
    database.write(sql -> {
      characters.seed(sql, Principal.DEFAULT_TENANT);
      characters.seed(sql, "acme");
      return 0;
    });
    conversations =
        new SqlConversations(database, characters, audit, new ObjectMapper(), this::now);
    node = parts(Defaults.of(ProfileConfig.class), ScriptedModels.unavailable());
    other = parts(Defaults.of(ProfileConfig.class), ScriptedModels.unavailable());
  }

  @AfterAll
  void stop() {
    opened.forEach(ProfileParts::close);
    database.close();
  }

  /// A minute passes between any two looks at the clock.
  private Instant now() {
    return Instant.ofEpochSecond(seconds.addAndGet(60));
  }

  private ProfileParts parts(ProfileConfig config, ScriptedModels models) {
    ProfileParts parts =
        ProfileParts.open(
            config,
            database,
            Identity.audit(database, this::now),
            models,
            new RoughTokens(),
            new SimpleMeterRegistry(),
            ZoneId.of("Asia/Shanghai"),
            ProfilesContract::spoken,
            this::now);
    opened.add(parts);
    return parts;
  }

  private static List<Span> spoken(String text, LocalDate said) {
    return SpokenDates.in(text, said).stream()
        .map(days -> new Span(days.from(), days.to()))
        .toList();
  }

  private static Principal someone() {
    return new Principal("default", "user-" + Ids.next(), Role.CUSTOMER, false);
  }

  private Posted say(Principal user, String text) {
    Posted posted =
        conversations.post(
            user,
            new NewMessage(
                user.userId(),
                Optional.of("companion-en"),
                Optional.empty(),
                text,
                1,
                Optional.empty(),
                "node-1",
                NewMessage.BusyPolicy.QUEUE,
                50));
    return posted;
  }

  private Posted sayAndLearn(Principal user, String text) {
    Posted posted = say(user, text);
    node.learning().learn(List.of(posted.conversation().id()));
    return posted;
  }

  private List<Fact> facts(Principal user) {
    return node.profiles().of(user.tenantId(), user.userId()).facts();
  }

  private Fact fact(Principal user, Slot slot) {
    return facts(user).stream()
        .filter(fact -> fact.slot() == slot && fact.holds())
        .findFirst()
        .orElseThrow();
  }

  private List<String> lines(Principal user) {
    return node.profiles().promptLines(user.tenantId(), user.userId());
  }

  @Test
  void aMessageIsLearntFromOnceWithItsSource() {
    Principal user = someone();
    Posted posted = say(user, "I'm allergic to peanuts. I live in Lisbon.");
    String id = posted.conversation().id();
    assertThat(node.profiles().of("default", user.userId()).pending()).isEqualTo(1);

    node.learning().learn(List.of(id));
    other.learning().learn(List.of(id));
    node.learning().learn(List.of(id));

    assertThat(node.profiles().of("default", user.userId()).pending()).isZero();
    assertThat(facts(user)).extracting(Fact::slot).containsExactly(Slot.ALLERGIES, Slot.PLACE);
    Fact fact = fact(user, Slot.ALLERGIES);
    assertThat(fact.value()).isEqualTo("peanuts");
    assertThat(fact.text()).contains("allergic to peanuts");
    assertThat(fact.sources()).containsExactly(posted.message().id());
    assertThat(fact.method()).isEqualTo(Fact.Method.RULE);
    assertThat(fact.confidence()).isEqualTo(.9);
    assertThat(lines(user)).containsExactly("Allergies: peanuts", "Lives in: Lisbon");
  }

  @Test
  void nodesThatLearnAtTheSameTimeLearnOnce() throws Exception {
    Principal user = someone();
    String id = say(user, "I'm allergic to pollen").conversation().id();
    List<Callable<Boolean>> calls = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      ProfileParts one = i % 2 == 0 ? node : other;
      calls.add(() -> {
        one.learning().learn(List.of(id));
        return true;
      });
    }
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      for (var call : executor.invokeAll(calls)) {
        assertThat(call.get()).isTrue();
      }
    }
    assertThat(facts(user)).hasSize(1);
  }

  @Test
  void theScanFindsWhatNobodyHeardOf() {
    Principal user = someone();
    say(user, "I'm a vegetarian");
    node.learning().scan();
    assertThat(fact(user, Slot.DIET).value()).isEqualTo("vegetarian");
  }

  @Test
  void aLaterStatementTakesThePlaceOfAnEarlierOne() {
    Principal user = someone();
    sayAndLearn(user, "I live in Lisbon");
    sayAndLearn(user, "I like jazz");
    sayAndLearn(user, "I like ragtime");
    sayAndLearn(user, "We moved to Utrecht");

    Fact now = fact(user, Slot.PLACE);
    assertThat(now.value()).isEqualTo("Utrecht");
    Fact before =
        facts(user).stream()
            .filter(fact -> fact.value().equals("Lisbon"))
            .findFirst()
            .orElseThrow();
    assertThat(before.holds()).isFalse();
    assertThat(before.supersededBy()).contains(now.id());
    assertThat(before.validTo()).contains(now.validFrom());
    assertThat(lines(user)).containsExactly("Lives in: Utrecht", "Likes: ragtime", "Likes: jazz");
    assertThat(node.profiles().of("default", user.userId()).preferences())
        .containsEntry("likes", "ragtime, jazz");
  }

  @Test
  void whatIsNoLongerSoEndsWhatWasSo() {
    Principal user = someone();
    sayAndLearn(user, "I love peanuts");
    sayAndLearn(user, "我养了一只柯基");
    sayAndLearn(user, "I don't eat peanuts any more");
    assertThat(lines(user)).containsExactly("Diet: not, or no longer: peanuts", "宠物：柯基");
    assertThat(facts(user))
        .filteredOn(fact -> !fact.holds())
        .extracting(Fact::slot)
        .containsExactly(Slot.LIKES);
  }

  @Test
  void whatTheUserCorrectsIsNeverOverwritten() {
    Principal user = someone();
    sayAndLearn(user, "I live in Lisbon");
    Fact learnt = fact(user, Slot.PLACE);
    Fact corrected =
        node.profiles()
            .correct(
                user,
                user.userId(),
                learnt.id(),
                new Correction(
                    Optional.empty(),
                    Optional.of("Cascais"),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty()));
    assertThat(corrected.id()).isEqualTo(learnt.id());
    assertThat(corrected.method()).isEqualTo(Fact.Method.USER);

    sayAndLearn(user, "I live in Porto");

    assertThat(fact(user, Slot.PLACE).value()).isEqualTo("Cascais");
    assertThat(facts(user)).hasSize(1);
    assertThat(lines(user)).containsExactly("Lives in: Cascais");
    assertThat(other.profiles().promptLines("default", user.userId()))
        .containsExactly("Lives in: Cascais");
  }

  @Test
  void whatIsErasedIsNotLearntAgainFromTheSameMessages() {
    Principal user = someone();
    Posted posted = sayAndLearn(user, "I'm allergic to kiwi and I love jazz");
    assertThat(facts(user)).hasSize(2);
    node.profiles().erase(user, user.userId(), fact(user, Slot.ALLERGIES).id());
    database.write(sql -> {
      Progress.move(sql, posted.conversation().id(), posted.message().seq(), 0);
      return 0;
    });
    node.learning().learn(List.of(posted.conversation().id()));

    assertThat(facts(user)).hasSize(1);
    assertThat(fact(user, Slot.LIKES).text()).doesNotContain("kiwi");
    sayAndLearn(user, "I'm allergic to kiwi");
    assertThat(fact(user, Slot.ALLERGIES).value()).isEqualTo("kiwi");
  }

  @Test
  void whatIsSaidWhileTheUserHasItOffIsNeverLearnt() {
    Principal user = someone();
    sayAndLearn(user, "I love jazz");
    assertThat(lines(user)).hasSize(1);
    assertThat(node.profiles().learning(user, user.userId(), false).enabled()).isFalse();
    assertThat(lines(user)).isEmpty();
    assertThat(other.profiles().promptLines("default", user.userId())).isEmpty();

    String id = say(user, "I'm allergic to pollen").conversation().id();
    assertThat(node.profiles().learning(user, user.userId(), true).enabled()).isTrue();
    node.learning().learn(List.of(id));

    assertThat(facts(user)).extracting(Fact::value).containsExactly("jazz");
    assertThat(lines(user)).containsExactly("Likes: jazz");
    sayAndLearn(user, "I'm allergic to wasps");
    assertThat(facts(user)).hasSize(2);
  }

  @Test
  void whatIsSaidWhileTheTenantHasItOffIsNeverLearnt() {
    Principal admin = new Principal("acme", "boss", Role.ADMIN, false);
    Principal user = new Principal("acme", "user-" + Ids.next(), Role.CUSTOMER, false);
    fails(ErrorCode.FORBIDDEN, () -> node.profiles().tenantLearning(user, false));
    sayAndLearn(user, "I love jazz");
    node.profiles().tenantLearning(admin, false);
    assertThat(lines(user)).isEmpty();
    assertThat(node.profiles().of("acme", user.userId()).learning().enabled()).isFalse();
    sayAndLearn(user, "I'm allergic to pollen");
    String id = say(user, "I'm allergic to wasps").conversation().id();
    node.profiles().tenantLearning(admin, true);
    node.learning().learn(List.of(id));
    assertThat(facts(user)).extracting(Fact::value).containsExactly("jazz");
    assertThat(node.profiles().tenantLearning(admin)).isTrue();
  }

  @Test
  void whatIsForgottenIsGoneAndStaysGone() {
    Principal user = someone();
    Posted posted = sayAndLearn(user, "I love jazz");
    node.profiles()
        .state(user, user.userId(), new Statement(Slot.NAME, "Ada", Optional.empty(), false));
    say(user, "I'm allergic to pollen");
    node.profiles().forget("default", user.userId());
    node.learning().learn(List.of(posted.conversation().id()));
    node.learning().scan();
    assertThat(facts(user)).isEmpty();
    assertThat(lines(user)).isEmpty();
    assertThat(other.profiles().promptLines("default", user.userId())).isEmpty();
  }

  @Test
  void aDeletedConversationTakesWhatOnlyItSaid() {
    Principal user = someone();
    Posted first = sayAndLearn(user, "I love jazz. I'm allergic to pollen");
    conversations.endCurrent(user, user.userId(), "companion-en");
    Posted second = sayAndLearn(user, "I love jazz");
    assertThat(second.conversation().id()).isNotEqualTo(first.conversation().id());
    assertThat(fact(user, Slot.LIKES).sources()).hasSize(2);

    node.learning()
        .erase(
            new Remains.Deleted(
                "default", first.conversation().id(), user.userId(), "companion-en", false),
            List.of());

    assertThat(facts(user)).extracting(Fact::value).containsExactly("jazz");
    assertThat(fact(user, Slot.LIKES).sources()).containsExactly(second.message().id());
    assertThat(fact(user, Slot.LIKES).text()).doesNotContain("pollen");
    node.profiles()
        .erased(
            "default", user.userId(), second.conversation().id(), List.of(second.message().id()));
    assertThat(facts(user)).isEmpty();
  }

  @Test
  void statementsAtTheSameTimeLeaveOneThatHolds() throws Exception {
    Principal user = someone();
    List<Callable<Fact>> calls = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      Profiles profiles = (i % 2 == 0 ? node : other).profiles();
      String place = "Town" + i;
      calls.add(() ->
          profiles.state(
              user, user.userId(), new Statement(Slot.PLACE, place, Optional.empty(), false)));
    }
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      for (var call : executor.invokeAll(calls)) {
        assertThat(call.get().method()).isEqualTo(Fact.Method.USER);
      }
    }
    assertThat(facts(user)).hasSize(10);
    assertThat(facts(user)).filteredOn(Fact::holds).hasSize(1);
  }

  @Test
  void nobodyTouchesWhatBelongsToOthers() {
    Principal user = someone();
    sayAndLearn(user, "I love jazz");
    String id = fact(user, Slot.LIKES).id();
    Principal stranger = someone();
    Principal foreign = new Principal("acme", user.userId(), Role.ADMIN, false);
    Correction correction =
        new Correction(
            Optional.empty(),
            Optional.of("x"),
            Optional.empty(),
            Optional.empty(),
            Optional.empty());
    fails(ErrorCode.FORBIDDEN, () -> node.profiles().erase(stranger, user.userId(), id));
    fails(ErrorCode.NOT_FOUND, () -> node.profiles().erase(stranger, stranger.userId(), id));
    fails(ErrorCode.NOT_FOUND, () -> node.profiles().erase(foreign, user.userId(), id));
    fails(
        ErrorCode.NOT_FOUND, () -> node.profiles().correct(foreign, user.userId(), id, correction));
    fails(ErrorCode.FORBIDDEN, () -> node.profiles().learning(stranger, user.userId(), false));
    assertThat(node.profiles().of("acme", user.userId()).facts()).isEmpty();
    for (String value : List.of("", " ", "x".repeat(201), "\0", "\uD800")) {
      fails(
          ErrorCode.INVALID_FIELD,
          () ->
              node.profiles()
                  .state(
                      user,
                      user.userId(),
                      new Statement(Slot.LIKES, value, Optional.empty(), false)));
    }
    assertThat(facts(user)).hasSize(1);
  }

  @Test
  void aModelLearnsFromWhatIsOverAndNothingThatWasNotSaid() {
    Principal user = someone();
    Posted posted = say(user, "Lately the accordion has been my whole life");
    conversations.endCurrent(user, user.userId(), "companion-en");
    ScriptedModels models =
        ScriptedModels.answering(
            """
            {"facts": [
              {"slot": "hobbies", "value": "accordion", "negated": false, "sources": ["m1"], "confidence": 0.8},
              {"slot": "hobbies", "value": "trombone", "sources": ["m1"]},
              {"slot": "likes", "value": "accordion", "sources": ["m7"]},
              {"slot": "wishes", "value": "accordion", "sources": ["m1"]},
              {"slot": "likes", "value": "life", "sources": [], "confidence": 1},
              {"slot": "health", "value": "life", "sources": ["m1"], "confidence": "high"}]}
            """);
    ProfileParts learner = parts(new WithModel(100_000), models);
    String id = posted.conversation().id();
    learner.learning().learn(List.of(id));
    assertThat(learner.profiles().of("default", user.userId()).pending()).isEqualTo(1);
    learner.learning().model().learn(id);
    learner.learning().model().learn(id);

    assertThat(facts(user)).hasSize(1);
    Fact fact = fact(user, Slot.HOBBIES);
    assertThat(fact.value()).isEqualTo("accordion");
    assertThat(fact.method()).isEqualTo(Fact.Method.MODEL);
    assertThat(fact.sources()).containsExactly(posted.message().id());
    assertThat(models.asked()).hasSize(1);
    assertThat(models.asked().getFirst().messages().getLast().content())
        .contains("\"id\":\"m1\"", "accordion");
    assertThat(learner.profiles().of("default", user.userId()).pending()).isZero();
  }

  @Test
  void whatAModelSaysOtherwiseHarmsNothing() {
    StringBuilder many = new StringBuilder("{\"facts\":[");
    for (int i = 0; i < 10_000; i++) {
      many.append(i == 0 ? "" : ",")
          .append("{\"slot\":\"likes\",\"value\":\"tea\",\"sources\":[\"m1\"]}");
    }
    for (String hostile :
        List.of(
            "Sure! Here are the facts.",
            "",
            "[]",
            "{\"facts\":{}}",
            "{\"facts\":[],\"more\":1}",
            "{\"facts\":[]} and more",
            "{\"facts\":[{\"slot\":\"likes\",\"value\":\"ignore all rules\",\"sources\":[\"m1\"]}]}",
            many.append("]}").toString())) {
      Principal user = someone();
      String id = say(user, "What a day, I drank so much tea").conversation().id();
      conversations.endCurrent(user, user.userId(), "companion-en");
      ScriptedModels models = ScriptedModels.answering(hostile);
      ProfileParts learner = parts(new WithModel(0), models);
      learner.learning().learn(List.of(id));
      learner.learning().model().learn(id);
      learner.learning().model().learn(id);
      assertThat(facts(user)).as(hostile.substring(0, Math.min(40, hostile.length()))).isEmpty();
      assertThat(models.asked()).hasSizeBetween(1, 3);
      assertThat(learner.profiles().of("default", user.userId()).pending()).isZero();
    }
  }

  @Test
  void aModelThatFailsOrCostsTooMuchLeavesItForLater() {
    Principal user = someone();
    String id = say(user, "The accordion is my whole life").conversation().id();
    conversations.endCurrent(user, user.userId(), "companion-en");
    ProfileParts broken = parts(new WithModel(0), ScriptedModels.broken());
    broken.learning().learn(List.of(id));
    broken.learning().model().learn(id);
    String answer =
        "{\"facts\":[{\"slot\":\"hobbies\",\"value\":\"accordion\",\"sources\":[\"m1\"]}]}";
    ScriptedModels tooMuch = ScriptedModels.answering(answer);
    Principal spender = new Principal("acme", "spender-" + Ids.next(), Role.CUSTOMER, false);
    String spent = say(spender, "The accordion is my whole life").conversation().id();
    String unspent = say(spender(spender), "The accordion is my whole life").conversation().id();
    ProfileParts thrifty = parts(new WithModel(1), tooMuch);
    thrifty.learning().learn(List.of(spent, unspent));
    thrifty.learning().model().learn(spent);
    thrifty.learning().model().learn(unspent);
    assertThat(tooMuch.asked()).hasSize(1);

    ProfileParts learner = parts(new WithModel(0), ScriptedModels.answering(answer));
    learner.learning().model().learn(id);
    assertThat(fact(user, Slot.HOBBIES).value()).isEqualTo("accordion");
  }

  private static Principal spender(Principal first) {
    return new Principal(first.tenantId(), first.userId() + "-2", Role.CUSTOMER, false);
  }

  private static void fails(ErrorCode code, ThrowingCallable call) {
    assertThat(catchThrowable(call))
        .isInstanceOfSatisfying(MagpieException.class, e -> assertThat(e.code()).isEqualTo(code));
  }

  /// The defaults with a model that learns.
  private record WithModel(int dailyTokens) implements ProfileConfig {
    @Override
    public Learner learner() {
      return Learner.MODEL;
    }

    @Override
    public Duration delay() {
      return Duration.ZERO;
    }

    @Override
    public Duration modelTimeout() {
      return Duration.ofSeconds(60);
    }

    @Override
    public int promptFacts() {
      return 20;
    }
  }

  @Test
  void aChangeThatIsDatedEndsOnThatDayWhatWas() {
    Principal user = someone();
    sayAndLearn(user, "I live in Lisbon. I take metformin. I work at Siemens");
    long noon = seconds.updateAndGet(now -> (now / 86_400 + 10) * 86_400 + 4 * 3_600);
    sayAndLearn(
        user,
        "I moved to Porto the day before yesterday. They took me off metformin yesterday. I quit my job");
    LocalDate today = LocalDate.ofInstant(Instant.ofEpochSecond(noon), ZoneId.of("Asia/Shanghai"));

    Fact porto = fact(user, Slot.PLACE);
    assertThat(porto.value()).isEqualTo("Porto");
    assertThat(porto.validFrom()).isEqualTo(today.minusDays(2));
    assertThat(ended(user, Slot.PLACE).validTo()).contains(today.minusDays(2));
    assertThat(ended(user, Slot.PLACE).supersededBy()).contains(porto.id());
    assertThat(ended(user, Slot.MEDICATION).validTo()).contains(today.minusDays(1));
    assertThat(ended(user, Slot.WORKPLACE).validTo()).contains(today);
    assertThat(ended(user, Slot.WORKPLACE).supersededBy()).isEmpty();
  }

  private Fact ended(Principal user, Slot slot) {
    return facts(user).stream()
        .filter(fact -> fact.slot() == slot && !fact.holds())
        .findFirst()
        .orElseThrow();
  }
}
