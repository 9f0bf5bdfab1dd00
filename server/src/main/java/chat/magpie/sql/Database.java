package chat.magpie.sql;

import java.time.Duration;
import org.jooq.DSLContext;
import org.jspecify.annotations.Nullable;

/// The system of record, on SQLite, PostgreSQL or MySQL/MariaDB.
///
/// Both calls block and are meant for virtual threads. They throw
/// [chat.magpie.kernel.MagpieException] with `STORAGE_UNAVAILABLE` or `STORAGE_FULL` where the
/// database fails, and let every other exception of the work through unchanged. Names are rendered
/// without quotes, so keep to lower case and away from reserved words.
public interface Database extends AutoCloseable {
  /// Runs the work in one transaction (read committed) and returns its result after the commit is
  /// on disk. The work may run more than once (deadlock, lost connection before the commit) and on
  /// another thread, so it must have no effects outside the database and must not call the database
  /// again. If it throws, nothing of it is kept. On SQLite the waiting works of several callers
  /// share one commit, each still all-or-nothing by itself.
  ///
  /// After a statement has failed (a duplicate key, say) the work must end with an exception:
  /// PostgreSQL accepts nothing more in that transaction. Use `on conflict do nothing` where a
  /// duplicate is expected. If the connection breaks during the commit itself, or a commit takes
  /// longer than the wait allowed, `STORAGE_UNAVAILABLE` leaves open whether it happened.
  <T extends @Nullable Object> T write(Work<T> work);

  /// Runs the work on a connection that sees everything committed before the call began. Its
  /// statements are not one snapshot, and none of them may write.
  <T extends @Nullable Object> T read(Work<T> work);

  /// Which SQL the database speaks.
  Dialect dialect();

  /// Asks the database for a sign of life and returns how long that took; throws as [#read] does.
  default Duration probe() {
    long start = System.nanoTime();
    read(sql -> sql.resultQuery("select 1").fetchOne());
    return Duration.ofNanos(System.nanoTime() - start);
  }

  @Override
  void close();

  /// The dialects that the contract suite runs on; MySQL counts as MariaDB.
  enum Dialect {
    SQLITE,
    POSTGRES,
    MARIADB
  }

  /// One unit of work.
  @FunctionalInterface
  interface Work<T extends @Nullable Object> {
    T run(DSLContext sql);
  }
}
