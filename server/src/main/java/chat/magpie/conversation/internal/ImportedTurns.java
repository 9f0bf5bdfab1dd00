package chat.magpie.conversation.internal;

import static chat.magpie.conversation.internal.ConversationTables.column;
import static chat.magpie.conversation.internal.ConversationTables.number;
import static chat.magpie.conversation.internal.ConversationTables.text;
import static org.jooq.impl.DSL.name;
import static org.jooq.impl.DSL.table;

import java.util.Collection;
import java.util.List;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.Table;
import org.jooq.impl.SQLDataType;

/// Which messages were brought from elsewhere, and what memory has to know of conversations.
final class ImportedTurns {
  static final Table<Record> IMPORTED = table(name("imported_turn"));
  static final Field<String> IMPORTED_MESSAGE = text("imported_turn", "message_id");
  static final Field<String> IMPORTED_CONVERSATION = text("imported_turn", "conversation_id");
  static final Field<String> IMPORTED_TENANT = text("imported_turn", "tenant_id");
  static final Field<String> IMPORTED_USER = text("imported_turn", "user_id");
  static final Field<String> IMPORTED_CHARACTER = text("imported_turn", "character_id");
  static final Field<String> IMPORTED_EXTERNAL = text("imported_turn", "external_id");
  static final Field<String> IMPORTED_SESSION = text("imported_turn", "session_id");
  static final Field<String> IMPORTED_SPEAKER = text("imported_turn", "speaker");
  static final Field<String> IMPORTED_ZONE = text("imported_turn", "zone");

  static final Field<Long> CONVERSATION_FORGOTTEN_SEQ = number("conversation", "forgotten_seq");
  static final Field<Integer> CONVERSATION_ERASED =
      column("conversation", "erased", SQLDataType.INTEGER);

  private ImportedTurns() {}

  static void forget(DSLContext sql, String conversationId) {
    sql.deleteFrom(IMPORTED).where(IMPORTED_CONVERSATION.eq(conversationId)).execute();
  }

  static List<String> present(DSLContext sql, Collection<String> messageIds) {
    return sql.select(IMPORTED_MESSAGE)
        .from(IMPORTED)
        .where(IMPORTED_MESSAGE.in(messageIds))
        .fetch(IMPORTED_MESSAGE);
  }
}
