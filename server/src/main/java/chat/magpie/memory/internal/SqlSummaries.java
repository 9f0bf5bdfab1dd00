package chat.magpie.memory.internal;

import static org.jooq.impl.DSL.field;
import static org.jooq.impl.DSL.name;
import static org.jooq.impl.DSL.table;

import chat.magpie.sql.Database;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.Table;
import org.jooq.impl.SQLDataType;

/// Summaries as rows, and who is making one: one node at a time for a conversation. Whoever has
/// lost the lease, by its end or because all of the conversation is forgotten, stores nothing.
public final class SqlSummaries {
  private static final Table<Record> SUMMARY = table(name("conversation_summary"));
  private static final Field<String> CONVERSATION =
      field(name("conversation_summary", "conversation_id"), SQLDataType.VARCHAR);
  private static final Field<Long> FROM =
      field(name("conversation_summary", "from_seq"), SQLDataType.BIGINT);
  private static final Field<Long> THROUGH =
      field(name("conversation_summary", "through_seq"), SQLDataType.BIGINT);
  private static final Field<Long> SAID =
      field(name("conversation_summary", "said_at"), SQLDataType.BIGINT);
  private static final Field<String> CONTENT =
      field(name("conversation_summary", "content"), SQLDataType.CLOB);

  private static final Table<Record> LEASE = table(name("summary_lease"));
  private static final Field<String> LEASED =
      field(name("summary_lease", "conversation_id"), SQLDataType.VARCHAR);
  private static final Field<String> OWNER =
      field(name("summary_lease", "owner"), SQLDataType.VARCHAR);
  private static final Field<Long> UNTIL =
      field(name("summary_lease", "lease_until"), SQLDataType.BIGINT);

  private final Database database;

  public SqlSummaries(Database database) {
    this.database = database;
  }

  /// Those of the conversation, in order.
  List<Summary> of(String conversationId) {
    return database.read(sql ->
        sql.select(FROM, THROUGH, SAID, CONTENT)
            .from(SUMMARY)
            .where(CONVERSATION.eq(conversationId))
            .orderBy(FROM)
            .fetch(row ->
                new Summary(
                    row.value1(), row.value2(), Instant.ofEpochMilli(row.value3()), row.value4())));
  }

  /// Takes the lease to sum up the block that begins with this message. Empty where somebody else
  /// has it, or the block is summed up.
  Optional<String> claim(String conversationId, long fromSeq, Instant now, Instant until) {
    String owner = UUID.randomUUID().toString();
    boolean taken =
        database.write(sql -> {
          if (sql.fetchExists(SUMMARY, CONVERSATION.eq(conversationId), FROM.eq(fromSeq))) {
            return false;
          }
          int inserted =
              sql.insertInto(LEASE)
                  .set(LEASED, conversationId)
                  .set(OWNER, owner)
                  .set(UNTIL, until.toEpochMilli())
                  .onConflictDoNothing()
                  .execute();
          return inserted == 1
              || sql.update(LEASE)
                      .set(OWNER, owner)
                      .set(UNTIL, until.toEpochMilli())
                      .where(LEASED.eq(conversationId), UNTIL.le(now.toEpochMilli()))
                      .execute()
                  == 1;
        });
    return taken ? Optional.of(owner) : Optional.empty();
  }

  /// Stores the summary and gives the lease back. False where the lease is lost: then nothing is
  /// stored.
  boolean keep(String conversationId, String owner, Summary summary) {
    return database.write(sql -> {
      int held =
          sql.update(LEASE)
              .set(UNTIL, 0L)
              .where(LEASED.eq(conversationId), OWNER.eq(owner))
              .execute();
      return held == 1
          && sql.insertInto(SUMMARY)
                  .set(CONVERSATION, conversationId)
                  .set(FROM, summary.fromSeq())
                  .set(THROUGH, summary.throughSeq())
                  .set(SAID, summary.said().toEpochMilli())
                  .set(CONTENT, summary.text())
                  .onConflictDoNothing()
                  .execute()
              == 1;
    });
  }

  /// Keeps everybody from trying again until then.
  void pause(String conversationId, String owner, Instant until) {
    database.write(sql ->
        sql.update(LEASE)
            .set(UNTIL, until.toEpochMilli())
            .where(LEASED.eq(conversationId), OWNER.eq(owner))
            .execute());
  }

  /// Deletes all of the conversations, and takes the leases from whoever has them.
  ///
  /// @param conversationIds a page of them at most
  void forget(Collection<String> conversationIds) {
    if (conversationIds.isEmpty()) {
      return;
    }
    database.write(sql -> {
      sql.deleteFrom(LEASE).where(LEASED.in(conversationIds)).execute();
      return sql.deleteFrom(SUMMARY).where(CONVERSATION.in(conversationIds)).execute();
    });
  }
}
