package chat.magpie.profile.internal;

import static chat.magpie.profile.internal.ProfileTables.*;
import static org.jooq.impl.DSL.falseCondition;

import chat.magpie.conversation.FeedListener;
import chat.magpie.conversation.Remains;
import chat.magpie.conversation.ReplyRecord;
import chat.magpie.kernel.BackgroundWork;
import chat.magpie.profile.Fact.Method;
import chat.magpie.profile.ProfileConfig;
import chat.magpie.profile.ProfileConfig.Learner;
import chat.magpie.profile.internal.FactBook.Source;
import chat.magpie.sql.Database;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.Record;

/// Has rules learn from what users say, after the reply to it has ended: a commit leaves the
/// conversation's id and nothing more, and a thread of its own does the rest for many conversations
/// in one transaction.
///
/// How far has been learnt is moved in that transaction and only from where the reading began, so
/// that a message is learnt from once, whichever nodes learn and wherever they crash. What was not
/// heard of is found by going through all conversations at the start and every few minutes.
public final class FactLearning implements FeedListener, Remains, AutoCloseable {
  private static final Logger LOG = Logger.getLogger(FactLearning.class);
  private static final int MOST_WAITING = 50_000;
  private static final int BATCH = 50;
  private static final int MESSAGES = 200;
  private static final int SCANNED = 500;
  private static final Duration BETWEEN_SCANS = Duration.ofMinutes(10);
  private static final Duration STEP = Duration.ofMillis(100);

  /// A message that is being answered is learnt from when it has been, or after this time.
  private static final Duration ANSWERED = Duration.ofSeconds(10);

  private final Database database;
  private final ProfileConfig config;
  private final ModelLearning model;
  private final KnownLines lines;
  private final Timing timing;
  private final InstantSource clock;
  private final Rules rules = new Rules();
  private final Map<String, Long> due = new ConcurrentHashMap<>();
  private final BackgroundWork work = new BackgroundWork("profile-learning");

  FactLearning(
      Database database,
      ProfileConfig config,
      ModelLearning model,
      KnownLines lines,
      Timing timing,
      InstantSource clock) {
    this.database = database;
    this.config = config;
    this.model = model;
    this.lines = lines;
    this.timing = timing;
    this.clock = clock;
  }

  @Override
  public void grew(String tenantId, String conversationId, long seq) {
    hear(conversationId);
  }

  /// Says that there may be something new in a conversation.
  void hear(String conversationId) {
    if (due.size() < MOST_WAITING) {
      due.merge(conversationId, System.nanoTime() + config.delay().toNanos(), Math::min);
    }
  }

  ModelLearning model() {
    return model;
  }

  /// Whether a model learns for this tenant at the moment.
  boolean modelLearns(String tenantId) {
    return model.learns(tenantId);
  }

  /// Messages of the user that wait to be learnt from.
  long pending(DSLContext sql, String tenantId, String userId, boolean withModel) {
    Condition mine = CONVERSATION_TENANT.eq(tenantId).and(CONVERSATION_USER.eq(userId));
    Condition byRules = Progress.behind().and(Progress.messageBehind());
    Condition which =
        withModel
            ? byRules.or(
                CONVERSATION_STATUS
                    .ne("ACTIVE")
                    .and(Progress.behindOfModel())
                    .and(Progress.messageBehindOfModel()))
            : byRules;
    return sql.fetchCount(
        sql.selectOne()
            .from(CONVERSATION)
            .join(MESSAGE)
            .on(MESSAGE_CONVERSATION.eq(CONVERSATION_ID))
            .leftJoin(LEARNT)
            .on(LEARNT_CONVERSATION.eq(CONVERSATION_ID))
            .where(mine, which, MESSAGE_ROLE.eq("USER")));
  }

  /// Begins to learn.
  public void start() {
    work.start(this::work);
    model.start();
  }

  @Override
  public void close() {
    work.close();
    model.close();
  }

  private void work() {
    long nextScan = System.nanoTime();
    while (!work.stopping()) {
      if (System.nanoTime() - nextScan >= 0) {
        work.attempt(this::scan);
        nextScan = System.nanoTime() + BETWEEN_SCANS.toNanos();
      }
      work.attempt(this::learnDue);
      work.pause(STEP);
    }
  }

  /// Learns from what this node has heard of and what is due.
  void learnDue() {
    List<String> batch = take();
    while (!batch.isEmpty()) {
      List<String> taken = batch;
      try {
        learn(taken);
      } catch (RuntimeException e) {
        taken.forEach(id -> postpone(id, ANSWERED));
        throw e;
      }
      batch = take();
    }
  }

  private List<String> take() {
    long now = System.nanoTime();
    List<String> batch =
        due.entrySet().stream()
            .filter(waiting -> now - waiting.getValue() >= 0)
            .limit(BATCH)
            .map(Map.Entry::getKey)
            .toList();
    batch.forEach(due::remove);
    return batch;
  }

  private void postpone(String conversationId, Duration by) {
    due.putIfAbsent(conversationId, System.nanoTime() + by.toNanos());
  }

  /// Goes through all conversations for what nobody has learnt from.
  void scan() {
    Condition byModel =
        model.isOn()
            ? CONVERSATION_STATUS.ne("ACTIVE").and(Progress.behindOfModel())
            : falseCondition();
    String after = "";
    while (!work.stopping()) {
      String from = after;
      List<String> page =
          database.read(sql ->
              sql.select(CONVERSATION_ID)
                  .from(CONVERSATION)
                  .leftJoin(LEARNT)
                  .on(LEARNT_CONVERSATION.eq(CONVERSATION_ID))
                  .where(CONVERSATION_ID.gt(from), Progress.behind().or(byModel))
                  .orderBy(CONVERSATION_ID)
                  .limit(SCANNED)
                  .fetch(CONVERSATION_ID));
      if (page.isEmpty()) {
        return;
      }
      page.forEach(id -> due.putIfAbsent(id, System.nanoTime()));
      learnDue();
      after = page.getLast();
    }
  }

  /// Learns from what is new in these conversations.
  void learn(List<String> conversationIds) {
    List<Reading> readings =
        database.read(sql ->
            conversationIds.stream()
                .map(id -> read(sql, id))
                .flatMap(Optional::stream)
                .sorted(
                    Comparator.comparing(Reading::tenantId)
                        .thenComparing(Reading::userId)
                        .thenComparing(Reading::conversationId))
                .toList());
    List<Reading> ready = new ArrayList<>();
    for (Reading reading : readings) {
      if (reading.waits()) {
        postpone(reading.conversationId(), ANSWERED);
      } else {
        ready.add(reading.understood(rules));
      }
    }
    if (ready.stream().anyMatch(reading -> reading.upTo() > reading.before())) {
      long now = clock.millis();
      database.write(sql -> {
        ready.stream()
            .filter(reading -> reading.upTo() > reading.before())
            .forEach(reading -> store(sql, reading, now));
        return 0;
      });
    }
    for (Reading reading : ready) {
      if (!reading.understood().isEmpty()) {
        lines.forget(reading.tenantId(), reading.userId());
      }
      if (reading.more()) {
        due.putIfAbsent(reading.conversationId(), System.nanoTime());
      } else if (reading.over() && reading.enabled()) {
        model.offer(reading.conversationId());
      }
    }
  }

  private void store(DSLContext sql, Reading reading, long now) {
    if (!sql.fetchExists(CONVERSATION, CONVERSATION_ID.eq(reading.conversationId()))) {
      return; // deleted meanwhile
    }
    if (!reading.enabled()) {
      Progress.pass(sql, reading.conversationId(), reading.upTo());
      return;
    }
    if (!Progress.move(sql, reading.conversationId(), reading.before(), reading.upTo())
        || reading.understood().isEmpty()) {
      return;
    }
    FactBook book = FactBook.hold(sql, reading.tenantId(), reading.userId(), now, timing);
    Set<String> refused =
        FactBook.refused(
            sql, reading.understood().stream().map(one -> one.source().messageId()).toList());
    for (Understood one : reading.understood()) {
      if (!refused.contains(one.source().messageId())) {
        book.learn(one.claim(), List.of(one.source()), Method.RULE);
      }
    }
  }

  private Optional<Reading> read(DSLContext sql, String conversationId) {
    Record row =
        sql.select(
                CONVERSATION_TENANT,
                CONVERSATION_USER,
                CONVERSATION_STATUS,
                CONVERSATION_SEQ,
                LEARNT_RULES)
            .from(CONVERSATION)
            .leftJoin(LEARNT)
            .on(LEARNT_CONVERSATION.eq(CONVERSATION_ID))
            .where(CONVERSATION_ID.eq(conversationId))
            .fetchOne();
    if (row == null) {
      return Optional.empty();
    }
    Long learnt = row.get(LEARNT_RULES);
    long before = learnt == null ? 0 : learnt;
    String tenantId = row.get(CONVERSATION_TENANT);
    String userId = row.get(CONVERSATION_USER);
    boolean over = !row.get(CONVERSATION_STATUS).equals("ACTIVE");
    boolean enabled = config.learner() != Learner.NOBODY && allowed(sql, tenantId, userId);
    if (row.get(CONVERSATION_SEQ) <= before) {
      return Optional.of(
          new Reading(
              conversationId,
              tenantId,
              userId,
              enabled,
              over,
              before,
              before,
              false,
              false,
              List.of(),
              List.of()));
    }
    List<Said> said = new ArrayList<>();
    boolean[] waits = {false};
    long[] upTo = {before};
    sql.select(
            MESSAGE_ID, MESSAGE_SEQ, MESSAGE_ROLE, MESSAGE_CREATED, MESSAGE_CONTENT, IMPORTED_ZONE)
        .from(MESSAGE)
        .leftJoin(IMPORTED)
        .on(IMPORTED_MESSAGE.eq(MESSAGE_ID))
        .where(MESSAGE_CONVERSATION.eq(conversationId), MESSAGE_SEQ.gt(before))
        .orderBy(MESSAGE_SEQ)
        .limit(MESSAGES)
        .forEach(message -> {
          upTo[0] = message.get(MESSAGE_SEQ);
          waits[0] = message.get(MESSAGE_ROLE).equals("USER");
          if (waits[0]) {
            said.add(
                new Said(
                    new Source(
                        message.get(MESSAGE_ID),
                        conversationId,
                        message.get(MESSAGE_CREATED),
                        timing.day(message.get(MESSAGE_CREATED), message.get(IMPORTED_ZONE))),
                    message.get(MESSAGE_CONTENT)));
          }
        });
    boolean fresh =
        !over
            && waits[0]
            && clock.millis() - said.getLast().source().saidAt() < ANSWERED.toMillis();
    return Optional.of(
        new Reading(
            conversationId,
            tenantId,
            userId,
            enabled,
            over,
            before,
            upTo[0],
            enabled && fresh,
            upTo[0] < row.get(CONVERSATION_SEQ),
            said,
            List.of()));
  }

  private static boolean allowed(DSLContext sql, String tenantId, String userId) {
    SqlProfiles.State state = SqlProfiles.state(sql, tenantId, userId);
    return state == null
        ? !sql.fetchExists(SWITCH, SWITCH_TENANT.eq(tenantId), SWITCH_LEARNING.eq(0))
        : state.enabled();
  }

  /// Erases what was learnt from a conversation that is deleted, and from nowhere else.
  @Override
  public void erase(Remains.Deleted deleted, List<ReplyRecord> replies) {
    if (!replies.isEmpty()) {
      return;
    }
    String conversationId = deleted.conversationId();
    long now = clock.millis();
    database.write(sql -> {
      List<String> facts =
          sql.selectDistinct(SOURCE_FACT)
              .from(SOURCE)
              .where(SOURCE_CONVERSATION.eq(conversationId))
              .fetch(SOURCE_FACT);
      if (!facts.isEmpty()) {
        FactBook book = FactBook.hold(sql, deleted.tenantId(), deleted.userId(), now, timing);
        book.loseSources(facts, conversationId);
      }
      sql.deleteFrom(REFUSED).where(REFUSED_CONVERSATION.eq(conversationId)).execute();
      sql.deleteFrom(LEARNT).where(LEARNT_CONVERSATION.eq(conversationId)).execute();
      return 0;
    });
    lines.forget(deleted.tenantId(), deleted.userId());
  }

  /// Something a user said.
  record Said(Source source, String text) {}

  /// What a message was understood to say.
  record Understood(Source source, Claim claim) {}

  /// What is new in a conversation.
  ///
  /// @param over nobody says anything there at the moment
  /// @param waits its last message is being answered
  /// @param more there is more than was read
  private record Reading(
      String conversationId,
      String tenantId,
      String userId,
      boolean enabled,
      boolean over,
      long before,
      long upTo,
      boolean waits,
      boolean more,
      List<Said> said,
      List<Understood> understood) {
    Reading understood(Rules rules) {
      List<Understood> claims = new ArrayList<>();
      if (enabled) {
        for (Said one : said) {
          for (Claim claim : understand(rules, one)) {
            claims.add(new Understood(one.source(), claim));
          }
        }
      }
      return new Reading(
          conversationId, tenantId, userId, enabled, over, before, upTo, waits, more, said, claims);
    }

    private static List<Claim> understand(Rules rules, Said said) {
      try {
        return rules.claims(said.text());
      } catch (RuntimeException | StackOverflowError e) {
        LOG.warnf("Message %s is not learnt from: %s", said.source().messageId(), e.getClass());
        return List.of();
      }
    }
  }
}
