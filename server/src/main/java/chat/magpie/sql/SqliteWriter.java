package chat.magpie.sql;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The one thread that writes to a SQLite file. Works that wait while it is busy share the next
/// commit, and so its disk flush; each runs inside a savepoint of its own. A lone work is committed
/// at once: nothing ever waits for company.
///
/// It is a platform thread because SQLite's native calls would hold a carrier thread anyway.
final class SqliteWriter implements AutoCloseable {
  private static final int QUEUE = 4096;

  /// After this long, or this many works, a transaction takes in no more: the first waits for it.
  private static final long GATHER_NANOS = 10_000_000;

  private static final int GATHER_WORKS = 128;

  private final SqliteLink link;
  private final Duration wait;
  private final BlockingQueue<SqliteTask<?>> queue = new ArrayBlockingQueue<>(QUEUE);
  private final SqliteTask<?> end = new SqliteTask<>(sql -> 0);
  private final Thread thread;
  private volatile boolean closed;

  /// Works wait `wait` at most until they begin, and as long again until they are committed.
  SqliteWriter(SqliteLink link, Duration wait) {
    this.link = link;
    this.wait = wait;
    this.thread = Thread.ofPlatform().name("sqlite-writer").daemon().start(this::run);
  }

  <T extends @Nullable Object> T write(Database.Work<T> work) {
    refuseItself();
    SqliteTask<T> task = new SqliteTask<>(work);
    long start = System.nanoTime();
    try {
      if (closed || !queue.offer(task, wait.toNanos(), TimeUnit.NANOSECONDS)) {
        throw SqlFailures.unavailable("The database is busy or closed.", null);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw SqlFailures.unavailable("The wait for the database was interrupted.", e);
    }
    return task.await(wait.toNanos() - (System.nanoTime() - start), wait.toNanos());
  }

  /// A work that called the database again would wait for itself for ever.
  void refuseItself() {
    if (Thread.currentThread().equals(thread)) {
      throw new IllegalStateException("A work must not call the database again");
    }
  }

  private void run() {
    List<SqliteTask<?>> together = new ArrayList<>(GATHER_WORKS);
    try {
      for (SqliteTask<?> first = queue.take(); first != end; first = queue.take()) {
        commitTogether(first, together);
        together.clear();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      closed = true;
      link.close();
      for (@Nullable SqliteTask<?> left = queue.poll(); left != null; left = queue.poll()) {
        left.fail(SqlFailures.unavailable("The database is closed.", null));
      }
    }
  }

  private void commitTogether(SqliteTask<?> first, List<SqliteTask<?>> together) {
    try {
      link.execute("begin immediate");
      long until = System.nanoTime() + GATHER_NANOS;
      @Nullable SqliteTask<?> task = first;
      while (task != null) {
        if (task.claim()) {
          together.add(task);
          runAlone(task);
        }
        boolean full = together.size() >= GATHER_WORKS || System.nanoTime() - until > 0;
        task = full || queue.peek() == end ? null : queue.poll();
      }
      link.execute("commit");
    } catch (Throwable failure) {
      link.drop();
      first.claim();
      Throwable seen = SqlFailures.seen(failure, Database.Dialect.SQLITE);
      first.fail(seen);
      together.forEach(task -> task.fail(seen));
      return;
    }
    together.forEach(SqliteTask::complete);
  }

  private void runAlone(SqliteTask<?> task) throws SQLException {
    link.execute("savepoint work");
    @Nullable Throwable failure = task.run(link.sql());
    if (failure != null) {
      undo(failure);
    }
    link.execute("release work");
  }

  /// A full disk makes SQLite roll everything back by itself; then the whole commit has failed.
  private void undo(Throwable failure) throws SQLException {
    try {
      link.execute("rollback to work");
    } catch (SQLException e) {
      e.addSuppressed(failure);
      throw SqlFailures.of(failure, Database.Dialect.SQLITE) != SqlFailures.OTHER
              && failure.getCause() instanceof SQLException cause
          ? cause
          : e;
    }
  }

  /// Commits what is queued, then ends.
  @Override
  public void close() {
    closed = true;
    try {
      queue.put(end);
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
