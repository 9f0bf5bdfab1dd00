package chat.magpie.insight.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import chat.magpie.character.internal.SqlCharacters;
import chat.magpie.conversation.Remains;
import chat.magpie.conversation.internal.SqlConversations;
import chat.magpie.identity.Audit;
import chat.magpie.identity.Principal;
import chat.magpie.identity.Role;
import chat.magpie.identity.internal.Identity;
import chat.magpie.insight.Assessments.Assessment;
import chat.magpie.insight.Assessments.Method;
import chat.magpie.insight.Figures;
import chat.magpie.insight.InsightConfig;
import chat.magpie.insight.Measure;
import chat.magpie.insight.Statistics.Part;
import chat.magpie.insight.Statistics.Point;
import chat.magpie.insight.Statistics.Series;
import chat.magpie.insight.Statistics.Span;
import chat.magpie.insight.Statistics.UserFigures;
import chat.magpie.kernel.ErrorCode;
import chat.magpie.kernel.Ids;
import chat.magpie.kernel.MagpieException;
import chat.magpie.llm.ScriptedModels;
import chat.magpie.sql.Database;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What is counted and assessed, on every database.
abstract class InsightContract {
  private static final String TENANT = Principal.DEFAULT_TENANT;
  private static final Principal BOSS = new Principal(TENANT, "boss", Role.SUPERVISOR, false);
  private static final ZoneId UTC = ZoneId.of("UTC");
  private static final Instant MONDAY = Instant.parse("2026-11-16T00:00:00Z");

  private Instant now = Instant.parse("2026-11-20T10:00:00Z");
  private Database database;
  private ScriptedModels models = ScriptedModels.unavailable();
  private InsightParts parts;

  /// A new, empty, migrated database.
  abstract Database newDatabase();

  @BeforeEach
  void open() {
    database = newDatabase();
    parts = node();
  }

  @AfterEach
  void close() {
    database.close();
  }

  private InsightParts node() {
    InsightConfig config =
        new InsightConfig() {
          @Override
          public Duration interval() {
            return Duration.ofMillis(20);
          }

          @Override
          public Assessor assessor() {
            return Assessor.MODEL;
          }

          @Override
          public int assessments() {
            return 2;
          }

          @Override
          public Duration assessmentTimeout() {
            return Duration.ofSeconds(5);
          }
        };
    SqlConversations conversations =
        new SqlConversations(
            database,
            new SqlCharacters(database, Identity.audit(database, () -> now), () -> now),
            Identity.audit(database, () -> now),
            new ObjectMapper(),
            () -> now);
    return InsightParts.open(
        config, database, conversations, models, Identity.audit(database, () -> now), () -> now);
  }

  /// A conversation that began then, without any events.
  private String converse(String tenantId, String userId, Instant at) {
    String id = Ids.next();
    database.write(sql ->
        sql.query(
                "insert into conversation (id, tenant_id, user_id, character_id, mode, status,"
                    + " message_seq, event_seq, created_at, updated_at)"
                    + " values (?, ?, ?, 'mira', 'BOT', 'ACTIVE', 0, 0, ?, ?)",
                id,
                tenantId,
                userId,
                at.toEpochMilli(),
                at.toEpochMilli())
            .execute());
    return id;
  }

  /// The next event of a conversation's feed.
  private void happens(String conversationId, Instant at, String type, String payload) {
    database.write(sql -> {
      sql.query("update conversation set event_seq = event_seq + 1 where id = ?", conversationId)
          .execute();
      return sql.query(
              "insert into event (conversation_id, seq, type, payload, created_at)"
                  + " select id, event_seq, ?, ?, ? from conversation where id = ?",
              type,
              payload,
              at.toEpochMilli(),
              conversationId)
          .execute();
    });
  }

  private void message(String conversationId, Instant at, String role) {
    happens(
        conversationId,
        at,
        "message.created",
        "{\"message_id\":\"m\",\"seq\":1,\"role\":\"" + role + "\"}");
  }

  /// A question and its answer after two seconds; with what follows if it ends.
  private String talk(String tenantId, String userId, Instant at, boolean ends) {
    String id = converse(tenantId, userId, at);
    message(id, at, "user");
    message(id, at.plusSeconds(2), "assistant");
    if (ends) {
      happens(id, at.plusSeconds(3), "conversation.ended", "{}");
    }
    return id;
  }

  private Figures total(String from, String until) {
    return parts.statistics().tenant(BOSS, span(from, until, Part.DAY, UTC)).total();
  }

  private static Span span(String from, String until, Part part, ZoneId zone) {
    return new Span(Instant.parse(from), Instant.parse(until), part, zone);
  }

  private static Span week() {
    return span("2026-11-16T00:00:00Z", "2026-11-23T00:00:00Z", Part.DAY, UTC);
  }

  @Test
  void whatHappensIsCountedOnceHoweverOftenAndByWhomeverItIsCounted() throws Exception {
    List<String> ids =
        IntStream.range(0, 30)
            .mapToObj(i -> talk(TENANT, "u" + i % 3, MONDAY.plusSeconds(60L * i), i % 2 == 0))
            .toList();
    InsightParts other = node();
    CyclicBarrier start = new CyclicBarrier(4);
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> running = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        FeedCounting counting = i % 2 == 0 ? parts.counting() : other.counting();
        running.add(
            executor.submit(() -> {
              start.await();
              counting.count(ids);
              return null;
            }));
      }
      for (Future<?> one : running) {
        one.get();
      }
    }
    parts.counting().count(ids);
    parts.counting().scan();

    Figures figures = total("2026-11-16T00:00:00Z", "2026-11-17T00:00:00Z");
    assertThat(figures.get(Measure.CONVERSATIONS)).isEqualTo(30);
    assertThat(figures.get(Measure.USER_MESSAGES)).isEqualTo(30);
    assertThat(figures.get(Measure.FIRST_RESPONSE_MILLIS)).isEqualTo(60_000);
    assertThat(figures.get(Measure.ENDED)).isEqualTo(15);

    message(ids.getFirst(), MONDAY.plusSeconds(9), "user");
    parts.counting().count(ids);
    assertThat(total("2026-11-16T00:00:00Z", "2026-11-17T00:00:00Z"))
        .isEqualTo(figures.plus(Measure.USER_MESSAGES, 1));
  }

  @Test
  void whatNobodyHeardOfIsCountedByGoingThroughAllConversations() {
    IntStream.range(0, 520).forEach(i -> converse(TENANT, "empty", MONDAY));
    String late = talk(TENANT, "u", MONDAY, false);
    IntStream.range(0, 600).forEach(i -> message(late, MONDAY.plusSeconds(i), "user"));

    parts.counting().scan();

    assertThat(total("2026-11-16T00:00:00Z", "2026-11-17T00:00:00Z").get(Measure.USER_MESSAGES))
        .isEqualTo(601);
  }

  @Test
  void whatIsHeardOfIsCountedSoon() {
    parts.start();
    try {
      String id = talk(TENANT, "u", MONDAY, true);
      parts.counting().grew(TENANT, id, 3);
      parts.counting().grew(TENANT, Ids.next(), 3);
      await()
          .until(
              () -> total("2026-11-16T00:00:00Z", "2026-11-17T00:00:00Z").get(Measure.ENDED) == 1);
      await()
          .until(() ->
              total("2026-11-20T00:00:00Z", "2026-11-21T00:00:00Z").get(Measure.ASSESSED) == 1);
    } finally {
      parts.close();
    }
  }

  @Test
  void deletedConversationsLeaveTheSumsAlone() {
    String kept = talk(TENANT, "u", MONDAY, true);
    String gone = talk(TENANT, "u", MONDAY, true);
    parts.counting().count(List.of(kept, gone));
    database.write(sql ->
        sql.query(
                "insert into rating (id, conversation_id, number, tenant_id, user_id, stars, comment,"
                    + " created_at) values ('r', ?, 1, ?, 'u', 1, 'canary', 1)",
                gone,
                TENANT)
            .execute());
    database.write(sql -> sql.query("delete from conversation where id = ?", gone).execute());

    parts.counting().scan();

    for (String table : List.of("rating", "conversation_figures", "assessment")) {
      assertThat(count(table, gone)).as(table).isZero();
    }
    assertThat(count("conversation_figures", kept)).isEqualTo(1);
    assertThat(total("2026-11-16T00:00:00Z", "2026-11-17T00:00:00Z").get(Measure.ENDED))
        .isEqualTo(2);
  }

  @Test
  void erasingAConversationErasesItsRatingAssessmentAndFigures() {
    String kept = talk(TENANT, "u", MONDAY, true);
    String gone = talk(TENANT, "u", MONDAY, true);
    parts.counting().count(List.of(kept, gone));
    Remains.Deleted deleted = new Remains.Deleted(TENANT, gone, "u", "mira", false);
    parts.counting().erase(deleted, List.of());
    parts.counting().erase(deleted, List.of());
    for (String table : List.of("conversation_figures", "assessment")) {
      assertThat(count(table, gone)).as(table).isZero();
      assertThat(count(table, kept)).as(table).isEqualTo(1);
    }
  }

  private int count(String table, String conversationId) {
    return database.read(sql ->
        sql.resultQuery(
                "select count(*) from " + table + " where conversation_id = ?", conversationId)
            .fetchSingle()
            .get(0, Integer.class));
  }

  @Test
  void daysAndHoursAreThoseOfTheZone() {
    for (int hour = 0; hour < 48; hour++) {
      talk(TENANT, "u", MONDAY.plusSeconds(3600L * hour + 1800), false);
    }
    parts.counting().scan();

    // Kathmandu is 5:45 ahead: its Tuesday begins at 18:15 UTC on Monday.
    Series kathmandu =
        parts
            .statistics()
            .tenant(
                BOSS,
                span(
                    "2026-11-15T18:15:00Z",
                    "2026-11-17T18:15:00Z",
                    Part.DAY,
                    ZoneId.of("Asia/Kathmandu")));
    assertThat(kathmandu.points())
        .extracting(Point::from)
        .containsExactly(
            Instant.parse("2026-11-15T18:15:00Z"), Instant.parse("2026-11-16T18:15:00Z"));
    assertThat(kathmandu.points())
        .extracting(point -> point.figures().get(Measure.CONVERSATIONS))
        .containsExactly(18L, 24L);
    assertThat(kathmandu.total().get(Measure.CONVERSATIONS)).isEqualTo(42);

    Series hours =
        parts
            .statistics()
            .tenant(BOSS, span("2026-11-16T00:30:00Z", "2026-11-16T03:00:00Z", Part.HOUR, UTC));
    assertThat(hours.points())
        .extracting(Point::from)
        .containsExactly(
            Instant.parse("2026-11-16T00:30:00Z"),
            Instant.parse("2026-11-16T01:00:00Z"),
            Instant.parse("2026-11-16T02:00:00Z"));
    assertThat(hours.total().get(Measure.CONVERSATIONS)).isEqualTo(3);
  }

  @Test
  void aDayOnWhichTheClocksGoBackHasTwentyFiveHours() {
    ZoneId berlin = ZoneId.of("Europe/Berlin");
    for (int hour = 0; hour < 25; hour++) {
      talk(TENANT, "u", Instant.parse("2026-10-24T22:00:00Z").plusSeconds(3600L * hour), false);
    }
    parts.counting().scan();
    Span day = span("2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z", Part.HOUR, berlin);
    Series hours = parts.statistics().tenant(BOSS, day);
    assertThat(hours.points()).hasSize(25);
    assertThat(hours.points())
        .allSatisfy(point -> assertThat(point.figures().get(Measure.CONVERSATIONS)).isEqualTo(1));
    Series one =
        parts.statistics().tenant(BOSS, new Span(day.from(), day.until(), Part.DAY, berlin));
    assertThat(one.points()).hasSize(1);
  }

  @Test
  void agentsAreCountedEachForThemselves() {
    String id = talk(TENANT, "u", MONDAY, false);
    happens(id, MONDAY.plusSeconds(10), "mode.changed", "{\"mode\":\"waiting\"}");
    happens(
        id, MONDAY.plusSeconds(40), "mode.changed", "{\"mode\":\"human\",\"assignee_id\":\"ann\"}");
    message(id, MONDAY.plusSeconds(50), "human");
    happens(id, MONDAY.plusSeconds(100), "mode.changed", "{\"mode\":\"bot\"}");
    happens(id, MONDAY.plusSeconds(110), "conversation.rated", "{\"stars\":4}");
    parts.counting().scan();

    Map<String, Figures> agents = parts.statistics().agents(BOSS, week());
    assertThat(agents).containsOnlyKeys("ann");
    Principal ann = new Principal(TENANT, "ann", Role.AGENT, false);
    Figures own = parts.statistics().agent(ann, "ann", week()).total();
    assertThat(agents.get("ann")).isEqualTo(own);
    assertThat(own.get(Measure.HANDLING_MILLIS)).isEqualTo(60_000);
    assertThat(own.get(Measure.STARS_4)).isEqualTo(1);
    assertThat(parts.statistics().agent(BOSS, "nobody", week()).total().isNone()).isTrue();
    UserFigures user = parts.statistics().user(BOSS, "u");
    assertThat(user).isEqualTo(new UserFigures(1, 1, 60_000, 1, 4));
  }

  @Test
  void onlyWhoMaySeesAndOnlyTheOwnTenant() {
    String id = talk(TENANT, "u", MONDAY, false);
    happens(id, MONDAY.plusSeconds(10), "mode.changed", "{\"mode\":\"waiting\"}");
    parts.counting().scan();
    Principal elsewhere = new Principal("other", "boss", Role.SUPERVISOR, false);
    assertThat(parts.statistics().tenant(elsewhere, week()).total().isNone()).isTrue();
    assertThat(parts.statistics().agents(elsewhere, week())).isEmpty();
    assertThat(parts.statistics().user(elsewhere, "u")).isEqualTo(new UserFigures(0, 0, 0, 0, 0));
    Principal user = new Principal(TENANT, "u", Role.CUSTOMER, false);
    assertThat(parts.statistics().user(user, "u")).isEqualTo(new UserFigures(1, 0, 0, 0, 0));
    for (Role role : List.of(Role.GUEST, Role.CUSTOMER, Role.AGENT, Role.SERVICE)) {
      Principal caller = new Principal(TENANT, "x", role, false);
      fails(ErrorCode.FORBIDDEN, () -> parts.statistics().tenant(caller, week()));
      fails(ErrorCode.FORBIDDEN, () -> parts.statistics().agents(caller, week()));
      fails(ErrorCode.FORBIDDEN, () -> parts.statistics().agent(caller, "ann", week()));
    }
    fails(ErrorCode.FORBIDDEN, () -> parts.statistics().agent(user, "u", week()));
    fails(ErrorCode.FORBIDDEN, () -> parts.statistics().user(user, "v"));
  }

  @Test
  void tenantsWithTheSameUsersAndAgentsDoNotMix() {
    Principal elsewhere = new Principal("other", "boss", Role.SUPERVISOR, false);
    for (int i = 0; i < 5; i++) {
      String tenantId = i < 2 ? TENANT : "other";
      String id = talk(tenantId, "u", MONDAY.plusSeconds(i), false);
      happens(id, MONDAY.plusSeconds(10), "mode.changed", "{\"mode\":\"waiting\"}");
      happens(
          id,
          MONDAY.plusSeconds(40),
          "mode.changed",
          "{\"mode\":\"human\",\"assignee_id\":\"ann\"}");
      message(id, MONDAY.plusSeconds(50), "human");
      happens(
          id, MONDAY.plusSeconds(60), "conversation.rated", "{\"stars\":" + (i < 2 ? 1 : 5) + "}");
      happens(id, MONDAY.plusSeconds(100), "conversation.ended", "{}");
    }
    parts.counting().scan();
    boolean more = true;
    while (more) {
      more = parts.assessments().assessNext();
    }
    assertTenant(BOSS, 2, Measure.STARS_1, Measure.STARS_5);
    assertTenant(elsewhere, 3, Measure.STARS_5, Measure.STARS_1);
  }

  private void assertTenant(Principal boss, long talks, Measure given, Measure notGiven) {
    Figures all = parts.statistics().tenant(boss, week()).total();
    assertThat(all.get(Measure.CONVERSATIONS)).isEqualTo(talks);
    assertThat(all.get(Measure.HANDOVERS)).isEqualTo(talks);
    assertThat(all.get(Measure.ASSESSED)).isEqualTo(talks);
    Map<String, Figures> agents = parts.statistics().agents(boss, week());
    assertThat(agents).containsOnlyKeys("ann");
    Figures ann = parts.statistics().agent(boss, "ann", week()).total();
    for (Figures figures : List.of(all, ann, agents.getOrDefault("ann", Figures.none()))) {
      assertThat(figures.get(Measure.HUMAN_MESSAGES)).isEqualTo(talks);
      assertThat(figures.get(given)).isEqualTo(talks);
      assertThat(figures.get(notGiven)).isZero();
    }
    assertThat(parts.statistics().user(boss, "u").handovers()).isEqualTo(talks);
    assertThat(parts.statistics().user(boss, "u").ratings()).isEqualTo(talks);
  }

  @Test
  void whoTakesFiguresAwayIsNoted() {
    Principal admin = new Principal(TENANT, "admin", Role.ADMIN, false);
    parts.statistics().exported(BOSS, "agents", week());
    fails(
        ErrorCode.FORBIDDEN,
        () ->
            parts
                .statistics()
                .exported(new Principal(TENANT, "x", Role.AGENT, false), "agents", week()));
    Audit.Filter exports =
        new Audit.Filter(
            Optional.empty(),
            Optional.of("statistics.exported"),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty());
    assertThat(
            Identity.audit(database, () -> now).list(admin, exports, Optional.empty(), 10).items())
        .singleElement()
        .satisfies(entry -> {
          assertThat(entry.actorId()).isEqualTo("boss");
          assertThat(entry.targetId()).isEqualTo("agents");
          assertThat(entry.after()).contains("2026-11-16T00:00:00Z");
        });
  }

  @Test
  void timesThatMakeNoSenseOrTooManyPartsAreRefused() {
    for (Span bad :
        List.of(
            span("2026-11-16T00:00:00Z", "2026-11-16T00:00:00Z", Part.DAY, UTC),
            span("2026-11-17T00:00:00Z", "2026-11-16T00:00:00Z", Part.DAY, UTC),
            span("2026-01-01T00:00:00Z", "2027-03-01T00:00:00Z", Part.DAY, UTC),
            span("2026-01-01T00:00:00Z", "2026-03-01T00:00:00Z", Part.HOUR, UTC))) {
      fails(ErrorCode.INVALID_FIELD, () -> parts.statistics().tenant(BOSS, bad));
    }
    assertThat(
            parts
                .statistics()
                .tenant(BOSS, span("2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z", Part.DAY, UTC))
                .points())
        .hasSize(365);
  }

  @Test
  void everyConversationThatEndsIsAssessedOnceByWhomever() throws Exception {
    for (int i = 0; i < 12; i++) {
      talk(TENANT, "u", MONDAY.plusSeconds(i), true);
    }
    talk(TENANT, "u", MONDAY, false);
    String silent = converse(TENANT, "u", MONDAY);
    happens(silent, MONDAY, "conversation.ended", "{}");
    parts.counting().scan();
    InsightParts other = node();
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> running = new ArrayList<>();
      for (SqlAssessments each :
          List.of(parts.assessments(), other.assessments(), parts.assessments())) {
        running.add(
            executor.submit(() -> {
              boolean more = true;
              while (more) {
                more = each.assessNext();
              }
            }));
      }
      for (Future<?> one : running) {
        one.get();
      }
    }
    parts.counting().scan();
    assertThat(parts.assessments().assessNext()).isFalse();

    Figures figures = total("2026-11-20T00:00:00Z", "2026-11-21T00:00:00Z");
    assertThat(figures.get(Measure.ASSESSED)).isEqualTo(12);
    assertThat(figures.get(Measure.QUALITY_SUM)).isEqualTo(1200);
  }

  @Test
  void anAssessmentThatWasNotFinishedIsMadeAgainAndCountsOnce() {
    String id = talk(TENANT, "u", MONDAY, true);
    parts.counting().scan();
    AssessmentTable table = new AssessmentTable(database, () -> now, Duration.ofSeconds(30));
    AssessmentTable.Claim lost = table.claim().orElseThrow();
    assertThat(table.claim()).isEmpty();
    now = now.plusSeconds(31);
    AssessmentTable.Claim second = table.claim().orElseThrow();
    assertThat(second.conversationId()).isEqualTo(id);
    assertThat(second.attempts()).isEqualTo(2);
    AssessmentTable.Finding finding =
        new AssessmentTable.Finding(Method.RULES, 60, Map.of("slow", 40), Optional.empty());

    assertThat(table.finish(lost, finding, "")).isFalse();
    assertThat(table.finish(second, finding, "")).isTrue();
    assertThat(table.finish(second, finding, "")).isFalse();
    now = now.plusSeconds(31);
    assertThat(table.claim()).isEmpty();
    Figures figures = total("2026-11-20T00:00:00Z", "2026-11-21T00:00:00Z");
    assertThat(figures.get(Measure.ASSESSED)).isEqualTo(1);
    assertThat(parts.assessments().of(BOSS, id))
        .contains(
            new Assessment(
                id, Method.RULES, 60, Map.of("slow", 40), Optional.empty(), now.minusSeconds(31)));
  }

  @Test
  void aModelAssessesWhereThereIsOneAndOnlyWhoMaySeesIt() {
    models =
        ScriptedModels.answering(
            "{\"helpfulness\":50,\"accuracy\":50,\"politeness\":50,\"resolution\":50}");
    parts = node();
    String id = talk(TENANT, "u", MONDAY, true);
    parts.counting().scan();
    assertThat(parts.assessments().of(BOSS, id)).isEmpty();
    assertThat(parts.assessments().assessNext()).isTrue();

    Assessment assessment = parts.assessments().of(BOSS, id).orElseThrow();
    assertThat(assessment.method()).isEqualTo(Method.MODEL);
    assertThat(assessment.score()).isEqualTo(50);
    assertThat(assessment.model()).contains("fake/model");
    Principal user = new Principal(TENANT, "u", Role.CUSTOMER, false);
    Principal stranger = new Principal(TENANT, "v", Role.CUSTOMER, false);
    Principal elsewhere = new Principal("other", "boss", Role.SUPERVISOR, false);
    fails(ErrorCode.FORBIDDEN, () -> parts.assessments().of(user, id));
    fails(ErrorCode.NOT_FOUND, () -> parts.assessments().of(stranger, id));
    fails(ErrorCode.NOT_FOUND, () -> parts.assessments().of(elsewhere, id));
  }

  private static void fails(ErrorCode code, ThrowingCallable call) {
    assertThat(catchThrowable(call))
        .isInstanceOfSatisfying(
            MagpieException.class, e -> assertThat(e.code()).as(e.getMessage()).isEqualTo(code));
  }
}
