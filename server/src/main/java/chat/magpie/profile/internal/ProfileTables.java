package chat.magpie.profile.internal;

import static org.jooq.impl.DSL.field;
import static org.jooq.impl.DSL.name;
import static org.jooq.impl.DSL.table;

import org.jooq.Field;
import org.jooq.Record;
import org.jooq.Table;
import org.jooq.impl.SQLDataType;

/// The tables of profiles, and the columns of conversations that are learnt from.
final class ProfileTables {
  static final Table<Record> PROFILE = table(name("profile"));
  static final Field<String> PROFILE_TENANT = text("profile", "tenant_id");
  static final Field<String> PROFILE_USER = text("profile", "user_id");
  static final Field<Long> PROFILE_REVISION = number("profile", "revision");
  static final Field<Integer> PROFILE_LEARNING = truth("profile", "learning");
  static final Field<Long> PROFILE_UPDATED = number("profile", "updated_at");

  static final Table<Record> SWITCH = table(name("profile_tenant"));
  static final Field<String> SWITCH_TENANT = text("profile_tenant", "tenant_id");
  static final Field<Integer> SWITCH_LEARNING = truth("profile_tenant", "learning");
  static final Field<Long> SWITCH_UPDATED = number("profile_tenant", "updated_at");

  static final Table<Record> FACT = table(name("profile_fact"));
  static final Field<String> FACT_ID = text("profile_fact", "id");
  static final Field<String> FACT_TENANT = text("profile_fact", "tenant_id");
  static final Field<String> FACT_USER = text("profile_fact", "user_id");
  static final Field<String> FACT_SLOT = text("profile_fact", "slot");
  static final Field<String> FACT_CONTENT = text("profile_fact", "content");
  static final Field<String> FACT_SENTENCE = text("profile_fact", "sentence");
  static final Field<Integer> FACT_NEGATED = truth("profile_fact", "negated");
  static final Field<Long> FACT_SAID = number("profile_fact", "said_at");
  static final Field<String> FACT_FROM = text("profile_fact", "valid_from");
  static final Field<String> FACT_TO = text("profile_fact", "valid_to");
  static final Field<String> FACT_SUPERSEDED = text("profile_fact", "superseded_by");
  static final Field<Integer> FACT_CONFIDENCE = truth("profile_fact", "confidence");
  static final Field<String> FACT_METHOD = text("profile_fact", "method");
  static final Field<Long> FACT_CREATED = number("profile_fact", "created_at");

  static final Table<Record> SOURCE = table(name("profile_source"));
  static final Field<String> SOURCE_FACT = text("profile_source", "fact_id");
  static final Field<String> SOURCE_MESSAGE = text("profile_source", "message_id");
  static final Field<String> SOURCE_CONVERSATION = text("profile_source", "conversation_id");

  static final Table<Record> REFUSED = table(name("profile_refused"));
  static final Field<String> REFUSED_MESSAGE = text("profile_refused", "message_id");
  static final Field<String> REFUSED_TENANT = text("profile_refused", "tenant_id");
  static final Field<String> REFUSED_USER = text("profile_refused", "user_id");
  static final Field<String> REFUSED_CONVERSATION = text("profile_refused", "conversation_id");

  static final Table<Record> LEARNT = table(name("profile_learnt"));
  static final Field<String> LEARNT_CONVERSATION = text("profile_learnt", "conversation_id");
  static final Field<Long> LEARNT_RULES = number("profile_learnt", "rules_seq");
  static final Field<Long> LEARNT_MODEL = number("profile_learnt", "model_seq");
  static final Field<Integer> LEARNT_ATTEMPTS = truth("profile_learnt", "model_attempts");
  static final Field<String> LEARNT_CLAIM = text("profile_learnt", "claim");
  static final Field<Long> LEARNT_UNTIL = number("profile_learnt", "claim_until");

  static final Table<Record> COST = table(name("profile_cost"));
  static final Field<String> COST_TENANT = text("profile_cost", "tenant_id");
  static final Field<String> COST_DAY = text("profile_cost", "day");
  static final Field<Long> COST_REQUESTS = number("profile_cost", "requests");
  static final Field<Long> COST_INPUT = number("profile_cost", "input_tokens");
  static final Field<Long> COST_OUTPUT = number("profile_cost", "output_tokens");

  static final Table<Record> CONVERSATION = table(name("conversation"));
  static final Field<String> CONVERSATION_ID = text("conversation", "id");
  static final Field<String> CONVERSATION_TENANT = text("conversation", "tenant_id");
  static final Field<String> CONVERSATION_USER = text("conversation", "user_id");
  static final Field<String> CONVERSATION_STATUS = text("conversation", "status");
  static final Field<Long> CONVERSATION_SEQ = number("conversation", "message_seq");

  static final Table<Record> MESSAGE = table(name("message"));
  static final Field<String> MESSAGE_CONVERSATION = text("message", "conversation_id");
  static final Field<String> MESSAGE_ID = text("message", "id");
  static final Field<Long> MESSAGE_SEQ = number("message", "seq");
  static final Field<String> MESSAGE_ROLE = text("message", "role");
  static final Field<String> MESSAGE_CONTENT = text("message", "content");
  static final Table<Record> IMPORTED = table("imported_turn");
  static final Field<String> IMPORTED_MESSAGE = text("imported_turn", "message_id");
  static final Field<String> IMPORTED_ZONE = text("imported_turn", "zone");
  static final Field<Long> MESSAGE_CREATED = number("message", "created_at");

  private ProfileTables() {}

  private static Field<String> text(String table, String column) {
    return field(name(table, column), SQLDataType.VARCHAR);
  }

  /// 0 or 1, or another small number.
  private static Field<Integer> truth(String table, String column) {
    return field(name(table, column), SQLDataType.INTEGER);
  }

  private static Field<Long> number(String table, String column) {
    return field(name(table, column), SQLDataType.BIGINT);
  }
}
