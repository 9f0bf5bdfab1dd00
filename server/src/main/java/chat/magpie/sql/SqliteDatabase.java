package chat.magpie.sql;

import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import org.flywaydb.core.api.FlywayException;
import org.jooq.SQLDialect;
import org.jspecify.annotations.Nullable;

/// The database in one SQLite file: one writer that commits for everybody, a few readers.
final class SqliteDatabase implements Database {
  private static final int READERS = 4;

  private final SqliteWriter writer;
  private final SqliteReaders readers;

  private SqliteDatabase(SqliteWriter writer, SqliteReaders readers) {
    this.writer = writer;
    this.readers = readers;
  }

  static SqliteDatabase open(Path file, Duration wait) {
    try {
      Schema.migrate(SqliteLink.source(file), SQLDialect.SQLITE);
      SqliteLink link = new SqliteLink(file, true);
      link.sql();
      return new SqliteDatabase(
          new SqliteWriter(link, wait), new SqliteReaders(file, READERS, wait));
    } catch (SQLException | FlywayException e) {
      throw SqlFailures.unavailable(
          "The database " + file + " cannot be opened: " + e.getMessage(), e);
    }
  }

  @Override
  public <T extends @Nullable Object> T write(Work<T> work) {
    return writer.write(work);
  }

  @Override
  public <T extends @Nullable Object> T read(Work<T> work) {
    writer.refuseItself();
    return readers.read(work);
  }

  @Override
  public Dialect dialect() {
    return Dialect.SQLITE;
  }

  @Override
  public void close() {
    writer.close();
    readers.close();
  }
}
