package chat.magpie.conversation.internal;

import static chat.magpie.conversation.internal.ConversationTables.*;

import chat.magpie.conversation.Message;
import chat.magpie.kernel.ErrorCode;
import chat.magpie.kernel.MagpieException;
import java.util.Optional;
import org.jooq.DSLContext;

/// What makes a send idempotent: a turn for each, unique by who sends and their client key.
final class Turns {
  private Turns() {}

  /// Stores the turn of the message; `CONFLICT` where its client key was used before.
  static void insert(
      DSLContext sql,
      String tenantId,
      String senderId,
      Optional<String> clientKey,
      String bodyHash,
      Message message) {
    String turnId = message.turnId().orElseThrow();
    int stored =
        sql.insertInto(TURN)
            .set(TURN_ID, turnId)
            .set(TURN_TENANT, tenantId)
            .set(TURN_USER, senderId)
            .set(TURN_CLIENT_KEY, clientKey.orElse(turnId))
            .set(TURN_BODY_HASH, bodyHash)
            .set(TURN_CONVERSATION, message.conversationId())
            .set(TURN_MESSAGE, message.id())
            .set(TURN_MESSAGE_SEQ, message.seq())
            .set(TURN_CREATED_AT, message.createdAt().toEpochMilli())
            .onConflictDoNothing()
            .execute();
    if (stored == 0) {
      throw new MagpieException(ErrorCode.CONFLICT, "the client key was used before");
    }
  }
}
