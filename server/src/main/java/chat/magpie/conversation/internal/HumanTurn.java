package chat.magpie.conversation.internal;

import static chat.magpie.conversation.internal.ConversationTables.*;

import chat.magpie.conversation.Conversation;
import chat.magpie.conversation.Message;
import chat.magpie.conversation.Modes;
import chat.magpie.identity.Principal;
import chat.magpie.kernel.ErrorCode;
import chat.magpie.kernel.Ids;
import chat.magpie.kernel.MagpieException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.Record;

/// The work of storing what a human of the desk says, and of finding it again when it is sent
/// again.
final class HumanTurn {
  private final Rows rows;
  private final Principal speaker;
  private final String conversationId;
  private final Modes.Speech speech;
  private final String bodyHash;
  private final long now;

  HumanTurn(Rows rows, Principal speaker, String conversationId, Modes.Speech speech, long now) {
    this.rows = rows;
    this.speaker = speaker;
    this.conversationId = conversationId;
    this.speech = speech;
    this.bodyHash = BodyHash.of(speech.text(), Optional.empty(), Optional.of(conversationId));
    this.now = now;
  }

  /// Stores it; `CONFLICT` where its client key was used before, and where the speaker is not the
  /// one who answers.
  Grown<Message> store(DSLContext sql) {
    LockedConversation locked =
        LockedConversation.lock(
                sql, rows, SqlModes.own(speaker.tenantId(), conversationId), 1, 1, now)
            .orElseThrow(SqlModes::absent);
    Conversation conversation = locked.conversation();
    Message message =
        new Message(
            Ids.next(),
            conversation.id(),
            conversation.messageSeq(),
            Optional.of(Ids.next()),
            Message.Role.HUMAN,
            speaker.userId(),
            speech.text(),
            Message.Status.COMPLETE,
            List.of(),
            speech.tokenCount(),
            Instant.ofEpochMilli(locked.now()));
    Turns.insert(sql, speaker.tenantId(), speaker.userId(), speech.clientKey(), bodyHash, message);
    if (conversation.endedAt().isPresent()) {
      throw new MagpieException(
          ErrorCode.CONVERSATION_ENDED, ErrorCode.CONVERSATION_ENDED.english());
    }
    boolean answers =
        conversation.mode() == Conversation.Mode.HUMAN
            && conversation.handling().assigneeId().filter(speaker.userId()::equals).isPresent();
    if (!answers) {
      throw new MagpieException(ErrorCode.CONFLICT, "Take the conversation before you answer.");
    }
    if (conversation.status() == Conversation.Status.IDLE) {
      locked.wake();
    }
    rows.insert(sql, message);
    HandoverTable.speak(sql, conversation.id(), locked.now());
    locked.announce(FeedEvent.MessageCreated.of(message, null));
    return locked.writeEvents(message);
  }

  /// What the same speech was stored as, if it was; `IDEMPOTENCY_MISMATCH` where the client key was
  /// used for something else.
  Optional<Message> earlier(DSLContext sql) {
    List<Field<?>> columns = new ArrayList<>(Rows.MESSAGE_COLUMNS);
    columns.add(TURN_BODY_HASH);
    Record row =
        sql.select(columns)
            .from(TURN)
            .join(MESSAGE)
            .on(MESSAGE_CONVERSATION.eq(TURN_CONVERSATION).and(MESSAGE_SEQ.eq(TURN_MESSAGE_SEQ)))
            .where(
                TURN_TENANT.eq(speaker.tenantId()),
                TURN_USER.eq(speaker.userId()),
                TURN_CLIENT_KEY.eq(speech.clientKey().orElseThrow()))
            .fetchOne();
    if (row == null) {
      return Optional.empty();
    }
    if (!row.get(TURN_BODY_HASH).equals(bodyHash)) {
      throw new MagpieException(
          ErrorCode.IDEMPOTENCY_MISMATCH, ErrorCode.IDEMPOTENCY_MISMATCH.english());
    }
    return Optional.of(rows.message(row));
  }
}
