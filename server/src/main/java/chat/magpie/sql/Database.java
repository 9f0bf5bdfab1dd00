package chat.magpie.sql;

import org.jooq.DSLContext;

/// The system of record, on SQLite, PostgreSQL or MySQL/MariaDB.
///
/// Both calls block and are meant for virtual threads. They throw
/// [chat.magpie.kernel.MagpieException] with `STORAGE_UNAVAILABLE` or `STORAGE_FULL` where the
/// database fails, and let every other exception of the work through unchanged.
public interface Database extends AutoCloseable {
  /// Runs the work in one transaction and returns its result after the commit is on disk. The work
  /// may run more than once (deadlock, lost connection before the commit), so it must have no
  /// effects outside the database. If it throws, nothing of it is kept. On SQLite the waiting works
  /// of several callers share one commit, each still all-or-nothing by itself.
  <T> T write(Work<T> work);

  /// Runs the work on a connection that sees everything committed before the call began.
  <T> T read(Work<T> work);

  /// Which SQL the database speaks.
  Dialect dialect();

  @Override
  void close();

  /// The dialects that the contract suite runs on.
  enum Dialect {
    SQLITE,
    POSTGRES,
    MARIADB
  }

  /// One unit of work.
  @FunctionalInterface
  interface Work<T> {
    T run(DSLContext sql);
  }
}
