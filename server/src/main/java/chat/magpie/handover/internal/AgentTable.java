package chat.magpie.handover.internal;

import static org.jooq.impl.DSL.field;
import static org.jooq.impl.DSL.name;
import static org.jooq.impl.DSL.table;

import chat.magpie.handover.Agent.Presence;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.Table;

/// The statements on the table of agents; each runs within the caller's transaction.
final class AgentTable {
  private static final Table<Record> AGENT = table(name("agent"));
  private static final Field<String> TENANT = column("tenant_id", String.class);
  private static final Field<String> USER = column("user_id", String.class);
  private static final Field<String> PRESENCE = column("presence", String.class);
  private static final Field<Integer> CAPACITY = column("capacity", Integer.class);
  private static final Field<String> SKILLS = column("skills", String.class);
  private static final Field<Long> SEEN_AT = column("seen_at", Long.class);
  private static final Field<Long> UPDATED_AT = column("updated_at", Long.class);
  private static final List<Field<?>> COLUMNS =
      List.of(TENANT, USER, PRESENCE, CAPACITY, SKILLS, SEEN_AT);

  private AgentTable() {}

  /// An agent as stored.
  ///
  /// @param said what the agent said last; whether it still counts is a matter of `seenAt`
  record Row(
      String tenantId,
      String userId,
      Presence said,
      Optional<Integer> capacity,
      Set<String> skills,
      long seenAt) {
    /// What counts at that moment.
    Presence presence(long now, long ttlMillis) {
      return now - seenAt < ttlMillis ? said : Presence.OFFLINE;
    }
  }

  static List<Row> all(DSLContext sql) {
    return sql.select(COLUMNS).from(AGENT).fetch(AgentTable::read);
  }

  static List<Row> of(DSLContext sql, String tenantId) {
    return sql.select(COLUMNS)
        .from(AGENT)
        .where(TENANT.eq(tenantId))
        .orderBy(USER)
        .fetch(AgentTable::read);
  }

  static Optional<Row> find(DSLContext sql, String tenantId, String userId) {
    return sql.select(COLUMNS)
        .from(AGENT)
        .where(is(tenantId, userId))
        .fetchOptional(AgentTable::read);
  }

  /// Notes a sign of life.
  static void present(DSLContext sql, String tenantId, String userId, Presence presence, long now) {
    int known =
        sql.update(AGENT)
            .set(PRESENCE, presence.name())
            .set(SEEN_AT, now)
            .where(is(tenantId, userId))
            .execute();
    if (known == 0) {
      insert(sql, tenantId, userId, presence, now);
    }
  }

  /// Makes the agent known where nothing is; nobody has seen it yet.
  static void introduce(DSLContext sql, String tenantId, String userId, long now) {
    if (find(sql, tenantId, userId).isEmpty()) {
      insert(sql, tenantId, userId, Presence.OFFLINE, now);
    }
  }

  static boolean setCapacity(
      DSLContext sql, String tenantId, String userId, int capacity, long now) {
    return sql.update(AGENT)
            .set(CAPACITY, capacity)
            .set(UPDATED_AT, now)
            .where(is(tenantId, userId))
            .execute()
        == 1;
  }

  static boolean setSkills(
      DSLContext sql, String tenantId, String userId, Set<String> skills, long now) {
    return sql.update(AGENT)
            .set(SKILLS, DeskJson.write(skills))
            .set(UPDATED_AT, now)
            .where(is(tenantId, userId))
            .execute()
        == 1;
  }

  private static void insert(
      DSLContext sql, String tenantId, String userId, Presence presence, long now) {
    sql.insertInto(AGENT)
        .set(TENANT, tenantId)
        .set(USER, userId)
        .set(PRESENCE, presence.name())
        .set(SKILLS, DeskJson.write(Set.of()))
        .set(SEEN_AT, now)
        .set(UPDATED_AT, now)
        .onConflictDoNothing()
        .execute();
  }

  private static Condition is(String tenantId, String userId) {
    return TENANT.eq(tenantId).and(USER.eq(userId));
  }

  private static Row read(Record row) {
    return new Row(
        row.get(TENANT),
        row.get(USER),
        Presence.valueOf(row.get(PRESENCE)),
        Optional.ofNullable(row.get(CAPACITY)),
        DeskJson.readTexts(row.get(SKILLS)),
        row.get(SEEN_AT));
  }

  private static <T> Field<T> column(String column, Class<T> type) {
    return field(name("agent", column), type);
  }
}
