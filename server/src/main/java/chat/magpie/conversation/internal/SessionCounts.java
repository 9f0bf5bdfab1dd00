package chat.magpie.conversation.internal;

import static chat.magpie.conversation.internal.ConversationTables.*;
import static chat.magpie.conversation.internal.ReplyTable.*;
import static chat.magpie.conversation.internal.SessionTables.*;
import static org.jooq.impl.DSL.count;
import static org.jooq.impl.DSL.max;
import static org.jooq.impl.DSL.min;
import static org.jooq.impl.DSL.sum;

import chat.magpie.conversation.Conversation;
import chat.magpie.conversation.ReplyRecord;
import chat.magpie.conversation.SessionStats;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;

/// Counts what a user has said and was told, by the indexes of users.
final class SessionCounts {
  private SessionCounts() {}

  static SessionStats of(DSLContext sql, String tenantId, String userId) {
    Field<Integer> number = count();
    Field<BigDecimal> messageSum = sum(CONVERSATION_MESSAGE_SEQ);
    Field<Long> first = min(CONVERSATION_CREATED_AT);
    Field<Long> last = max(CONVERSATION_UPDATED_AT);
    Map<Conversation.Status, Long> sessions = new EnumMap<>(Conversation.Status.class);
    Map<String, Long> characters = new TreeMap<>();
    long archived = 0;
    long messages = 0;
    Optional<Long> firstAt = Optional.empty();
    Optional<Long> lastAt = Optional.empty();
    for (Record row :
        sql.select(
                CONVERSATION_STATUS,
                CONVERSATION_CHARACTER,
                CONVERSATION_ARCHIVED,
                number,
                messageSum,
                first,
                last)
            .from(CONVERSATION)
            .where(CONVERSATION_TENANT.eq(tenantId), CONVERSATION_USER.eq(userId))
            .groupBy(CONVERSATION_STATUS, CONVERSATION_CHARACTER, CONVERSATION_ARCHIVED)
            .fetch()) {
      long here = row.get(number);
      sessions.merge(Conversation.Status.valueOf(row.get(CONVERSATION_STATUS)), here, Long::sum);
      characters.merge(row.get(CONVERSATION_CHARACTER), here, Long::sum);
      archived += row.get(CONVERSATION_ARCHIVED) == 0 ? 0 : here;
      messages += row.get(messageSum).longValue();
      long from = row.get(first);
      long to = row.get(last);
      firstAt = Optional.of(Math.min(from, firstAt.orElse(from)));
      lastAt = Optional.of(Math.max(to, lastAt.orElse(to)));
    }
    Map<ReplyRecord.Status, Long> replies = new EnumMap<>(ReplyRecord.Status.class);
    Field<BigDecimal> input = sum(REPLY_INPUT_TOKENS);
    Field<BigDecimal> output = sum(REPLY_OUTPUT_TOKENS);
    long inputTokens = 0;
    long outputTokens = 0;
    for (Record row :
        sql.select(REPLY_STATUS, number, input, output)
            .from(REPLY)
            .where(REPLY_TENANT.eq(tenantId), REPLY_USER.eq(userId))
            .groupBy(REPLY_STATUS)
            .fetch()) {
      replies.put(ReplyRecord.Status.valueOf(row.get(REPLY_STATUS)), (long) row.get(number));
      inputTokens += orZero(row.get(input));
      outputTokens += orZero(row.get(output));
    }
    return new SessionStats(
        sessions,
        replies,
        characters,
        archived,
        messages,
        inputTokens,
        outputTokens,
        firstAt.map(Instant::ofEpochMilli),
        lastAt.map(Instant::ofEpochMilli));
  }

  private static long orZero(@Nullable BigDecimal sum) {
    return sum == null ? 0 : sum.longValue();
  }
}
