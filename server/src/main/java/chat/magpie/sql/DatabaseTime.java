package chat.magpie.sql;

import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.impl.DSL;
import org.jooq.impl.SQLDataType;

/// The clock of the database, which all nodes share.
public final class DatabaseTime {
  private DatabaseTime() {}

  /// Milliseconds since the epoch at the execution of the statement; free of time zones.
  public static Field<Long> millis(DSLContext sql) {
    String expression =
        switch (sql.family()) {
          case SQLITE -> "cast((julianday('now') - 2440587.5) * 86400000 as integer)";
          case POSTGRES -> "cast(extract(epoch from clock_timestamp()) * 1000 as bigint)";
          case MARIADB, MYSQL ->
              "timestampdiff(microsecond, '1970-01-01 00:00:00', utc_timestamp(6)) div 1000";
          default -> throw new IllegalStateException("not one of ours: " + sql.family());
        };
    return DSL.field(expression, SQLDataType.BIGINT);
  }
}
