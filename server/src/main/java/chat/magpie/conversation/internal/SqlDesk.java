package chat.magpie.conversation.internal;

import static chat.magpie.conversation.internal.ConversationTables.*;
import static chat.magpie.conversation.internal.ReplyTable.*;
import static org.jooq.impl.DSL.count;
import static org.jooq.impl.DSL.min;
import static org.jooq.impl.DSL.name;
import static org.jooq.impl.DSL.noCondition;
import static org.jooq.impl.DSL.table;

import chat.magpie.conversation.Conversation;
import chat.magpie.conversation.Conversation.Mode;
import chat.magpie.conversation.Desk;
import chat.magpie.conversation.Handover;
import chat.magpie.conversation.HandoverReason;
import chat.magpie.conversation.Modes;
import chat.magpie.conversation.ReplyRecord;
import chat.magpie.sql.Database;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.Table;

/// The desk in the SQL database. Whoever assigns locks the row of the agent first and that of the
/// conversation second, so nobody waits in a circle.
final class SqlDesk implements Desk {
  private static final Table<Record> ASSIGNEE = table(name("assignee"));
  private static final Field<String> ASSIGNEE_TENANT = text("assignee", "tenant_id");
  private static final Field<String> ASSIGNEE_AGENT = text("assignee", "agent_id");
  private static final Field<Long> ASSIGNEE_AT = number("assignee", "assigned_at");
  private static final int PAGE = 1000;

  private final Database database;
  private final SqlConversations conversations;
  private final Rows rows;
  private final ReplyStates states;
  private final InstantSource clock;

  SqlDesk(Database database, SqlConversations conversations, Rows rows, InstantSource clock) {
    this.database = database;
    this.conversations = conversations;
    this.rows = rows;
    this.states = new ReplyStates(rows);
    this.clock = clock;
  }

  @Override
  public List<Waiting> waiting() {
    var waiting = count();
    var since = min(CONVERSATION_WAITING_SINCE);
    return database.read(sql ->
        sql.select(CONVERSATION_TENANT, waiting, since)
            .from(CONVERSATION)
            .where(SqlModes.WAITING)
            .groupBy(CONVERSATION_TENANT)
            .fetch(row ->
                new Waiting(
                    row.get(CONVERSATION_TENANT),
                    row.get(waiting),
                    Instant.ofEpochMilli(row.get(since)))));
  }

  @Override
  public List<Conversation> queue(String tenantId, int limit) {
    return database.read(sql -> SqlModes.queue(sql, tenantId, limit(limit)));
  }

  @Override
  public Map<String, Load> loads(String tenantId) {
    var answering = count();
    return database.read(sql -> {
      Map<String, Integer> busy =
          sql.select(CONVERSATION_ASSIGNEE, answering)
              .from(CONVERSATION)
              .where(
                  CONVERSATION_TENANT.eq(tenantId),
                  CONVERSATION_ASSIGNEE.isNotNull(),
                  CONVERSATION_ENDED_AT.isNull())
              .groupBy(CONVERSATION_ASSIGNEE)
              .fetchMap(CONVERSATION_ASSIGNEE, answering);
      Map<String, Long> assigned =
          sql.select(ASSIGNEE_AGENT, ASSIGNEE_AT)
              .from(ASSIGNEE)
              .where(ASSIGNEE_TENANT.eq(tenantId), ASSIGNEE_AT.gt(0L))
              .fetchMap(ASSIGNEE_AGENT, ASSIGNEE_AT);
      Map<String, Load> loads = new HashMap<>();
      busy.forEach((agent, number) -> loads.put(agent, new Load(number, Optional.empty())));
      assigned.forEach((agent, at) ->
          loads.put(
              agent, new Load(busy.getOrDefault(agent, 0), Optional.of(Instant.ofEpochMilli(at)))));
      return loads;
    });
  }

  @Override
  public Optional<Modes.Move> assign(
      String tenantId, String conversationId, String agentId, Load seen, int atMost) {
    long now = clock.millis();
    return database
        .write(sql -> {
          long last = lockAssignee(sql, tenantId, agentId);
          if (last != seen.assignedAt().map(Instant::toEpochMilli).orElse(0L)
              || answering(sql, tenantId, agentId) >= atMost) {
            return Optional.<Grown<Modes.Move>>empty();
          }
          Optional<LockedConversation> locked =
              LockedConversation.lock(sql, rows, SqlModes.own(tenantId, conversationId), 0, 0, now)
                  .filter(found -> SqlModes.waits(found.conversation()));
          if (locked.isEmpty()) {
            return Optional.<Grown<Modes.Move>>empty();
          }
          sql.update(ASSIGNEE)
              .set(ASSIGNEE_AT, Math.max(now, last + 1))
              .where(ASSIGNEE_TENANT.eq(tenantId), ASSIGNEE_AGENT.eq(agentId))
              .execute();
          Optional<ReplyRecord> ending =
              SqlModes.give(sql, states, locked.get(), agentId, null, now);
          return Optional.of(
              locked
                  .get()
                  .writeEventsAnd(
                      () -> new Modes.Move(SqlModes.reload(sql, conversationId), ending)));
        })
        .map(conversations::tell);
  }

  /// When something was last assigned to the agent, 0 for never; nobody assigns more until the
  /// commit.
  private static long lockAssignee(DSLContext sql, String tenantId, String agentId) {
    Condition which = ASSIGNEE_TENANT.eq(tenantId).and(ASSIGNEE_AGENT.eq(agentId));
    // The update first: MariaDB's insert would share the lock that both of two then want alone.
    if (lock(sql, which) == 0) {
      sql.insertInto(ASSIGNEE)
          .set(ASSIGNEE_TENANT, tenantId)
          .set(ASSIGNEE_AGENT, agentId)
          .set(ASSIGNEE_AT, 0L)
          .onConflictDoNothing()
          .execute();
      lock(sql, which);
    }
    return sql.select(ASSIGNEE_AT).from(ASSIGNEE).where(which).fetchSingle().value1();
  }

  private static int lock(DSLContext sql, Condition which) {
    return sql.update(ASSIGNEE).set(ASSIGNEE_AT, ASSIGNEE_AT.plus(0L)).where(which).execute();
  }

  private static int answering(DSLContext sql, String tenantId, String agentId) {
    return sql.fetchCount(
        CONVERSATION,
        CONVERSATION_TENANT
            .eq(tenantId)
            .and(CONVERSATION_ASSIGNEE.eq(agentId))
            .and(CONVERSATION_ENDED_AT.isNull()));
  }

  @Override
  public List<Handover> unanswered(Instant assignedBefore, int limit) {
    return database.read(sql ->
        sql.select(HandoverTable.COLUMNS)
            .from(HandoverTable.HANDOVER)
            .join(CONVERSATION)
            .on(CONVERSATION_ID.eq(HandoverTable.CONVERSATION))
            .where(
                HandoverTable.RESOLVED_AT.isNull(),
                HandoverTable.SPOKEN_AT.isNull(),
                HandoverTable.ASSIGNED_AT.lt(assignedBefore.toEpochMilli()),
                CONVERSATION_MODE.eq(Mode.HUMAN.name()),
                CONVERSATION_ENDED_AT.isNull())
            .orderBy(HandoverTable.ASSIGNED_AT)
            .limit(limit(limit))
            .fetch(HandoverTable::read));
  }

  @Override
  public boolean release(Handover handover) {
    long now = clock.millis();
    return database
        .write(sql -> {
          Optional<LockedConversation> locked =
              LockedConversation.lock(
                  sql,
                  rows,
                  SqlModes.own(handover.tenantId(), handover.conversationId()),
                  0,
                  0,
                  now);
          Optional<Handover> open = HandoverTable.find(sql, handover.conversationId());
          if (locked.isEmpty()
              || open.isEmpty()
              || !isUnanswered(locked.get().conversation(), open.get(), handover)) {
            return Optional.<Grown<Boolean>>empty();
          }
          SqlModes.queueAgain(
              sql, locked.get(), HandoverReason.UNANSWERED, open.get().askedAt().toEpochMilli());
          return Optional.of(locked.get().writeEvents(true));
        })
        .map(conversations::tell)
        .orElse(false);
  }

  private static boolean isUnanswered(Conversation conversation, Handover open, Handover seen) {
    return conversation.mode() == Mode.HUMAN
        && conversation.endedAt().isEmpty()
        && conversation.handling().assigneeId().equals(seen.agentId())
        && open.spokenAt().isEmpty()
        && open.agentId().equals(seen.agentId())
        && open.assignedAt().equals(seen.assignedAt());
  }

  @Override
  public Map<String, Handover> open(Collection<String> conversationIds) {
    if (conversationIds.isEmpty()) {
      return Map.of();
    }
    Map<String, Handover> open = new HashMap<>();
    database
        .read(sql ->
            sql.select(HandoverTable.COLUMNS)
                .from(HandoverTable.HANDOVER)
                .where(
                    HandoverTable.CONVERSATION.in(conversationIds),
                    HandoverTable.RESOLVED_AT.isNull())
                .fetch(HandoverTable::read))
        .forEach(handover -> open.put(handover.conversationId(), handover));
    return open;
  }

  @Override
  public List<Handover> overdue(
      String tenantId, Handover.Target target, Instant askedBefore, int limit) {
    return database.read(sql ->
        sql.select(HandoverTable.COLUMNS)
            .from(HandoverTable.HANDOVER)
            .join(CONVERSATION)
            .on(CONVERSATION_ID.eq(HandoverTable.CONVERSATION))
            .where(
                HandoverTable.RESOLVED_AT.isNull(),
                HandoverTable.TENANT.eq(tenantId),
                HandoverTable.ASKED_AT.le(askedBefore.toEpochMilli()),
                HandoverTable.breached(target).isNull(),
                unmet(target),
                CONVERSATION_ENDED_AT.isNull())
            .orderBy(HandoverTable.ASKED_AT)
            .limit(limit(limit))
            .fetch(HandoverTable::read));
  }

  private static Condition unmet(Handover.Target target) {
    return switch (target) {
      case FIRST_RESPONSE -> HandoverTable.ANSWERED_AT.isNull();
      case RESOLUTION -> noCondition();
    };
  }

  @Override
  public boolean announceMissed(Handover handover, Handover.Target target, Instant dueAt) {
    long now = clock.millis();
    return database
        .write(sql -> {
          Optional<LockedConversation> locked =
              LockedConversation.lock(
                      sql,
                      rows,
                      SqlModes.own(handover.tenantId(), handover.conversationId()),
                      0,
                      0,
                      now)
                  .filter(found -> found.conversation().endedAt().isEmpty());
          if (locked.isEmpty()
              || sql.update(HandoverTable.HANDOVER)
                      .set(HandoverTable.breached(target), now)
                      .where(
                          HandoverTable.ID.eq(handover.id()),
                          HandoverTable.RESOLVED_AT.isNull(),
                          HandoverTable.breached(target).isNull(),
                          unmet(target))
                      .execute()
                  == 0) {
            return Optional.<Grown<Boolean>>empty();
          }
          locked
              .get()
              .announce(
                  new FeedEvent.TargetMissed(
                      target.name().toLowerCase(Locale.ROOT), dueAt.toString()));
          return Optional.of(locked.get().writeEvents(true));
        })
        .map(conversations::tell)
        .orElse(false);
  }

  @Override
  public List<Duration> waits(String tenantId, Instant takenAfter, int limit) {
    return database.read(sql ->
        sql.select(HandoverTable.ASKED_AT, HandoverTable.TAKEN_AT)
            .from(HandoverTable.HANDOVER)
            .where(
                HandoverTable.TENANT.eq(tenantId),
                HandoverTable.TAKEN_AT.gt(takenAfter.toEpochMilli()),
                HandoverTable.TAKEN_AT.gt(HandoverTable.ASKED_AT))
            .orderBy(HandoverTable.TAKEN_AT.desc())
            .limit(limit(limit))
            .fetch(row -> Duration.ofMillis(row.value2() - row.value1())));
  }

  @Override
  public int closeEnded(int limit) {
    Map<String, Long> ended =
        database.read(sql ->
            sql.select(HandoverTable.ID, CONVERSATION_ENDED_AT)
                .from(HandoverTable.HANDOVER)
                .join(CONVERSATION)
                .on(CONVERSATION_ID.eq(HandoverTable.CONVERSATION))
                .where(HandoverTable.RESOLVED_AT.isNull(), CONVERSATION_ENDED_AT.isNotNull())
                .limit(limit(limit))
                .fetchMap(HandoverTable.ID, CONVERSATION_ENDED_AT));
    if (ended.isEmpty()) {
      return 0;
    }
    return database.write(sql -> {
      int closed = 0;
      for (Map.Entry<String, Long> handover : ended.entrySet()) {
        closed +=
            sql.update(HandoverTable.HANDOVER)
                .set(HandoverTable.RESOLVED_AT, handover.getValue())
                .where(HandoverTable.ID.eq(handover.getKey()), HandoverTable.RESOLVED_AT.isNull())
                .execute();
      }
      return closed;
    });
  }

  @Override
  public int failuresInARow(String conversationId, int atMost) {
    List<String> newest =
        database.read(sql ->
            sql.select(REPLY_STATUS)
                .from(REPLY)
                .where(
                    REPLY_CONVERSATION.eq(conversationId),
                    REPLY_STATUS.in(
                        ReplyRecord.Status.DONE.name(),
                        ReplyRecord.Status.FAILED.name(),
                        ReplyRecord.Status.STOPPED.name()))
                .orderBy(REPLY_CREATED_AT.desc(), REPLY_ID.desc())
                .limit(limit(atMost))
                .fetch(REPLY_STATUS));
    int failed = 0;
    while (failed < newest.size() && newest.get(failed).equals(ReplyRecord.Status.FAILED.name())) {
      failed++;
    }
    return failed;
  }

  private static int limit(int limit) {
    return Math.clamp(limit, 1, PAGE);
  }
}
