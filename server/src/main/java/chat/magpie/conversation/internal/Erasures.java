package chat.magpie.conversation.internal;

import static chat.magpie.conversation.internal.ConversationTables.*;
import static chat.magpie.conversation.internal.ReplyTable.*;
import static chat.magpie.conversation.internal.SessionTables.*;

import chat.magpie.conversation.Remains;
import chat.magpie.conversation.ReplyRecord;
import chat.magpie.kernel.Deadline;
import chat.magpie.sql.Database;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jboss.logging.Logger;
import org.jooq.DSLContext;
import org.jooq.Record;

/// Erases what is left of conversations that nobody can see any more, in steps small enough to hold
/// up nobody. Each step can be repeated, by any node, and at the same time; the note that a
/// conversation is to be erased goes last.
final class Erasures {
  private static final Logger LOG = Logger.getLogger(Erasures.class);
  private static final int ROWS = 300;
  private static final int REPLIES = 100;

  private final Database database;
  private final List<Remains> remains = new CopyOnWriteArrayList<>();

  Erasures(Database database) {
    this.database = database;
  }

  void add(Remains more) {
    remains.add(more);
  }

  /// Those that were hidden before then, the oldest first.
  List<Remains.Deleted> hiddenBefore(long millis, int limit) {
    return database.read(sql ->
        sql.select(
                ERASURE_CONVERSATION,
                ERASURE_TENANT,
                ERASURE_USER,
                ERASURE_CHARACTER,
                ERASURE_OWN_MEMORY)
            .from(ERASURE)
            .where(ERASURE_HIDDEN_AT.lt(millis))
            .orderBy(ERASURE_HIDDEN_AT, ERASURE_CONVERSATION)
            .limit(limit)
            .fetch(row ->
                new Remains.Deleted(
                    row.get(ERASURE_TENANT),
                    row.get(ERASURE_CONVERSATION),
                    row.get(ERASURE_USER),
                    row.get(ERASURE_CHARACTER),
                    row.get(ERASURE_OWN_MEMORY) != 0)));
  }

  /// Erases all that is there now. False where the time was too short or something failed: then the
  /// rest is left for later.
  boolean erase(Remains.Deleted deleted, Deadline patience) {
    try {
      // What was said goes even while Redis is away, which the logs of replies have to wait for.
      return toTheEnd(patience, () -> eraseMessages(deleted.conversationId()))
          && toTheEnd(patience, () -> eraseEvents(deleted.conversationId()))
          && toTheEnd(patience, () -> eraseReplies(deleted));
    } catch (RuntimeException e) {
      LOG.warnf(
          "Conversation %s is not erased whole yet: %s", deleted.conversationId(), e.getMessage());
      return false;
    }
  }

  /// Forgets that it was to be erased.
  void done(Remains.Deleted deleted) {
    database.write(sql ->
        sql.deleteFrom(ERASURE).where(ERASURE_CONVERSATION.eq(deleted.conversationId())).execute());
  }

  /// A step; true where there is another one.
  @FunctionalInterface
  private interface Step {
    boolean more();
  }

  private static boolean toTheEnd(Deadline patience, Step step) {
    while (step.more()) {
      if (patience.nanosLeft() <= 0) {
        return false;
      }
    }
    return true;
  }

  private boolean eraseMessages(String conversationId) {
    return database.write(sql -> {
      List<Record> found =
          sql.select(List.of(MESSAGE_SEQ, MESSAGE_TURN))
              .from(MESSAGE)
              .where(MESSAGE_CONVERSATION.eq(conversationId))
              .orderBy(MESSAGE_SEQ)
              .limit(ROWS)
              .fetch();
      if (found.isEmpty()) {
        return false;
      }
      List<String> turns =
          found.stream()
              .map(row -> row.get(MESSAGE_TURN))
              .filter(Objects::nonNull)
              .distinct()
              .toList();
      sql.deleteFrom(TURN).where(TURN_ID.in(turns)).execute();
      ImportedTurns.forget(sql, conversationId);
      sql.deleteFrom(MESSAGE)
          .where(
              MESSAGE_CONVERSATION.eq(conversationId),
              MESSAGE_SEQ.le(found.getLast().get(MESSAGE_SEQ)))
          .execute();
      return true;
    });
  }

  private boolean eraseEvents(String conversationId) {
    return database.write(sql -> {
      List<Long> found =
          sql.select(EVENT_SEQ)
              .from(EVENT)
              .where(EVENT_CONVERSATION.eq(conversationId))
              .orderBy(EVENT_SEQ)
              .limit(ROWS)
              .fetch(EVENT_SEQ);
      if (found.isEmpty()) {
        return false;
      }
      sql.deleteFrom(EVENT)
          .where(EVENT_CONVERSATION.eq(conversationId), EVENT_SEQ.le(found.getLast()))
          .execute();
      return true;
    });
  }

  private boolean eraseReplies(Remains.Deleted deleted) {
    List<ReplyRecord> replies =
        database.read(sql ->
            sql.select(Rows.REPLY_COLUMNS)
                .from(REPLY)
                .where(REPLY_CONVERSATION.eq(deleted.conversationId()))
                .limit(REPLIES)
                .fetch(Rows::reply));
    remains.forEach(more -> more.erase(deleted, replies));
    if (replies.isEmpty()) {
      return false;
    }
    List<String> ids = replies.stream().map(ReplyRecord::id).toList();
    List<String> turns = replies.stream().map(ReplyRecord::turnId).toList();
    database.write(sql -> eraseReplies(sql, ids, turns));
    return true;
  }

  private static int eraseReplies(DSLContext sql, List<String> ids, List<String> turns) {
    sql.deleteFrom(ATTEMPT).where(ATTEMPT_REPLY.in(ids)).execute();
    sql.deleteFrom(TURN).where(TURN_ID.in(turns)).execute();
    return sql.deleteFrom(REPLY).where(REPLY_ID.in(ids)).execute();
  }
}
