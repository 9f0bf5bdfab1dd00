package chat.magpie.memory.internal;

import static org.jooq.impl.DSL.field;
import static org.jooq.impl.DSL.name;
import static org.jooq.impl.DSL.table;

import org.jooq.Field;
import org.jooq.Record;
import org.jooq.Table;
import org.jooq.impl.SQLDataType;

/// What memory reads of conversations, and what it keeps itself.
final class MemoryTables {
  static final Table<Record> CONVERSATION = table(name("conversation"));
  static final Field<String> CONVERSATION_ID = text("conversation", "id");
  static final Field<String> CONVERSATION_TENANT = text("conversation", "tenant_id");
  static final Field<String> CONVERSATION_USER = text("conversation", "user_id");
  static final Field<String> CONVERSATION_CHARACTER = text("conversation", "character_id");
  static final Field<Long> CONVERSATION_MESSAGE_SEQ = number("conversation", "message_seq");
  static final Field<Long> CONVERSATION_FORGOTTEN_SEQ = number("conversation", "forgotten_seq");
  static final Field<Integer> CONVERSATION_ERASED = integer("conversation", "erased");

  static final Table<Record> MESSAGE = table(name("message"));
  static final Field<String> MESSAGE_CONVERSATION = text("message", "conversation_id");
  static final Field<Long> MESSAGE_SEQ = number("message", "seq");
  static final Field<String> MESSAGE_ID = text("message", "id");
  static final Field<String> MESSAGE_TURN = text("message", "turn_id");
  static final Field<String> MESSAGE_ROLE = text("message", "role");
  static final Field<String> MESSAGE_CONTENT = text("message", "content");
  static final Field<Integer> MESSAGE_TOKENS = integer("message", "token_count");
  static final Field<Long> MESSAGE_CREATED_AT = number("message", "created_at");

  static final Table<Record> TURN = table(name("turn"));
  static final Field<String> TURN_ID = text("turn", "id");
  static final Field<Long> TURN_MESSAGE_SEQ = number("turn", "message_seq");

  static final Table<Record> IMPORTED = table(name("imported_turn"));
  static final Field<String> IMPORTED_MESSAGE = text("imported_turn", "message_id");
  static final Field<String> IMPORTED_EXTERNAL = text("imported_turn", "external_id");
  static final Field<String> IMPORTED_SPEAKER = text("imported_turn", "speaker");
  static final Field<String> IMPORTED_ZONE = text("imported_turn", "zone");

  static final Table<Record> VECTOR = table(name("memory_vector"));
  static final Field<String> VECTOR_MESSAGE = text("memory_vector", "message_id");
  static final Field<String> VECTOR_SPACE = text("memory_vector", "space");
  static final Field<String> VECTOR_CONVERSATION = text("memory_vector", "conversation_id");
  static final Field<byte[]> VECTOR_VALUES =
      field(name("memory_vector", "vector"), SQLDataType.VARBINARY);

  private MemoryTables() {}

  private static Field<String> text(String table, String column) {
    return field(name(table, column), SQLDataType.VARCHAR);
  }

  private static Field<Long> number(String table, String column) {
    return field(name(table, column), SQLDataType.BIGINT);
  }

  private static Field<Integer> integer(String table, String column) {
    return field(name(table, column), SQLDataType.INTEGER);
  }
}
