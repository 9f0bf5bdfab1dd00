package chat.magpie.profile.internal;

import static chat.magpie.profile.internal.ProfileTables.*;

import chat.magpie.kernel.BackgroundWork;
import chat.magpie.kernel.Ids;
import chat.magpie.llm.Models;
import chat.magpie.llm.Tokens;
import chat.magpie.profile.Fact.Method;
import chat.magpie.profile.ProfileConfig;
import chat.magpie.profile.ProfileConfig.Learner;
import chat.magpie.profile.internal.FactBook.Source;
import chat.magpie.profile.internal.ModelReading.Finding;
import chat.magpie.profile.internal.ModelReading.Line;
import chat.magpie.sql.Database;
import chat.magpie.sql.DatabaseTime;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jooq.DSLContext;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;

/// Has a model learn from conversations that have become idle or have ended, one batch of messages
/// after the other. Whoever has the conversation's lease asks; what was found counts only where the
/// lease is still held and nobody has moved on meanwhile, so that no batch is learnt twice.
final class ModelLearning implements AutoCloseable {
  private static final int MESSAGES = 40;
  private static final int CHARACTERS = 12_000;
  private static final int UNUSABLE = 3;
  private static final int MOST_WAITING = 10_000;
  private static final Duration GRACE = Duration.ofSeconds(30);
  private static final Duration STEP = Duration.ofMillis(200);

  private final Database database;
  private final ProfileConfig config;
  private final Models models;
  private final ModelReading reading;
  private final KnownLines lines;
  private final Timing timing;
  private final InstantSource clock;
  private final Counter tokens;
  private final Set<String> waiting = ConcurrentHashMap.newKeySet();
  private final BackgroundWork work = new BackgroundWork("profile-model");

  ModelLearning(
      Database database,
      ProfileConfig config,
      Models models,
      Tokens tokens,
      KnownLines lines,
      MeterRegistry registry,
      Timing timing,
      InstantSource clock) {
    this.database = database;
    this.config = config;
    this.models = models;
    this.reading = new ModelReading(models, tokens, config.modelTimeout());
    this.lines = lines;
    this.timing = timing;
    this.clock = clock;
    this.tokens =
        Counter.builder("magpie.profile.model.tokens")
            .description("Tokens that learning about users by a model has cost")
            .register(registry);
  }

  /// Whether the configuration has a model learn.
  boolean isOn() {
    return config.learner() == Learner.MODEL;
  }

  /// Whether a model learns for this tenant at the moment.
  boolean learns(String tenantId) {
    return isOn() && models.available() && left(tenantId) > 0;
  }

  /// Says that nobody says anything in a conversation at the moment.
  void offer(String conversationId) {
    if (isOn() && waiting.size() < MOST_WAITING) {
      waiting.add(conversationId);
    }
  }

  void start() {
    if (isOn()) {
      work.start(this::work);
    }
  }

  @Override
  public void close() {
    work.close();
    reading.close();
  }

  private void work() {
    while (!work.stopping()) {
      Iterator<String> next = waiting.iterator();
      if (next.hasNext()) {
        String conversationId = next.next();
        next.remove();
        work.attempt(() -> learn(conversationId));
      } else {
        work.pause(STEP);
      }
    }
  }

  /// Learns from what no model has learnt from in this conversation.
  void learn(String conversationId) {
    boolean more = models.available();
    while (more && !work.stopping()) {
      Optional<Batch> batch = claim(conversationId);
      more = batch.isPresent() && left(batch.get().tenantId()) > 0 && learn(batch.get());
      if (!more) {
        batch.ifPresent(this::release);
      }
    }
  }

  /// False where it is to be tried later.
  private boolean learn(Batch batch) {
    if (batch.lines().isEmpty()) {
      return finish(batch, List.of());
    }
    try {
      ModelReading.Answer answer = reading.ask(batch.lines());
      return switch (answer) {
        case ModelReading.Answer.Usable(List<Finding> findings, int input, int output) -> {
          spend(batch.tenantId(), input, output);
          yield finish(batch, findings);
        }
        case ModelReading.Answer.Unusable(int input, int output) -> {
          spend(batch.tenantId(), input, output);
          yield batch.attempts() + 1 >= UNUSABLE ? finish(batch, List.of()) : again(batch);
        }
        case ModelReading.Answer.None() -> false;
      };
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /// Messages to be learnt from by whoever has the claim.
  ///
  /// @param from the seq after which they begin
  /// @param to the seq of the last of them
  /// @param attempts how often the answer to it was of no use
  private record Batch(
      String conversationId,
      String tenantId,
      String userId,
      String claim,
      long from,
      long to,
      int attempts,
      List<Line> lines) {}

  private Optional<Batch> claim(String conversationId) {
    String claim = Ids.next();
    long lease = config.modelTimeout().plus(GRACE).toMillis();
    boolean claimed =
        database.write(sql -> {
          var now = DatabaseTime.millis(sql);
          return sql.update(LEARNT)
                  .set(LEARNT_CLAIM, claim)
                  .set(LEARNT_UNTIL, now.plus(lease))
                  .where(
                      LEARNT_CONVERSATION.eq(conversationId),
                      LEARNT_MODEL.lt(LEARNT_RULES),
                      LEARNT_CLAIM.isNull().or(LEARNT_UNTIL.lt(now)))
                  .execute()
              == 1;
        });
    return claimed ? database.read(sql -> read(sql, conversationId, claim)) : Optional.empty();
  }

  private Optional<Batch> read(DSLContext sql, String conversationId, String claim) {
    Record row =
        sql.select(
                CONVERSATION_TENANT, CONVERSATION_USER, LEARNT_MODEL, LEARNT_RULES, LEARNT_ATTEMPTS)
            .from(CONVERSATION)
            .join(LEARNT)
            .on(LEARNT_CONVERSATION.eq(CONVERSATION_ID))
            .where(CONVERSATION_ID.eq(conversationId), LEARNT_CLAIM.eq(claim))
            .fetchOne();
    if (row == null) {
      return Optional.empty();
    }
    long from = row.get(LEARNT_MODEL);
    long to = from;
    int characters = 0;
    List<Line> lines = new ArrayList<>();
    for (Record message :
        sql.select(
                MESSAGE_ID,
                MESSAGE_SEQ,
                MESSAGE_ROLE,
                MESSAGE_CREATED,
                MESSAGE_CONTENT,
                IMPORTED_ZONE)
            .from(MESSAGE)
            .leftJoin(IMPORTED)
            .on(IMPORTED_MESSAGE.eq(MESSAGE_ID))
            .where(
                MESSAGE_CONVERSATION.eq(conversationId),
                MESSAGE_SEQ.gt(from),
                MESSAGE_SEQ.le(row.get(LEARNT_RULES)))
            .orderBy(MESSAGE_SEQ)
            .limit(MESSAGES)
            .fetch()) {
      Line line =
          Line.of(
              new Source(
                  message.get(MESSAGE_ID),
                  conversationId,
                  message.get(MESSAGE_CREATED),
                  timing.day(message.get(MESSAGE_CREATED), message.get(IMPORTED_ZONE))),
              message.get(MESSAGE_ROLE).equals("USER"),
              message.get(MESSAGE_CONTENT));
      characters += line.text().length();
      if (!lines.isEmpty() && characters > CHARACTERS) {
        break;
      }
      lines.add(line);
      to = message.get(MESSAGE_SEQ);
    }
    return Optional.of(
        new Batch(
            conversationId,
            row.get(CONVERSATION_TENANT),
            row.get(CONVERSATION_USER),
            claim,
            from,
            lines.isEmpty() ? row.get(LEARNT_RULES) : to,
            row.get(LEARNT_ATTEMPTS),
            lines.stream().anyMatch(Line::mine) ? lines : List.of()));
  }

  /// Keeps what was found; whether there may be more. False where the claim has been lost.
  private boolean finish(Batch batch, List<Finding> findings) {
    long now = clock.millis();
    boolean kept =
        database.write(sql -> {
          int moved =
              sql.update(LEARNT)
                  .set(LEARNT_MODEL, batch.to())
                  .set(LEARNT_ATTEMPTS, 0)
                  .setNull(LEARNT_CLAIM)
                  .where(
                      LEARNT_CONVERSATION.eq(batch.conversationId()),
                      LEARNT_CLAIM.eq(batch.claim()),
                      LEARNT_MODEL.eq(batch.from()))
                  .execute();
          if (moved == 0
              || !sql.fetchExists(CONVERSATION, CONVERSATION_ID.eq(batch.conversationId()))) {
            return false;
          }
          if (!findings.isEmpty()) {
            FactBook book = FactBook.hold(sql, batch.tenantId(), batch.userId(), now, timing);
            Set<String> refused =
                FactBook.refused(
                    sql, batch.lines().stream().map(line -> line.source().messageId()).toList());
            for (Finding finding : findings) {
              if (finding.sources().stream()
                  .noneMatch(source -> refused.contains(source.messageId()))) {
                book.learn(finding.claim(), finding.sources(), Method.MODEL);
              }
            }
          }
          return true;
        });
    if (kept && !findings.isEmpty()) {
      lines.forget(batch.tenantId(), batch.userId());
    }
    return kept;
  }

  private boolean again(Batch batch) {
    return database.write(sql ->
        sql.update(LEARNT)
            .set(LEARNT_ATTEMPTS, LEARNT_ATTEMPTS.plus(1))
            .setNull(LEARNT_CLAIM)
            .where(LEARNT_CONVERSATION.eq(batch.conversationId()), LEARNT_CLAIM.eq(batch.claim()))
            .execute())
        == 1;
  }

  private void release(Batch batch) {
    database.write(sql ->
        sql.update(LEARNT)
            .setNull(LEARNT_CLAIM)
            .where(LEARNT_CONVERSATION.eq(batch.conversationId()), LEARNT_CLAIM.eq(batch.claim()))
            .execute());
  }

  private String today() {
    return LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC).toString();
  }

  /// Tokens that may still be spent today.
  private long left(String tenantId) {
    if (config.dailyTokens() == 0) {
      return Long.MAX_VALUE;
    }
    String day = today();
    @Nullable Long spent =
        database.read(sql ->
            sql.select(COST_INPUT.plus(COST_OUTPUT))
                .from(COST)
                .where(COST_TENANT.eq(tenantId), COST_DAY.eq(day))
                .fetchOne(0, Long.class));
    return config.dailyTokens() - (spent == null ? 0 : spent);
  }

  private void spend(String tenantId, int input, int output) {
    tokens.increment((double) input + output);
    String day = today();
    database.write(sql -> {
      sql.insertInto(COST)
          .set(COST_TENANT, tenantId)
          .set(COST_DAY, day)
          .set(COST_REQUESTS, 0L)
          .set(COST_INPUT, 0L)
          .set(COST_OUTPUT, 0L)
          .onConflictDoNothing()
          .execute();
      return sql.update(COST)
          .set(COST_REQUESTS, COST_REQUESTS.plus(1))
          .set(COST_INPUT, COST_INPUT.plus(input))
          .set(COST_OUTPUT, COST_OUTPUT.plus(output))
          .where(COST_TENANT.eq(tenantId), COST_DAY.eq(day))
          .execute();
    });
  }
}
