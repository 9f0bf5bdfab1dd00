package chat.magpie.sql;

import chat.magpie.kernel.ErrorCode;
import chat.magpie.kernel.MagpieException;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.SQLRecoverableException;
import java.sql.SQLTransientConnectionException;
import java.util.Optional;
import java.util.Set;
import org.jooq.exception.DataAccessException;
import org.jspecify.annotations.Nullable;

/// Tells what a failed statement means: try again, the database is not there, it is full, or none
/// of these, and then the failure belongs to whoever wrote the statement.
enum SqlFailures {
  /// Another transaction was in the way and this one was rolled back.
  COLLISION,
  UNAVAILABLE,
  FULL,
  OTHER;

  private static final Set<Integer> MARIADB_COLLISION = Set.of(1205, 1213);
  private static final Set<Integer> MARIADB_UNAVAILABLE =
      Set.of(1040, 1053, 1203, 1290, 1836, 1927);
  private static final Set<Integer> MARIADB_FULL = Set.of(1021, 1041, 1114);
  // BUSY, LOCKED, NOMEM, READONLY, IOERR, CORRUPT, CANTOPEN, PROTOCOL, NOTADB
  private static final Set<Integer> SQLITE_UNAVAILABLE = Set.of(5, 6, 7, 8, 10, 11, 14, 15, 26);

  static SqlFailures of(Throwable failure, Database.Dialect dialect) {
    return sqlCause(failure).map(e -> of(e, dialect)).orElse(OTHER);
  }

  /// The failure as callers of the database see it.
  static Throwable seen(Throwable failure, Database.Dialect dialect) {
    return switch (of(failure, dialect)) {
      case COLLISION, UNAVAILABLE -> unavailable("The database does not answer.", failure);
      case FULL -> new MagpieException(ErrorCode.STORAGE_FULL, "The database is full.", failure);
      case OTHER -> failure;
    };
  }

  static MagpieException unavailable(String detail, @Nullable Throwable cause) {
    return new MagpieException(ErrorCode.STORAGE_UNAVAILABLE, detail, cause);
  }

  /// Throws any exception as it is: what a work threw is for its caller.
  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  static <E extends Throwable, R extends @Nullable Object> R rethrow(Throwable failure) throws E {
    throw (E) failure;
  }

  private static SqlFailures of(SQLException e, Database.Dialect dialect) {
    String state = e.getSQLState() == null ? "" : e.getSQLState();
    if (state.startsWith("08")
        || e instanceof SQLTransientConnectionException
        || e instanceof SQLNonTransientConnectionException
        || e instanceof SQLRecoverableException) {
      return UNAVAILABLE;
    }
    int code = e.getErrorCode();
    return switch (dialect) {
      case SQLITE -> ofSqlite(code & 0xFF);
      case POSTGRES -> ofPostgres(state);
      case MARIADB -> ofMariadb(code);
    };
  }

  private static SqlFailures ofSqlite(int code) {
    return code == 13 ? FULL : SQLITE_UNAVAILABLE.contains(code) ? UNAVAILABLE : OTHER;
  }

  private static SqlFailures ofPostgres(String state) {
    return switch (state) {
      case "40001", "40P01", "55P03" -> COLLISION;
      case "53100" -> FULL;
      case "53200", "53300", "57P01", "57P02", "57P03", "25006" -> UNAVAILABLE;
      default -> OTHER;
    };
  }

  private static SqlFailures ofMariadb(int code) {
    if (MARIADB_COLLISION.contains(code)) {
      return COLLISION;
    }
    return MARIADB_FULL.contains(code)
        ? FULL
        : MARIADB_UNAVAILABLE.contains(code) ? UNAVAILABLE : OTHER;
  }

  private static Optional<SQLException> sqlCause(Throwable failure) {
    if (failure instanceof SQLException e) {
      return Optional.of(e);
    }
    return failure instanceof DataAccessException && failure.getCause() instanceof SQLException e
        ? Optional.of(e)
        : Optional.empty();
  }
}
