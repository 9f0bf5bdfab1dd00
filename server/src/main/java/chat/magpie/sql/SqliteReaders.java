package chat.magpie.sql;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.BlockingDeque;
import java.util.concurrent.LinkedBlockingDeque;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The read connections of a SQLite database. The one used last is used next: its cache is warm.
final class SqliteReaders implements AutoCloseable {
  private final int count;
  private final Duration wait;
  private final BlockingDeque<SqliteLink> idle = new LinkedBlockingDeque<>();

  SqliteReaders(Path file, int count, Duration wait) {
    this.count = count;
    this.wait = wait;
    for (int i = 0; i < count; i++) {
      idle.add(new SqliteLink(file, false));
    }
  }

  <T extends @Nullable Object> T read(Database.Work<T> work) {
    SqliteLink link = take();
    try {
      return work.run(link.sql());
    } catch (Throwable failure) {
      Throwable seen = SqlFailures.seen(failure, Database.Dialect.SQLITE);
      if (!seen.equals(failure)) {
        link.drop();
      }
      return SqlFailures.<RuntimeException, T>rethrow(seen);
    } finally {
      idle.addFirst(link);
    }
  }

  private SqliteLink take() {
    try {
      @Nullable SqliteLink link = idle.pollFirst(wait.toNanos(), TimeUnit.NANOSECONDS);
      if (link == null) {
        throw SqlFailures.unavailable("The database is busy.", null);
      }
      return link;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw SqlFailures.unavailable("The wait for the database was interrupted.", e);
    }
  }

  /// Waits for the reads that are under way, as long as a reader would wait for a connection.
  @Override
  public void close() {
    for (int i = 0; i < count; i++) {
      take().close();
    }
  }
}
