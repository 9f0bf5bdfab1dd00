package chat.magpie.conversation.internal;

import static chat.magpie.conversation.internal.ConversationTables.*;
import static chat.magpie.conversation.internal.ReplyTable.*;
import static org.jooq.impl.DSL.exists;
import static org.jooq.impl.DSL.inline;
import static org.jooq.impl.DSL.name;
import static org.jooq.impl.DSL.not;
import static org.jooq.impl.DSL.notExists;
import static org.jooq.impl.DSL.select;
import static org.jooq.impl.DSL.selectOne;
import static org.jooq.impl.DSL.table;

import chat.magpie.conversation.Ending;
import chat.magpie.conversation.Message;
import chat.magpie.conversation.ReplyRecord;
import chat.magpie.conversation.ReplyRecord.Status;
import chat.magpie.sql.DatabaseTime;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.Record;
import org.jooq.Record1;
import org.jooq.Select;
import org.jooq.Table;

/// The queries for replies, their questions and answers.
final class ReplyQueries {
  /// Its conversation is there; otherwise it is being erased.
  private static final Condition NOT_DELETED =
      exists(selectOne().from(CONVERSATION).where(CONVERSATION_ID.eq(REPLY_CONVERSATION)));

  private final Rows rows;

  ReplyQueries(Rows rows) {
    this.rows = rows;
  }

  Optional<ReplyRecord> find(DSLContext sql, String tenantId, String replyId) {
    return sql.select(Rows.REPLY_COLUMNS)
        .from(REPLY)
        .where(REPLY_ID.eq(replyId), REPLY_TENANT.eq(tenantId), NOT_DELETED)
        .fetchOptional(Rows::reply);
  }

  /// The newest that has not ended, or else the newest of all. Each state is looked up by itself,
  /// so that the index gives the one row at once however many there are.
  Optional<ReplyRecord> current(DSLContext sql, String tenantId, String userId) {
    Condition user = REPLY_TENANT.eq(tenantId).and(REPLY_USER.eq(userId));
    return newest(sql, user, Status.RUNNING, Status.QUEUED)
        .or(() -> newest(sql, user, Status.DONE, Status.STOPPED, Status.FAILED));
  }

  List<ReplyRecord> unended(DSLContext sql, String tenantId, String userId) {
    return sql.select(Rows.REPLY_COLUMNS)
        .from(REPLY)
        .where(REPLY_TENANT.eq(tenantId), REPLY_USER.eq(userId), REPLY_UNENDED, NOT_DELETED)
        .orderBy(REPLY_CREATED_AT, REPLY_ID)
        .fetch(Rows::reply);
  }

  /// Running without an owner that is alive, or owned by the node and asked to stop.
  List<ReplyRecord> urgent(DSLContext sql, String node) {
    return sql.select(Rows.REPLY_COLUMNS)
        .from(REPLY)
        .where(
            REPLY_STATUS.eq(Status.RUNNING.name()),
            orphaned(sql, node).or(REPLY_OWNER.eq(node).and(REPLY_STOP_REASON.isNotNull())))
        .orderBy(REPLY_CREATED_AT, REPLY_ID)
        .fetch(Rows::reply);
  }

  /// Nobody owns it, or somebody else without a lease.
  private static Condition orphaned(DSLContext sql, String node) {
    Condition alive =
        exists(
            selectOne()
                .from(NODE)
                .where(NODE_ID.eq(REPLY_OWNER), NODE_LEASE_UNTIL.gt(DatabaseTime.millis(sql))));
    return REPLY_OWNER.isNull().or(REPLY_OWNER.ne(node).and(not(alive)));
  }

  /// Running and owned by the node or by nobody alive, or queued with none that has not ended
  /// before it.
  List<ReplyRecord> unfinished(DSLContext sql, String node) {
    Table<Record> earlierReply = table(name("reply")).as("earlier_reply");
    Table<Record> earlierTurn = table(name("turn")).as("earlier_turn");
    Condition first =
        notExists(
            selectOne()
                .from(earlierReply)
                .join(earlierTurn)
                .on(text("earlier_turn", "id").eq(text("earlier_reply", "turn_id")))
                .where(
                    text("earlier_reply", "conversation_id").eq(REPLY_CONVERSATION),
                    text("earlier_reply", "status")
                        .eq(Status.RUNNING.name())
                        .or(
                            text("earlier_reply", "status")
                                .eq(Status.QUEUED.name())
                                .and(number("earlier_turn", "message_seq").lt(TURN_MESSAGE_SEQ)))));
    Condition running =
        REPLY_STATUS.eq(Status.RUNNING.name()).and(REPLY_OWNER.eq(node).or(orphaned(sql, node)));
    Condition queued = REPLY_STATUS.eq(Status.QUEUED.name()).and(first);
    return sql.select(Rows.REPLY_COLUMNS)
        .from(REPLY)
        .join(TURN)
        .on(TURN_ID.eq(REPLY_TURN))
        .where(running.or(queued))
        .orderBy(REPLY_CREATED_AT, REPLY_ID)
        .fetch(Rows::reply);
  }

  /// Those of the replies that have ended or are no more.
  Set<String> ended(DSLContext sql, Collection<String> ids) {
    Set<String> ended = new HashSet<>(ids);
    ended.removeAll(
        sql.select(REPLY_ID).from(REPLY).where(REPLY_ID.in(ids), REPLY_UNENDED).fetch(REPLY_ID));
    return ended;
  }

  Optional<ReplyRecord> find(DSLContext sql, String replyId) {
    return sql.select(Rows.REPLY_COLUMNS)
        .from(REPLY)
        .where(REPLY_ID.eq(replyId))
        .fetchOptional(Rows::reply);
  }

  boolean conversationEnded(DSLContext sql, String conversationId) {
    return sql.fetchExists(
        selectOne()
            .from(CONVERSATION)
            .where(CONVERSATION_ID.eq(conversationId), CONVERSATION_ENDED_AT.isNotNull()));
  }

  List<Ending.Attempt> attempts(DSLContext sql, String replyId) {
    return sql.select(
            ATTEMPT_EPOCH,
            ATTEMPT_NODE,
            ATTEMPT_PROVIDER,
            ATTEMPT_MODEL,
            ATTEMPT_OUTCOME,
            ATTEMPT_INPUT_TOKENS,
            ATTEMPT_OUTPUT_TOKENS)
        .from(ATTEMPT)
        .where(ATTEMPT_REPLY.eq(replyId))
        .orderBy(ATTEMPT_NUMBER)
        .fetch(row ->
            new Ending.Attempt(
                row.get(ATTEMPT_EPOCH),
                row.get(ATTEMPT_NODE),
                Optional.ofNullable(row.get(ATTEMPT_PROVIDER)),
                Optional.ofNullable(row.get(ATTEMPT_MODEL)),
                row.get(ATTEMPT_OUTCOME),
                Optional.ofNullable(row.get(ATTEMPT_INPUT_TOKENS)),
                Optional.ofNullable(row.get(ATTEMPT_OUTPUT_TOKENS))));
  }

  /// By turn id.
  Map<String, String> ids(DSLContext sql, Collection<String> turnIds) {
    return sql.select(REPLY_TURN, REPLY_ID)
        .from(REPLY)
        .where(REPLY_TURN.in(turnIds))
        .fetchMap(REPLY_TURN, REPLY_ID);
  }

  Optional<Message> message(DSLContext sql, String id) {
    return sql.select(Rows.MESSAGE_COLUMNS)
        .from(MESSAGE)
        .where(MESSAGE_ID.eq(id))
        .fetchOptional(rows::message);
  }

  Message question(DSLContext sql, String turnId) {
    return rows.message(
        sql.select(Rows.MESSAGE_COLUMNS)
            .from(TURN)
            .join(MESSAGE)
            .on(MESSAGE_CONVERSATION.eq(TURN_CONVERSATION).and(MESSAGE_SEQ.eq(TURN_MESSAGE_SEQ)))
            .where(TURN_ID.eq(turnId))
            .fetchSingle());
  }

  private static Optional<ReplyRecord> newest(
      DSLContext sql, Condition user, Status first, Status... others) {
    Select<Record1<String>> ids = newestId(user, first);
    for (Status other : others) {
      ids = ids.unionAll(newestId(user, other));
    }
    return sql.select(Rows.REPLY_COLUMNS)
        .from(REPLY)
        .where(REPLY_ID.in(ids), NOT_DELETED)
        .orderBy(REPLY_CREATED_AT.desc(), REPLY_ID.desc())
        .limit(1)
        .fetchOptional(Rows::reply);
  }

  /// By the time, which all nodes agree on, and not by the id, which is its node's own.
  private static Select<Record1<String>> newestId(Condition user, Status status) {
    Table<Record1<String>> newest =
        select(REPLY_ID)
            .from(REPLY)
            .where(user.and(REPLY_STATUS.eq(status.name())))
            .orderBy(REPLY_CREATED_AT.desc(), REPLY_ID.desc())
            .limit(inline(1))
            .asTable("newest");
    return select(newest.field(0, String.class)).from(newest);
  }
}
