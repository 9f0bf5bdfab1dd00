package chat.magpie.knowledge.internal;

import static org.jooq.impl.DSL.field;
import static org.jooq.impl.DSL.name;
import static org.jooq.impl.DSL.table;

import org.jooq.Field;
import org.jooq.Record;
import org.jooq.Table;

/// The tables of documents and their columns.
final class KnowledgeTables {
  static final Table<Record> REVISION = table(name("knowledge_revision"));
  static final Field<String> REVISION_TENANT = text("knowledge_revision", "tenant_id");
  static final Field<Long> REVISION_NUMBER = number("knowledge_revision", "revision");

  static final Table<Record> DOCUMENT = table(name("knowledge_document"));
  static final Field<String> TENANT = text("knowledge_document", "tenant_id");
  static final Field<String> ID = text("knowledge_document", "id");
  static final Field<Integer> FAQ = flag("knowledge_document", "faq");
  static final Field<String> TITLE = text("knowledge_document", "title");
  static final Field<String> LANGUAGE = text("knowledge_document", "language");
  static final Field<String> CHARACTERS = text("knowledge_document", "characters");
  static final Field<Integer> ENABLED = flag("knowledge_document", "enabled");
  static final Field<Long> CURRENT = number("knowledge_document", "version_number");
  static final Field<Long> VERSIONS = number("knowledge_document", "versions");
  static final Field<Long> CHANGED_IN = number("knowledge_document", "revision");
  static final Field<String> CREATED_BY = text("knowledge_document", "created_by");
  static final Field<Long> CREATED_AT = number("knowledge_document", "created_at");
  static final Field<Long> UPDATED_AT = number("knowledge_document", "updated_at");

  static final Table<Record> VERSION = table(name("knowledge_version"));
  static final Field<String> OF_TENANT = text("knowledge_version", "tenant_id");
  static final Field<String> OF_DOCUMENT = text("knowledge_version", "document_id");
  static final Field<Long> NUMBER = number("knowledge_version", "version_number");
  static final Field<String> HASH = text("knowledge_version", "content_hash");
  static final Field<String> SOURCE = text("knowledge_version", "source");
  static final Field<String> ORIGIN = text("knowledge_version", "origin");
  static final Field<String> FORMAT = text("knowledge_version", "format");
  static final Field<Long> BYTES = number("knowledge_version", "bytes");
  static final Field<String> HEADING = text("knowledge_version", "heading");
  static final Field<String> CONTENT = text("knowledge_version", "content");
  static final Field<String> ENTRIES = text("knowledge_version", "entries");
  static final Field<String> VERSION_BY = text("knowledge_version", "created_by");
  static final Field<Long> VERSION_AT = number("knowledge_version", "created_at");

  private KnowledgeTables() {}

  static Field<String> text(String table, String column) {
    return field(name(table, column), String.class);
  }

  static Field<Long> number(String table, String column) {
    return field(name(table, column), Long.class);
  }

  private static Field<Integer> flag(String table, String column) {
    return field(name(table, column), Integer.class);
  }
}
