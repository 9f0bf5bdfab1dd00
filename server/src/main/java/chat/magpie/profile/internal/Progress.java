package chat.magpie.profile.internal;

import static chat.magpie.profile.internal.ProfileTables.*;
import static org.jooq.impl.DSL.coalesce;
import static org.jooq.impl.DSL.inline;

import java.util.List;
import org.jooq.Condition;
import org.jooq.DSLContext;

/// How far has been learnt from conversations.
final class Progress {
  private Progress() {}

  /// Conversations with something that rules have not learnt from.
  static Condition behind() {
    return CONVERSATION_SEQ.gt(coalesce(LEARNT_RULES, inline(0L)));
  }

  /// Conversations with something that no model has learnt from.
  static Condition behindOfModel() {
    return CONVERSATION_SEQ.gt(coalesce(LEARNT_MODEL, inline(0L)));
  }

  /// Messages that rules have not learnt from.
  static Condition messageBehind() {
    return MESSAGE_SEQ.gt(coalesce(LEARNT_RULES, inline(0L)));
  }

  /// Messages that no model has learnt from.
  static Condition messageBehindOfModel() {
    return MESSAGE_SEQ.gt(coalesce(LEARNT_MODEL, inline(0L)));
  }

  /// Moves on after rules; false where somebody else has meanwhile.
  static boolean move(DSLContext sql, String conversationId, long from, long to) {
    int moved =
        sql.update(LEARNT)
            .set(LEARNT_RULES, to)
            .where(LEARNT_CONVERSATION.eq(conversationId), LEARNT_RULES.eq(from))
            .execute();
    return moved == 1
        || (from == 0
            && sql.insertInto(LEARNT)
                    .set(LEARNT_CONVERSATION, conversationId)
                    .set(LEARNT_RULES, to)
                    .set(LEARNT_MODEL, 0L)
                    .set(LEARNT_ATTEMPTS, 0)
                    .set(LEARNT_UNTIL, 0L)
                    .onConflictDoNothing()
                    .execute()
                == 1);
  }

  /// Sees to it that nothing is learnt from what was said up to there, by anybody, also not by
  /// whoever is about to.
  static void pass(DSLContext sql, String conversationId, long seq) {
    sql.insertInto(LEARNT)
        .set(LEARNT_CONVERSATION, conversationId)
        .set(LEARNT_RULES, 0L)
        .set(LEARNT_MODEL, 0L)
        .set(LEARNT_ATTEMPTS, 0)
        .set(LEARNT_UNTIL, 0L)
        .onConflictDoNothing()
        .execute();
    sql.update(LEARNT)
        .set(LEARNT_RULES, seq)
        .set(LEARNT_MODEL, seq)
        .setNull(LEARNT_CLAIM)
        .where(LEARNT_CONVERSATION.eq(conversationId))
        .execute();
  }

  /// The same for the conversations that meet the condition; how many there were, at most `limit`.
  static int passAll(DSLContext sql, Condition which, int limit) {
    List<Reached> behind =
        sql.select(CONVERSATION_ID, CONVERSATION_SEQ)
            .from(CONVERSATION)
            .leftJoin(LEARNT)
            .on(LEARNT_CONVERSATION.eq(CONVERSATION_ID))
            .where(which, behind().or(behindOfModel()))
            .orderBy(CONVERSATION_ID)
            .limit(limit)
            .fetch(row -> new Reached(row.get(CONVERSATION_ID), row.get(CONVERSATION_SEQ)));
    behind.forEach(one -> pass(sql, one.id(), one.seq()));
    return behind.size();
  }

  private record Reached(String id, long seq) {}
}
