package chat.magpie.memory.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import chat.magpie.character.internal.SqlCharacters;
import chat.magpie.conversation.Archive;
import chat.magpie.conversation.Conversations;
import chat.magpie.conversation.Ending;
import chat.magpie.conversation.NewMessage;
import chat.magpie.conversation.Posted;
import chat.magpie.conversation.ReplyRecord;
import chat.magpie.conversation.SessionConfig;
import chat.magpie.conversation.internal.SqlArchive;
import chat.magpie.conversation.internal.SqlConversations;
import chat.magpie.conversation.internal.SqlSessions;
import chat.magpie.identity.Principal;
import chat.magpie.identity.Role;
import chat.magpie.identity.internal.Identity;
import chat.magpie.kernel.Deadline;
import chat.magpie.kernel.ErrorCode;
import chat.magpie.kernel.Ids;
import chat.magpie.kernel.MagpieException;
import chat.magpie.llm.Embeddings;
import chat.magpie.llm.internal.NoEmbeddings;
import chat.magpie.memory.LongTermMemory;
import chat.magpie.memory.LongTermMemory.Found;
import chat.magpie.memory.LongTermMemory.Question;
import chat.magpie.memory.LongTermMemory.Within;
import chat.magpie.memory.MemoryConfig;
import chat.magpie.memory.MemoryKey;
import chat.magpie.sql.Database;
import chat.magpie.testing.Defaults;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// What long-term memory and the archive do, on every database. Two instances stand for two nodes.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class LongTermMemoryContract {
  private static final String TENANT = Principal.DEFAULT_TENANT;
  private static final Principal SERVICE = new Principal(TENANT, "key", Role.SERVICE, false);
  private static final Instant MAY = Instant.parse("2026-05-04T10:00:00Z");

  private Database database;
  private SqlCharacters characters;
  private Conversations conversations;
  private SqlSessions sessions;
  private Archive archive;
  private SqlLongTermMemory memory;
  private SqlLongTermMemory elsewhere;
  private String mira = "";
  private String other = "";

  abstract Database open();

  @BeforeAll
  void start() {
    database = open();
    ObjectMapper json = new ObjectMapper();
    var audit = Identity.audit(database, Instant::now);
    characters = new SqlCharacters(database, audit, Instant::now);
    database.write(sql -> {
      characters.seed(sql, TENANT);
      characters.seed(sql, "acme");
      return 0;
    });
    mira = characters.list(TENANT).getFirst().id();
    other = characters.list(TENANT).getLast().id();
    SqlConversations sql = new SqlConversations(database, characters, audit, json, Instant::now);
    conversations = sql;
    sessions =
        new SqlSessions(
            "node",
            Defaults.of(SessionConfig.class),
            database,
            sql,
            characters,
            json,
            Instant::now);
    archive = new SqlArchive(database, sql, characters, audit, json, Instant::now);
    memory = node(new NoEmbeddings());
    elsewhere = node(new NoEmbeddings());
    sessions.onErase((deleted, _) -> memory.erasedConversation(deleted.conversationId()));
  }

  @AfterAll
  void stop() {
    memory.close();
    elsewhere.close();
    database.close();
  }

  private SqlLongTermMemory node(Embeddings embeddings) {
    return new SqlLongTermMemory(
        database,
        embeddings,
        Defaults.of(MemoryConfig.class),
        new SimpleMeterRegistry(),
        Instant::now);
  }

  @Test
  void whatWasSaidInAnotherConversationIsFound() {
    Principal user = someone();
    remember(user, "I am allergic to hazelnuts", "The weather is fine");
    remember(user, "My sister plays the cello");

    assertThat(texts(recall(memory, user, "What does my sister play?")))
        .first()
        .isEqualTo("My sister plays the cello");
    assertThat(texts(recall(elsewhere, user, "Which nuts am I allergic to?")))
        .first()
        .isEqualTo("I am allergic to hazelnuts");
  }

  @Test
  void nobodyElseIsFound() {
    Principal user = someone();
    Principal neighbour = someone();
    Principal foreigner = new Principal("acme", user.userId(), Role.CUSTOMER, false);
    remember(user, "The code word is albatross");
    remember(neighbour, "The code word is bullfinch");
    archive.add(
        service("acme"), user.userId(), mira, List.of(session("x", "The code word is curlew")));
    archive.add(SERVICE, user.userId(), other, List.of(session("x", "The code word is dunnock")));

    assertThat(texts(recall(memory, user, "What is the code word?")))
        .containsExactly("The code word is albatross");
    assertThat(texts(recall(memory, neighbour, "What is the code word?")))
        .containsExactly("The code word is bullfinch");
    assertThat(texts(memory.recall(key(foreigner, mira), question("What is the code word?"))))
        .containsExactly("The code word is curlew");
    assertThat(texts(memory.recall(key(user, other), question("What is the code word?"))))
        .containsExactly("The code word is dunnock");
  }

  @Test
  void whatIsSaidLaterIsFoundOnAllNodes() {
    Principal user = someone();
    remember(user, "I live in Leipzig");
    recall(memory, user, "Where do I live?");
    recall(elsewhere, user, "Where do I live?");

    remember(user, "I moved to Rostock, I live there now");

    for (LongTermMemory node : List.of(memory, elsewhere)) {
      assertThat(texts(recall(node, user, "Where do I live?")))
          .contains("I live in Leipzig", "I moved to Rostock, I live there now");
    }
  }

  @Test
  void whatIsForgottenIsNeverRecalledOnAnyNode() {
    Principal user = someone();
    remember(user, "I love marzipan");
    Posted asked = post(user, "I love marzipan even more today");
    recall(memory, user, "marzipan");
    recall(elsewhere, user, "marzipan");

    memory.forget(TENANT, user.userId(), Optional.empty());
    // An answer to what is forgotten, and something new.
    end(asked, "Marzipan it is");
    Posted fresh = post(user, "Do I like liquorice? I do");
    end(fresh, "Liquorice, noted");

    for (LongTermMemory node : List.of(memory, elsewhere, node(new NoEmbeddings()))) {
      assertThat(texts(recall(node, user, "marzipan or liquorice")))
          .containsExactlyInAnyOrder("Do I like liquorice? I do", "Liquorice, noted");
    }
  }

  @Test
  void oneCharacterForgetsAlone() {
    Principal user = someone();
    archive.add(SERVICE, user.userId(), mira, List.of(session("a", "The heron stands still")));
    archive.add(SERVICE, user.userId(), other, List.of(session("b", "The heron flies")));

    memory.forget(TENANT, user.userId(), Optional.of(mira));

    assertThat(recall(memory, user, "heron").turns()).isEmpty();
    assertThat(memory.recall(key(user, other), question("heron")).turns()).hasSize(1);
  }

  @Test
  void anErasedTurnIsInNoTableAndInNoMemory() {
    Principal user = someone();
    String word = word();
    Posted posted = post(user, "My secret is " + word);
    end(posted, "I keep your " + word);
    recall(memory, user, word);
    recall(elsewhere, user, word);

    Archive.Erased erased = archive.erase(user, user.userId(), posted.message().id()).orElseThrow();
    memory.erased(erased.messageIds());

    assertThat(erased.messageIds()).hasSize(2);
    assertThat(erased.replyIds()).hasSize(1);
    assertThat(occurrences(word)).isZero();
    for (LongTermMemory node : List.of(memory, elsewhere)) {
      assertThat(recall(node, user, word).turns()).isEmpty();
    }
    assertThat(archive.erase(user, user.userId(), posted.message().id())).isPresent();
    assertThat(conversations.recent(posted.conversation().id(), 100, 100)).hasSize(2);
  }

  @Test
  void aTurnThatIsBeingAnsweredIsNotErased() {
    Principal user = someone();
    Posted posted = post(user, "Not yet");

    refused(ErrorCode.CONFLICT, () -> archive.erase(user, user.userId(), posted.message().id()));
    assertThat(conversations.recent(posted.conversation().id(), 100, 100).getFirst().content())
        .isEqualTo("Not yet");
  }

  @Test
  void nobodyErasesTheTurnsOfOthers() {
    Principal user = someone();
    Principal thief = someone();
    Posted posted = post(user, "Mine");
    end(posted, "Yours");
    String id = posted.message().id();

    assertThat(archive.erase(thief, thief.userId(), id)).isEmpty();
    refused(ErrorCode.FORBIDDEN, () -> archive.erase(thief, user.userId(), id));
    assertThat(archive.erase(service("acme"), user.userId(), id)).isEmpty();
    assertThat(archive.erase(user, user.userId(), "' or 1=1 --")).isEmpty();
    assertThat(archive.erase(user, user.userId(), "x".repeat(100_000))).isEmpty();
    assertThat(texts(recall(memory, user, "mine"))).contains("Mine");
  }

  @Test
  void aDeletedConversationIsNotRecalledAndLeavesNothing() {
    Principal user = someone();
    Embeddings words = new WordVectors();
    SqlLongTermMemory node = node(words);
    archive.add(SERVICE, user.userId(), mira, List.of(session("gone", "The kestrel hovers")));
    embedAll(node, user);
    String conversation = recall(node, user, "kestrel").turns().getFirst().turn().conversationId();
    assertThat(rows("memory_vector", conversation)).isOne();

    assertThat(sessions.delete(user, conversation, Deadline.after(Duration.ofSeconds(30))))
        .isTrue();

    assertThat(recall(node, user, "kestrel").turns()).isEmpty();
    assertThat(rows("memory_vector", conversation)).isZero();
    assertThat(rows("imported_turn", conversation)).isZero();
    assertThat(rows("message", conversation)).isZero();
    node.close();
  }

  @Test
  void vectorsAreMadeOnceAndFindWhatSharesNoWord() {
    Principal user = someone();
    archive.add(
        SERVICE,
        user.userId(),
        mira,
        List.of(session("v", "We bought a hound", "The rent went up", "It rained all day")));
    SqlLongTermMemory node = node(new WordVectors());
    embedAll(node, user);

    LongTermMemory.Recall recall = recall(node, user, "dog");

    assertThat(recall.dense()).isTrue();
    assertThat(recall.pending()).isZero();
    assertThat(texts(recall)).first().isEqualTo("We bought a hound");

    WordVectors counting = new WordVectors();
    SqlLongTermMemory restarted = node(counting);
    embedAll(restarted, user);
    assertThat(texts(recall(restarted, user, "dog"))).first().isEqualTo("We bought a hound");
    assertThat(counting.embedded).isZero();
    node.close();
    restarted.close();
  }

  @Test
  void theConversationAtHandNeedsNoMemory() {
    Principal user = someone();
    Posted first = post(user, "Good morning");
    Question within =
        new Question(
            "Good morning",
            Instant.now().plusSeconds(60),
            10,
            1000,
            Optional.of(new Within(first.conversation().id(), first.message().seq())));

    assertThat(memory.recall(key(user, mira), within).turns()).isEmpty();

    remember(user, "In another conversation: good morning");
    assertThat(elsewhere.recall(key(user, mira), within).turns())
        .extracting(found -> found.turn().text())
        .contains("In another conversation: good morning");
  }

  @Test
  void anImportIsDatedAsGivenAndResolvesItsDates() {
    Principal user = someone();
    archive.add(
        SERVICE,
        user.userId(),
        mira,
        List.of(
            new Archive.Session(
                Optional.of("s1"),
                Optional.of(MAY),
                Optional.of("Asia/Shanghai"),
                List.of(
                    new Archive.Turn(
                        "t1",
                        true,
                        Optional.of("林晓"),
                        Instant.parse("2026-05-04T17:00:00Z"),
                        "昨天搬了家",
                        5)))));

    Found found = recall(memory, user, "我什么时候搬家的？").turns().getFirst();

    assertThat(found.turn().externalId()).isEqualTo("t1");
    assertThat(found.turn().at()).isEqualTo(Instant.parse("2026-05-04T17:00:00Z"));
    // It is the fifth of May in Shanghai.
    assertThat(found.turn().dates().getFirst().from()).isEqualTo(LocalDate.of(2026, 5, 4));
    var conversation = conversations.visibleTo(user, found.turn().conversationId()).orElseThrow();
    assertThat(conversation.endedAt()).contains(Instant.parse("2026-05-04T17:00:00Z"));
    assertThat(conversation.createdAt()).isEqualTo(MAY);
    assertThat(conversation.feedSeq()).isZero();
    assertThat(conversations.current(user, user.userId(), mira)).isEmpty();
  }

  @Test
  void theSameImportAgainAndAtTheSameTimeStoresNothingTwice() throws Exception {
    Principal user = someone();
    List<Archive.Session> given =
        List.of(
            session("one", "First of one", "Second of one"),
            session("two", "First of two", "First of two"));

    List<Archive.Imported> results = new ArrayList<>();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Callable<Archive.Imported>> calls =
          IntStream.range(0, 8)
              .<Callable<Archive.Imported>>mapToObj(
                  _ -> () -> archive.add(SERVICE, user.userId(), mira, given))
              .toList();
      for (Future<Archive.Imported> done : threads.invokeAll(calls)) {
        results.add(done.get());
      }
    }

    assertThat(results.stream().mapToInt(Archive.Imported::imported).sum()).isEqualTo(4);
    assertThat(results.stream().mapToInt(Archive.Imported::skipped).sum()).isEqualTo(28);
    assertThat(recall(memory, user, "first or second").turns()).hasSize(4);

    Archive.Imported more =
        archive.add(
            SERVICE, user.userId(), mira, List.of(session("one", "First of one", "x", "Third")));
    assertThat(more.imported()).isOne();
    assertThat(listOf(user)).hasSize(2);
  }

  @Test
  void anErasedTurnDoesNotComeBackByAnImport() {
    Principal user = someone();
    List<Archive.Session> given = List.of(session("s", "Never again"));
    archive.add(SERVICE, user.userId(), mira, given);
    assertThat(archive.erase(user, user.userId(), "s-0")).isPresent();

    assertThat(archive.add(SERVICE, user.userId(), mira, given).imported()).isZero();
    assertThat(recall(memory, user, "never again").turns()).isEmpty();
  }

  @Test
  void anImportThatCannotBeKeptStoresNothing() {
    Principal user = someone();
    Archive.Session good = session("good", "Good");

    refused(ErrorCode.FORBIDDEN, () -> archive.add(user, user.userId(), mira, List.of(good)));
    refused(
        ErrorCode.NOT_FOUND,
        () -> archive.add(SERVICE, user.userId(), "nobody-there", List.of(good)));
    for (Archive.Turn bad :
        List.of(
            turn("f", Instant.now().plus(Duration.ofDays(1)), "tomorrow"),
            turn("p", Instant.EPOCH.minusSeconds(1), "before"),
            turn("n", MAY, "NUL \0"),
            turn("s", MAY, "half \uD800"),
            turn("x".repeat(129), MAY, "id"))) {
      refused(
          ErrorCode.INVALID_FIELD,
          () ->
              archive.add(
                  SERVICE,
                  user.userId(),
                  mira,
                  List.of(
                      good,
                      new Archive.Session(
                          Optional.empty(), Optional.empty(), Optional.empty(), List.of(bad)))));
    }
    assertThat(listOf(user)).isEmpty();
  }

  @Test
  void onlyTurnsBeforeTheMomentAndWithinTheBudgetAreFound() {
    Principal user = someone();
    archive.add(
        SERVICE, user.userId(), mira, List.of(session("b", "Tea one", "Tea two", "Tea three")));
    Instant second = MAY.plusSeconds(60);

    assertThat(
            texts(
                memory.recall(
                    key(user, mira), new Question("tea", second, 10, 1000, Optional.empty()))))
        .containsExactly("Tea one");
    assertThat(
            memory
                .recall(
                    key(user, mira), new Question("tea", Instant.now(), 10, 10, Optional.empty()))
                .turns())
        .hasSize(2);
    assertThat(
            memory
                .recall(
                    key(user, mira), new Question("tea", Instant.now(), 1, 1000, Optional.empty()))
                .turns())
        .hasSize(1);
  }

  @Test
  @Tag("M-08")
  void aThousandUsersKeepTheirMemoriesApart() {
    int users = 500;
    String run = Ids.next();
    for (String tenant : List.of(TENANT, "acme")) {
      for (int i = 0; i < users; i++) {
        archive.add(
            service(tenant), run + i, mira, List.of(session("c", "canary " + tenant + " " + i)));
      }
    }
    for (String tenant : List.of(TENANT, "acme")) {
      for (int i = 0; i < users; i++) {
        assertThat(
                texts(
                    memory.recall(
                        new MemoryKey(tenant, run + i, mira), question("Which canary is it?"))))
            .containsExactly("canary " + tenant + " " + i);
      }
    }
  }

  private void embedAll(SqlLongTermMemory node, Principal user) {
    node.prepare(key(user, mira));
    while (node.makeVectors()) {
      // one batch after the other
    }
  }

  private static Principal someone() {
    return new Principal(TENANT, "user-" + Ids.next(), Role.CUSTOMER, false);
  }

  private static Principal service(String tenant) {
    return new Principal(tenant, "key", Role.SERVICE, false);
  }

  private static MemoryKey key(Principal user, String character) {
    return new MemoryKey(user.tenantId(), user.userId(), character);
  }

  private static Question question(String text) {
    return new Question(text, Instant.now().plusSeconds(60), 20, 2_000, Optional.empty());
  }

  private LongTermMemory.Recall recall(LongTermMemory node, Principal user, String text) {
    return node.recall(key(user, mira), question(text));
  }

  private static List<String> texts(LongTermMemory.Recall recall) {
    return recall.turns().stream().map(found -> found.turn().text()).toList();
  }

  /// As a conversation of its own.
  private void remember(Principal user, String... texts) {
    archive.add(SERVICE, user.userId(), mira, List.of(session(Ids.next(), texts)));
  }

  private static Archive.Session session(String id, String... texts) {
    List<Archive.Turn> turns = new ArrayList<>();
    for (String text : texts) {
      turns.add(turn(id + "-" + turns.size(), MAY.plusSeconds(60L * turns.size()), text));
    }
    return new Archive.Session(Optional.of(id), Optional.empty(), Optional.empty(), turns);
  }

  private static Archive.Turn turn(String id, Instant at, String text) {
    return new Archive.Turn(id, true, Optional.empty(), at, text, 5);
  }

  private Posted post(Principal user, String text) {
    return conversations.post(
        user,
        new NewMessage(
            user.userId(),
            Optional.of(mira),
            Optional.empty(),
            text,
            3,
            Optional.empty(),
            "node",
            NewMessage.BusyPolicy.QUEUE,
            100));
  }

  private void end(Posted posted, String text) {
    ReplyRecord reply = posted.reply();
    var ended =
        conversations.end(
            new Ending(
                reply.id(),
                reply.epoch(),
                ReplyRecord.Status.DONE,
                reply.speakerId(),
                Optional.empty(),
                text,
                1,
                List.of(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                null,
                null,
                List.of()));
    assertThat(ended).isPresent();
  }

  private List<?> listOf(Principal user) {
    return conversations.list(user, user.userId(), Optional.empty(), 200).items();
  }

  private static String word() {
    return "w" + Ids.next().replace("-", "");
  }

  private long rows(String table, String conversationId) {
    return database.read(sql ->
        sql.resultQuery(
                "select count(*) from " + table + " where conversation_id = ?", conversationId)
            .fetchSingle(row -> row.get(0, Long.class)));
  }

  private long occurrences(String word) {
    return database.read(sql ->
        Map.of("message", "content", "event", "payload", "reply", "receipt").entrySet().stream()
            .mapToLong(column ->
                sql.resultQuery(
                        "select count(*) from "
                            + column.getKey()
                            + " where "
                            + column.getValue()
                            + " like ?",
                        "%" + word + "%")
                    .fetchSingle(row -> row.get(0, Long.class)))
            .sum());
  }

  private static void refused(ErrorCode code, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(MagpieException.class, e -> assertThat(e.code()).isEqualTo(code));
  }

  /// Vectors by the words of a text, dogs and hounds being the same.
  private static final class WordVectors implements Embeddings {
    private int embedded;

    @Override
    public boolean available() {
      return true;
    }

    @Override
    public List<Embedding> ofTexts(List<String> texts) {
      embedded += texts.size();
      return texts.stream().map(text -> new Embedding("words", vector(text))).toList();
    }

    @Override
    public Map<String, float[]> ofQuestion(String question, Set<String> spaces) {
      return spaces.contains("words") ? Map.of("words", vector(question)) : Map.of();
    }

    private static float[] vector(String text) {
      float[] vector = new float[64];
      for (String word : text.toLowerCase(Locale.ROOT).replace("hound", "dog").split("\\W+", -1)) {
        vector[Math.floorMod(word.hashCode(), 64)] += word.equals("dog") ? 5 : 1;
      }
      double length = 0;
      for (float value : vector) {
        length += value * value;
      }
      for (int i = 0; i < vector.length; i++) {
        vector[i] /= (float) Math.sqrt(Math.max(length, 1e-9));
      }
      return vector;
    }
  }
}
