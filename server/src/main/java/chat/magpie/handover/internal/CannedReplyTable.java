package chat.magpie.handover.internal;

import static org.jooq.impl.DSL.field;
import static org.jooq.impl.DSL.name;
import static org.jooq.impl.DSL.noCondition;
import static org.jooq.impl.DSL.table;

import chat.magpie.handover.CannedReply;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.Table;

/// The statements on the table of canned replies; each runs within the caller's transaction.
final class CannedReplyTable {
  private static final Table<Record> CANNED = table(name("canned_reply"));
  private static final Field<String> ID = column("id", String.class);
  private static final Field<String> TENANT = column("tenant_id", String.class);
  private static final Field<String> SHORTCUT = column("shortcut", String.class);
  private static final Field<String> TITLE = column("title", String.class);
  private static final Field<String> CONTENT = column("content", String.class);
  private static final Field<String> LOCALE = column("locale", String.class);
  private static final Field<String> TAGS = column("tags", String.class);
  private static final Field<Long> VERSION = column("version", Long.class);
  private static final Field<Long> CREATED_AT = column("created_at", Long.class);
  private static final Field<Long> UPDATED_AT = column("updated_at", Long.class);
  private static final List<Field<?>> COLUMNS =
      List.of(ID, SHORTCUT, TITLE, CONTENT, LOCALE, TAGS, VERSION, CREATED_AT, UPDATED_AT);

  private CannedReplyTable() {}

  /// False where the shortcut is taken.
  static boolean insert(
      DSLContext sql, String tenantId, String id, CannedReply.Draft draft, long now) {
    return sql.insertInto(CANNED)
            .set(ID, id)
            .set(TENANT, tenantId)
            .set(SHORTCUT, draft.shortcut())
            .set(TITLE, draft.title())
            .set(CONTENT, draft.content())
            .set(LOCALE, draft.locale().orElse(null))
            .set(TAGS, DeskJson.write(draft.tags()))
            .set(VERSION, 1L)
            .set(CREATED_AT, now)
            .set(UPDATED_AT, now)
            .onConflictDoNothing()
            .execute()
        == 1;
  }

  /// False where there is none at the expected version.
  static boolean update(
      DSLContext sql,
      String tenantId,
      String id,
      CannedReply.Draft draft,
      OptionalLong expectedVersion,
      long now) {
    Condition atVersion =
        expectedVersion.isPresent() ? VERSION.eq(expectedVersion.getAsLong()) : noCondition();
    return sql.update(CANNED)
            .set(SHORTCUT, draft.shortcut())
            .set(TITLE, draft.title())
            .set(CONTENT, draft.content())
            .set(LOCALE, draft.locale().orElse(null))
            .set(TAGS, DeskJson.write(draft.tags()))
            .set(VERSION, VERSION.plus(1))
            .set(UPDATED_AT, now)
            .where(is(tenantId, id), atVersion)
            .execute()
        == 1;
  }

  /// Whether another one than this has the shortcut.
  static boolean isTaken(DSLContext sql, String tenantId, String shortcut, String id) {
    return sql.fetchExists(
        sql.selectOne().from(CANNED).where(TENANT.eq(tenantId), SHORTCUT.eq(shortcut), ID.ne(id)));
  }

  static boolean delete(DSLContext sql, String tenantId, String id) {
    return sql.deleteFrom(CANNED).where(is(tenantId, id)).execute() == 1;
  }

  static int count(DSLContext sql, String tenantId) {
    return sql.fetchCount(CANNED, TENANT.eq(tenantId));
  }

  static Optional<CannedReply> find(DSLContext sql, String tenantId, String id) {
    return sql.select(COLUMNS)
        .from(CANNED)
        .where(is(tenantId, id))
        .fetchOptional(CannedReplyTable::read);
  }

  /// Those behind this shortcut, in their order.
  static List<CannedReply> after(
      DSLContext sql, String tenantId, Optional<String> shortcut, int limit) {
    return sql.select(COLUMNS)
        .from(CANNED)
        .where(TENANT.eq(tenantId), shortcut.map(SHORTCUT::gt).orElse(noCondition()))
        .orderBy(SHORTCUT)
        .limit(limit)
        .fetch(CannedReplyTable::read);
  }

  private static Condition is(String tenantId, String id) {
    return ID.eq(id).and(TENANT.eq(tenantId));
  }

  private static CannedReply read(Record row) {
    return new CannedReply(
        row.get(ID),
        row.get(SHORTCUT),
        row.get(TITLE),
        row.get(CONTENT),
        Optional.ofNullable(row.get(LOCALE)),
        DeskJson.readTexts(row.get(TAGS)),
        row.get(VERSION),
        Instant.ofEpochMilli(row.get(CREATED_AT)),
        Instant.ofEpochMilli(row.get(UPDATED_AT)));
  }

  private static <T> Field<T> column(String column, Class<T> type) {
    return field(name("canned_reply", column), type);
  }
}
