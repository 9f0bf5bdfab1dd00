package chat.magpie.knowledge.internal;

import static chat.magpie.knowledge.internal.KnowledgeTables.number;
import static chat.magpie.knowledge.internal.KnowledgeTables.text;
import static org.jooq.impl.DSL.name;
import static org.jooq.impl.DSL.noCondition;
import static org.jooq.impl.DSL.notExists;
import static org.jooq.impl.DSL.selectOne;
import static org.jooq.impl.DSL.table;

import chat.magpie.knowledge.Gap;
import chat.magpie.knowledge.Gaps;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.Table;

/// The statements on gaps; each runs within the caller's transaction.
final class GapRows {
  private static final String GAP_NAME = "knowledge_gap";
  private static final String ASKED_NAME = "knowledge_gap_asked";
  private static final Table<Record> GAP = table(name(GAP_NAME));
  private static final Field<String> TENANT = text(GAP_NAME, "tenant_id");
  private static final Field<String> ID = text(GAP_NAME, "id");
  private static final Field<String> HASH = text(GAP_NAME, "question_hash");
  private static final Field<String> QUESTION = text(GAP_NAME, "question");
  private static final Field<String> STATUS = text(GAP_NAME, "status");
  private static final Field<Long> ASKED = number(GAP_NAME, "asked");
  private static final Field<Long> FIRST_AT = number(GAP_NAME, "first_at");
  private static final Field<Long> LAST_AT = number(GAP_NAME, "last_at");
  private static final Field<String> DOCUMENT = text(GAP_NAME, "document_id");
  private static final Table<Record> WHO = table(name(ASKED_NAME));
  private static final Field<String> WHO_TENANT = text(ASKED_NAME, "tenant_id");
  private static final Field<String> WHO_GAP = text(ASKED_NAME, "gap_id");
  private static final Field<String> WHO_MESSAGE = text(ASKED_NAME, "message_id");
  private static final Field<String> WHO_CONVERSATION = text(ASKED_NAME, "conversation_id");
  private static final Field<String> WHO_USER = text(ASKED_NAME, "user_id");
  private static final Field<Long> WHO_AT = number(ASKED_NAME, "asked_at");
  private static final List<Field<?>> COLUMNS =
      List.of(ID, QUESTION, STATUS, ASKED, FIRST_AT, LAST_AT, DOCUMENT);
  private static final int EXAMPLES = 20;

  private static final String OPEN = "OPEN";
  private static final String ANSWERED = "ANSWERED";
  private static final String DISMISSED = "DISMISSED";

  private GapRows() {}

  static void note(DSLContext sql, Gaps.Asked asked, String hash, String newId, long now) {
    sql.insertInto(GAP)
        .set(TENANT, asked.tenantId())
        .set(ID, newId)
        .set(HASH, hash)
        .set(QUESTION, asked.question())
        .set(STATUS, OPEN)
        .set(ASKED, 0L)
        .set(FIRST_AT, now)
        .set(LAST_AT, now)
        .onConflictDoNothing()
        .execute();
    Record gap =
        sql.select(ID, STATUS)
            .from(GAP)
            .where(TENANT.eq(asked.tenantId()), HASH.eq(hash))
            .fetchSingle();
    if (gap.get(STATUS).equals(DISMISSED)) {
      return;
    }
    int noted =
        sql.insertInto(WHO)
            .set(WHO_TENANT, asked.tenantId())
            .set(WHO_GAP, gap.get(ID))
            .set(WHO_MESSAGE, asked.messageId())
            .set(WHO_CONVERSATION, asked.conversationId())
            .set(WHO_USER, asked.userId())
            .set(WHO_AT, now)
            .onConflictDoNothing()
            .execute();
    if (noted == 1) {
      sql.update(GAP)
          .set(ASKED, ASKED.plus(1))
          .set(LAST_AT, now)
          .set(STATUS, OPEN)
          .where(TENANT.eq(asked.tenantId()), ID.eq(gap.get(ID)))
          .execute();
    }
  }

  /// A place in the list.
  record Place(long lastAt, String id) {}

  static List<Gap> open(DSLContext sql, String tenantId, Optional<Place> after, int limit) {
    Condition behind =
        after
            .map(place ->
                LAST_AT.lt(place.lastAt()).or(LAST_AT.eq(place.lastAt()).and(ID.lt(place.id()))))
            .orElse(noCondition());
    return sql.select(COLUMNS)
        .from(GAP)
        .where(TENANT.eq(tenantId), STATUS.eq(OPEN), behind)
        .orderBy(LAST_AT.desc(), ID.desc())
        .limit(limit)
        .fetch()
        .map(found -> gap(found, examples(sql, tenantId, found.get(ID), 3)));
  }

  /// One that was not dismissed.
  static Optional<Gap> find(DSLContext sql, String tenantId, String id) {
    return sql.select(COLUMNS)
        .from(GAP)
        .where(TENANT.eq(tenantId), ID.eq(id), STATUS.ne(DISMISSED))
        .fetchOptional()
        .map(found -> gap(found, examples(sql, tenantId, id, EXAMPLES)));
  }

  private static List<Gap.Example> examples(DSLContext sql, String tenantId, String id, int limit) {
    return sql.select(WHO_CONVERSATION, WHO_MESSAGE, WHO_AT)
        .from(WHO)
        .where(WHO_TENANT.eq(tenantId), WHO_GAP.eq(id))
        .orderBy(WHO_AT.desc(), WHO_MESSAGE.desc())
        .limit(limit)
        .fetch(row ->
            new Gap.Example(
                row.get(WHO_CONVERSATION),
                row.get(WHO_MESSAGE),
                Instant.ofEpochMilli(row.get(WHO_AT))));
  }

  static void answered(DSLContext sql, String tenantId, String id, String documentId) {
    sql.update(GAP)
        .set(STATUS, ANSWERED)
        .set(DOCUMENT, documentId)
        .where(TENANT.eq(tenantId), ID.eq(id))
        .execute();
  }

  /// Only its hash stays, so that it does not come again; false where there is none.
  static boolean dismiss(DSLContext sql, String tenantId, String id) {
    sql.deleteFrom(WHO).where(WHO_TENANT.eq(tenantId), WHO_GAP.eq(id)).execute();
    return sql.update(GAP)
            .set(STATUS, DISMISSED)
            .set(QUESTION, "")
            .where(TENANT.eq(tenantId), ID.eq(id), STATUS.ne(DISMISSED))
            .execute()
        == 1;
  }

  static void forgetUser(DSLContext sql, String tenantId, String userId) {
    forget(sql, tenantId, WHO_USER.eq(userId));
  }

  static void forgetConversation(DSLContext sql, String tenantId, String conversationId) {
    forget(sql, tenantId, WHO_CONVERSATION.eq(conversationId));
  }

  private static void forget(DSLContext sql, String tenantId, Condition whose) {
    List<String> gaps =
        sql.selectDistinct(WHO_GAP)
            .from(WHO)
            .where(WHO_TENANT.eq(tenantId), whose)
            .orderBy(WHO_GAP)
            .fetch(WHO_GAP);
    for (String gap : gaps) {
      int gone =
          sql.deleteFrom(WHO).where(WHO_TENANT.eq(tenantId), WHO_GAP.eq(gap), whose).execute();
      sql.update(GAP)
          .set(ASKED, ASKED.minus(gone))
          .where(TENANT.eq(tenantId), ID.eq(gap))
          .execute();
      sql.deleteFrom(GAP)
          .where(TENANT.eq(tenantId), ID.eq(gap), STATUS.ne(DISMISSED))
          .and(notExists(selectOne().from(WHO).where(WHO_TENANT.eq(tenantId), WHO_GAP.eq(gap))))
          .execute();
    }
  }

  private static Gap gap(Record found, List<Gap.Example> examples) {
    return new Gap(
        found.get(ID),
        found.get(QUESTION),
        found.get(ASKED),
        Instant.ofEpochMilli(found.get(FIRST_AT)),
        Instant.ofEpochMilli(found.get(LAST_AT)),
        Optional.ofNullable(found.get(DOCUMENT)),
        examples);
  }
}
