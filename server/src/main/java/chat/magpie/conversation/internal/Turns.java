package chat.magpie.conversation.internal;

import static chat.magpie.conversation.internal.ConversationTables.*;
import static org.jooq.impl.DSL.insertInto;

import chat.magpie.conversation.Message;
import chat.magpie.kernel.ErrorCode;
import chat.magpie.kernel.MagpieException;
import chat.magpie.sql.RenderedOnce;
import java.util.Optional;
import org.jooq.DSLContext;

/// What makes a send idempotent: a turn for each, unique by who sends and their client key.
final class Turns {
  private static final RenderedOnce INSERT =
      new RenderedOnce(
          insertInto(
                  TURN,
                  TURN_ID,
                  TURN_TENANT,
                  TURN_USER,
                  TURN_CLIENT_KEY,
                  TURN_BODY_HASH,
                  TURN_CONVERSATION,
                  TURN_MESSAGE,
                  TURN_MESSAGE_SEQ,
                  TURN_CREATED_AT)
              .values("", "", "", "", "", "", "", 0L, 0L)
              .onConflictDoNothing());

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
        INSERT.execute(
            sql,
            turnId,
            tenantId,
            senderId,
            clientKey.orElse(turnId),
            bodyHash,
            message.conversationId(),
            message.id(),
            message.seq(),
            message.createdAt().toEpochMilli());
    if (stored == 0) {
      throw new MagpieException(ErrorCode.CONFLICT, "the client key was used before");
    }
  }
}
