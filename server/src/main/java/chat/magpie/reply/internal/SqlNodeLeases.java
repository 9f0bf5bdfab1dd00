package chat.magpie.reply.internal;

import static org.jooq.impl.DSL.field;
import static org.jooq.impl.DSL.name;
import static org.jooq.impl.DSL.table;

import chat.magpie.reply.NodeLeases;
import chat.magpie.sql.Database;
import chat.magpie.sql.DatabaseClock;
import chat.magpie.sql.DatabaseTime;
import java.time.Duration;
import java.time.InstantSource;
import java.util.OptionalInt;
import java.util.UUID;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.Table;
import org.jooq.impl.SQLDataType;

/// Leases as rows of the table `node`. Each process has an incarnation of its own, so that two that
/// work with copies of one data folder notice each other.
public final class SqlNodeLeases implements NodeLeases {
  private static final Table<Record> NODE = table(name("node"));
  private static final Field<String> ID = field(name("node", "id"), SQLDataType.VARCHAR);
  private static final Field<String> INCARNATION =
      field(name("node", "incarnation"), SQLDataType.VARCHAR);
  private static final Field<Long> LEASE_UNTIL =
      field(name("node", "lease_until"), SQLDataType.BIGINT);
  private static final Field<Long> STARTED_AT =
      field(name("node", "started_at"), SQLDataType.BIGINT);

  /// Nodes that have been away for so long will not come back under their id.
  private static final Duration FORGOTTEN = Duration.ofDays(1);

  private final Database database;
  private final InstantSource clock;
  private final String node;
  private final String incarnation = UUID.randomUUID().toString();

  /// @param clock set right with each renewal where it is the database's
  public SqlNodeLeases(Database database, InstantSource clock, String node) {
    this.database = database;
    this.clock = clock;
    this.node = node;
  }

  @Override
  public OptionalInt renew(Duration ttl, boolean first) {
    long asked = System.nanoTime();
    Renewal renewal =
        database.write(sql -> {
          long now = sql.select(DatabaseTime.millis(sql)).fetchSingle().value1();
          if (first) {
            begin(sql, now, ttl);
          } else if (!prolong(sql, now, ttl)) {
            return new Renewal(now, OptionalInt.empty());
          }
          return new Renewal(now, OptionalInt.of(sql.fetchCount(NODE, LEASE_UNTIL.gt(now))));
        });
    if (clock instanceof DatabaseClock shared) {
      shared.set(renewal.now, asked);
    }
    return renewal.alive;
  }

  private record Renewal(long now, OptionalInt alive) {}

  private void begin(DSLContext sql, long now, Duration ttl) {
    sql.deleteFrom(NODE)
        .where(ID.eq(node).or(LEASE_UNTIL.lt(now - FORGOTTEN.toMillis())))
        .execute();
    sql.insertInto(NODE)
        .set(ID, node)
        .set(INCARNATION, incarnation)
        .set(LEASE_UNTIL, now + ttl.toMillis())
        .set(STARTED_AT, now)
        .execute();
  }

  private boolean prolong(DSLContext sql, long now, Duration ttl) {
    return sql.update(NODE)
            .set(LEASE_UNTIL, now + ttl.toMillis())
            .where(ID.eq(node), INCARNATION.eq(incarnation))
            .execute()
        == 1;
  }

  @Override
  public void leave() {
    database.write(
        sql -> sql.deleteFrom(NODE).where(ID.eq(node), INCARNATION.eq(incarnation)).execute());
  }
}
