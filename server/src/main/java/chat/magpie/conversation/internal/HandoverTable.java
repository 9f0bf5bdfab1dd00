package chat.magpie.conversation.internal;

import static org.jooq.impl.DSL.coalesce;
import static org.jooq.impl.DSL.inline;
import static org.jooq.impl.DSL.name;
import static org.jooq.impl.DSL.table;

import chat.magpie.conversation.Conversation;
import chat.magpie.conversation.Handover;
import chat.magpie.conversation.HandoverReason;
import chat.magpie.kernel.Ids;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.Table;
import org.jspecify.annotations.Nullable;

/// The table of hand-overs. What changes one runs within the transaction that moves its
/// conversation, under the lock of that; at most one of a conversation is open.
final class HandoverTable {
  static final Table<Record> HANDOVER = table(name("handover"));
  static final Field<String> ID = ConversationTables.text("handover", "id");
  static final Field<String> TENANT = ConversationTables.text("handover", "tenant_id");
  static final Field<String> CONVERSATION = ConversationTables.text("handover", "conversation_id");
  static final Field<String> REASON = ConversationTables.text("handover", "reason");
  static final Field<Long> ASKED_AT = ConversationTables.number("handover", "asked_at");
  static final Field<Long> TAKEN_AT = ConversationTables.number("handover", "taken_at");
  static final Field<String> AGENT = ConversationTables.text("handover", "agent_id");
  static final Field<Long> ASSIGNED_AT = ConversationTables.number("handover", "assigned_at");
  static final Field<Long> ANSWERED_AT = ConversationTables.number("handover", "answered_at");
  static final Field<Long> SPOKEN_AT = ConversationTables.number("handover", "spoken_at");
  static final Field<Long> RESOLVED_AT = ConversationTables.number("handover", "resolved_at");
  static final List<Field<?>> COLUMNS =
      List.of(
          ID,
          TENANT,
          CONVERSATION,
          REASON,
          ASKED_AT,
          TAKEN_AT,
          AGENT,
          ASSIGNED_AT,
          ANSWERED_AT,
          SPOKEN_AT);

  private HandoverTable() {}

  static Field<Long> breached(Handover.Target target) {
    return switch (target) {
      case FIRST_RESPONSE -> ConversationTables.number("handover", "breached_first_response");
      case RESOLUTION -> ConversationTables.number("handover", "breached_resolution");
    };
  }

  static Condition isOpen(String conversationId) {
    return CONVERSATION.eq(conversationId).and(RESOLVED_AT.isNull());
  }

  /// A human is wanted; goes on with the hand-over that is open, if one is.
  static void ask(DSLContext sql, Conversation conversation, HandoverReason reason, long now) {
    int open =
        sql.update(HANDOVER)
            .setNull(AGENT)
            .setNull(ASSIGNED_AT)
            .setNull(SPOKEN_AT)
            .where(isOpen(conversation.id()))
            .execute();
    if (open == 0) {
      insert(sql, conversation, reason, now, null);
    }
  }

  /// A human takes it.
  static void take(DSLContext sql, Conversation conversation, String agentId, long now) {
    int open =
        sql.update(HANDOVER)
            .set(AGENT, agentId)
            .set(ASSIGNED_AT, now)
            .set(TAKEN_AT, coalesce(TAKEN_AT, inline(now)))
            .setNull(SPOKEN_AT)
            .where(isOpen(conversation.id()))
            .execute();
    if (open == 0) {
      insert(sql, conversation, HandoverReason.DESK, now, agentId);
    }
  }

  /// Whoever has it speaks.
  static void speak(DSLContext sql, String conversationId, long now) {
    sql.update(HANDOVER)
        .set(SPOKEN_AT, now)
        .set(ANSWERED_AT, coalesce(ANSWERED_AT, inline(now)))
        .where(isOpen(conversationId))
        .execute();
  }

  static void resolve(DSLContext sql, String conversationId, long now) {
    sql.update(HANDOVER).set(RESOLVED_AT, now).where(isOpen(conversationId)).execute();
  }

  static Optional<Handover> find(DSLContext sql, String conversationId) {
    return sql.select(COLUMNS)
        .from(HANDOVER)
        .where(isOpen(conversationId))
        .fetchOptional(HandoverTable::read);
  }

  static Handover read(Record row) {
    return new Handover(
        row.get(ID),
        row.get(TENANT),
        row.get(CONVERSATION),
        HandoverReason.valueOf(row.get(REASON)),
        Instant.ofEpochMilli(row.get(ASKED_AT)),
        instant(row, TAKEN_AT),
        Optional.ofNullable(row.get(AGENT)),
        instant(row, ASSIGNED_AT),
        instant(row, ANSWERED_AT),
        instant(row, SPOKEN_AT));
  }

  private static Optional<Instant> instant(Record row, Field<Long> column) {
    return Optional.ofNullable(row.get(column)).map(Instant::ofEpochMilli);
  }

  private static void insert(
      DSLContext sql,
      Conversation conversation,
      HandoverReason reason,
      long now,
      @Nullable String agentId) {
    sql.insertInto(HANDOVER)
        .set(ID, Ids.next())
        .set(TENANT, conversation.tenantId())
        .set(CONVERSATION, conversation.id())
        .set(REASON, reason.name())
        .set(ASKED_AT, now)
        .set(TAKEN_AT, agentId == null ? null : now)
        .set(AGENT, agentId)
        .set(ASSIGNED_AT, agentId == null ? null : now)
        .execute();
  }
}
