package chat.magpie.profile.internal;

import static chat.magpie.profile.internal.ProfileTables.*;
import static org.jooq.impl.DSL.field;
import static org.jooq.impl.DSL.select;

import chat.magpie.identity.Audit;
import chat.magpie.identity.AuditEntry;
import chat.magpie.identity.Permission;
import chat.magpie.identity.Principal;
import chat.magpie.kernel.ErrorCode;
import chat.magpie.kernel.MagpieException;
import chat.magpie.kernel.WellFormed;
import chat.magpie.profile.Fact;
import chat.magpie.profile.Profile;
import chat.magpie.profile.Profile.Learning;
import chat.magpie.profile.ProfileConfig;
import chat.magpie.profile.Profiles;
import chat.magpie.profile.Slot;
import chat.magpie.sql.Database;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;

/// Profiles in the SQL database.
public final class SqlProfiles implements Profiles {
  private static final String KIND = "profile";
  private static final int PASSED = 500;
  private static final int LONGEST = 200;
  private static final Set<Slot> PREFERENCES =
      Set.of(Slot.LIKES, Slot.DISLIKES, Slot.DIET, Slot.HOBBIES);
  private static final Comparator<FactRow> ORDER =
      Comparator.comparing((FactRow row) -> !row.holds())
          .thenComparing(FactRow::slot)
          .thenComparing(FactRow::negated)
          .thenComparing(Comparator.comparingLong(FactRow::saidAt).reversed())
          .thenComparing(FactRow::id);

  private final Database database;
  private final Audit audit;
  private final ProfileConfig config;
  private final Timing timing;
  private final InstantSource clock;
  private final KnownLines lines;
  private final FactLearning learning;

  SqlProfiles(
      Database database,
      Audit audit,
      ProfileConfig config,
      Timing timing,
      InstantSource clock,
      KnownLines lines,
      FactLearning learning) {
    this.database = database;
    this.audit = audit;
    this.config = config;
    this.timing = timing;
    this.clock = clock;
    this.lines = lines;
    this.learning = learning;
  }

  @Override
  public Profile of(String tenantId, String userId) {
    boolean withModel = learning.modelLearns(tenantId);
    return database.read(sql -> {
      List<FactRow> rows = FactBook.read(sql, tenantId, userId);
      rows.sort(ORDER);
      Map<String, List<String>> sources = new HashMap<>();
      sql.select(SOURCE_FACT, SOURCE_MESSAGE)
          .from(SOURCE)
          .where(
              SOURCE_FACT.in(
                  select(FACT_ID).from(FACT).where(FACT_TENANT.eq(tenantId), FACT_USER.eq(userId))))
          .orderBy(SOURCE_MESSAGE)
          .forEach(row ->
              sources
                  .computeIfAbsent(row.get(SOURCE_FACT), _ -> new ArrayList<>())
                  .add(row.get(SOURCE_MESSAGE)));
      return new Profile(
          rows.stream().map(row -> row.fact(sources.getOrDefault(row.id(), List.of()))).toList(),
          preferences(rows),
          learning.pending(sql, tenantId, userId, withModel),
          switches(sql, tenantId, userId));
    });
  }

  private static Map<String, String> preferences(List<FactRow> rows) {
    return rows.stream()
        .filter(row -> row.holds() && !row.negated() && PREFERENCES.contains(row.slot()))
        .collect(
            Collectors.groupingBy(
                row -> row.slot().word(),
                LinkedHashMap::new,
                Collectors.mapping(FactRow::value, Collectors.joining(", "))));
  }

  private Learning switches(DSLContext sql, String tenantId, String userId) {
    @Nullable Integer user =
        sql.select(PROFILE_LEARNING)
            .from(PROFILE)
            .where(PROFILE_TENANT.eq(tenantId), PROFILE_USER.eq(userId))
            .fetchOne(PROFILE_LEARNING);
    return new Learning(
        config.learner() != ProfileConfig.Learner.NOBODY,
        tenantLearns(sql, tenantId),
        user == null || user != 0);
  }

  private static boolean tenantLearns(DSLContext sql, String tenantId) {
    @Nullable Integer tenant =
        sql.select(SWITCH_LEARNING)
            .from(SWITCH)
            .where(SWITCH_TENANT.eq(tenantId))
            .fetchOne(SWITCH_LEARNING);
    return tenant == null || tenant != 0;
  }

  @Override
  public List<String> promptLines(String tenantId, String userId) {
    if (config.learner() == ProfileConfig.Learner.NOBODY) {
      return List.of();
    }
    return lines.of(tenantId, userId);
  }

  @Override
  public Fact state(Principal caller, String userId, Statement statement) {
    requireUser(caller, userId);
    Claim claim =
        claim(
            statement.slot(), statement.value(), statement.text().orElse(""), statement.negated());
    long now = clock.millis();
    Fact stated =
        database.write(sql -> {
          FactBook book = FactBook.hold(sql, caller.tenantId(), userId, now, timing);
          if (!book.hasRoom()) {
            throw new MagpieException(ErrorCode.CONFLICT, "The profile is full.");
          }
          FactRow row = book.state(claim);
          record(sql, caller, userId, "profile.fact.stated", row);
          return row.fact(List.of());
        });
    lines.forget(caller.tenantId(), userId);
    return stated;
  }

  @Override
  public Fact correct(Principal caller, String userId, String factId, Correction correction) {
    requireUser(caller, userId);
    long now = clock.millis();
    Fact corrected =
        database.write(sql -> {
          FactBook book = FactBook.hold(sql, caller.tenantId(), userId, now, timing);
          FactRow before = book.find(factId).orElseThrow(SqlProfiles::absent);
          String value = correction.value().orElse(before.value());
          Claim claim =
              claim(
                  correction.slot().orElse(before.slot()),
                  value,
                  correction.text().orElse(correction.value().isPresent() ? "" : before.sentence()),
                  correction.negated().orElse(before.negated()));
          FactRow row = book.correct(before, claim);
          boolean ended = correction.ended().orElse(!before.holds());
          if (ended || !row.holds()) {
            row = book.end(row, ended);
          }
          record(sql, caller, userId, "profile.fact.corrected", row);
          return row.fact(List.of());
        });
    lines.forget(caller.tenantId(), userId);
    return corrected;
  }

  @Override
  public void erase(Principal caller, String userId, String factId) {
    requireUser(caller, userId);
    long now = clock.millis();
    database.write(sql -> {
      FactBook book = FactBook.hold(sql, caller.tenantId(), userId, now, timing);
      FactRow row = book.find(factId).orElseThrow(SqlProfiles::absent);
      book.refuse(row);
      record(sql, caller, userId, "profile.fact.erased", row);
      return 0;
    });
    lines.forget(caller.tenantId(), userId);
  }

  private static Claim claim(Slot slot, String value, String text, boolean negated) {
    WellFormed.requireFilled("value", value, LONGEST);
    WellFormed.require("text", text, LONGEST);
    return new Claim(slot, value, text, negated, 100);
  }

  @Override
  public Learning learning(Principal caller, String userId, boolean enabled) {
    requireUser(caller, userId);
    String tenantId = caller.tenantId();
    long now = clock.millis();
    passUser(tenantId, userId);
    Learning learns =
        database.write(sql -> {
          boolean before = switches(sql, tenantId, userId).user();
          FactBook.hold(sql, tenantId, userId, now, timing);
          if (before != enabled) {
            Progress.passAll(sql, ofUser(tenantId, userId), PASSED);
            sql.update(PROFILE)
                .set(PROFILE_LEARNING, enabled ? 1 : 0)
                .where(PROFILE_TENANT.eq(tenantId), PROFILE_USER.eq(userId))
                .execute();
            if (!caller.userId().equals(userId)) {
              audit.record(
                  sql,
                  caller,
                  AuditEntry.changed(
                      KIND, userId, Map.of("learning", before), Map.of("learning", enabled)));
            }
          }
          return switches(sql, tenantId, userId);
        });
    lines.forget(tenantId, userId);
    return learns;
  }

  @Override
  public boolean tenantLearning(Principal caller) {
    requireSettings(caller);
    return database.read(sql -> tenantLearns(sql, caller.tenantId()));
  }

  @Override
  public void tenantLearning(Principal caller, boolean enabled) {
    requireSettings(caller);
    String tenantId = caller.tenantId();
    long now = clock.millis();
    if (tenantLearning(caller) == enabled) {
      return;
    }
    passAll(CONVERSATION_TENANT.eq(tenantId));
    database.write(sql -> {
      Progress.passAll(sql, CONVERSATION_TENANT.eq(tenantId), PASSED);
      boolean before = tenantLearns(sql, tenantId);
      sql.insertInto(SWITCH)
          .set(SWITCH_TENANT, tenantId)
          .set(SWITCH_LEARNING, enabled ? 1 : 0)
          .set(SWITCH_UPDATED, now)
          .onConflictDoNothing()
          .execute();
      sql.update(SWITCH)
          .set(SWITCH_LEARNING, enabled ? 1 : 0)
          .set(SWITCH_UPDATED, now)
          .where(SWITCH_TENANT.eq(tenantId))
          .execute();
      AuditEntry.between(
              "profile_settings.changed",
              "profile_settings",
              tenantId,
              Map.of("learning", before),
              Map.of("learning", enabled))
          .ifPresent(entry -> audit.record(sql, caller, entry));
      return 0;
    });
  }

  @Override
  public void forget(String tenantId, String userId) {
    long now = clock.millis();
    passUser(tenantId, userId);
    database.write(sql -> {
      FactBook book = FactBook.hold(sql, tenantId, userId, now, timing);
      Progress.passAll(sql, ofUser(tenantId, userId), PASSED);
      book.clear();
      sql.deleteFrom(REFUSED).where(REFUSED_TENANT.eq(tenantId), REFUSED_USER.eq(userId)).execute();
      return 0;
    });
    lines.forget(tenantId, userId);
  }

  @Override
  public void erased(
      String tenantId, String userId, String conversationId, Collection<String> messageIds) {
    long now = clock.millis();
    database.write(sql -> {
      FactBook.hold(sql, tenantId, userId, now, timing).loseMessages(conversationId, messageIds);
      return 0;
    });
    lines.forget(tenantId, userId);
  }

  @Override
  public void imported(Collection<String> conversationIds, boolean learn) {
    if (learn) {
      conversationIds.forEach(learning::hear);
    } else if (!conversationIds.isEmpty()) {
      database.write(
          sql -> Progress.passAll(sql, CONVERSATION_ID.in(conversationIds), Integer.MAX_VALUE));
    }
  }

  private void passUser(String tenantId, String userId) {
    passAll(ofUser(tenantId, userId));
  }

  private void passAll(Condition which) {
    int passed;
    do {
      passed = database.write(sql -> Progress.passAll(sql, which, PASSED));
    } while (passed == PASSED);
  }

  private static Condition ofUser(String tenantId, String userId) {
    return CONVERSATION_TENANT.eq(tenantId).and(CONVERSATION_USER.eq(userId));
  }

  private void record(DSLContext sql, Principal caller, String userId, String action, FactRow row) {
    if (!caller.userId().equals(userId)) {
      audit.record(
          sql,
          caller,
          new AuditEntry(
              action,
              KIND,
              userId,
              Map.of(),
              Map.of("fact_id", row.id(), "slot", row.slot().word())));
    }
  }

  private static void requireUser(Principal caller, String userId) {
    if (!caller.mayActFor(userId)) {
      throw new MagpieException(ErrorCode.FORBIDDEN, ErrorCode.FORBIDDEN.english());
    }
  }

  private static void requireSettings(Principal caller) {
    if (!caller.may(Permission.MANAGE_SETTINGS)) {
      throw new MagpieException(ErrorCode.FORBIDDEN, ErrorCode.FORBIDDEN.english());
    }
  }

  private static MagpieException absent() {
    return new MagpieException(ErrorCode.NOT_FOUND, "There is no such fact.");
  }

  /// What decides whether lines that were read still count.
  static @Nullable State state(DSLContext sql, String tenantId, String userId) {
    Field<Integer> tenant =
        field(select(SWITCH_LEARNING).from(SWITCH).where(SWITCH_TENANT.eq(tenantId)));
    Record row =
        sql.select(PROFILE_REVISION, PROFILE_LEARNING, tenant)
            .from(PROFILE)
            .where(PROFILE_TENANT.eq(tenantId), PROFILE_USER.eq(userId))
            .fetchOne();
    if (row == null) {
      return null;
    }
    Integer user = row.get(PROFILE_LEARNING);
    Integer ofTenant = row.get(tenant);
    return new State(
        row.get(PROFILE_REVISION),
        (user == null || user != 0) && (ofTenant == null || ofTenant != 0));
  }

  /// How a profile is now.
  ///
  /// @param enabled whether its user and tenant let it be used
  record State(long revision, boolean enabled) {}

  static Comparator<FactRow> order() {
    return ORDER;
  }
}
