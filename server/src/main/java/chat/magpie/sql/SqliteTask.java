package chat.magpie.sql;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jooq.DSLContext;
import org.jspecify.annotations.Nullable;

/// A work on its way through the writer, and its caller's wait for it.
final class SqliteTask<T extends @Nullable Object> {
  private final Database.Work<T> work;
  private final AtomicBoolean claimed = new AtomicBoolean();
  private final CompletableFuture<T> result = new CompletableFuture<>();
  private @Nullable T value;
  private @Nullable Throwable failure;

  SqliteTask(Database.Work<T> work) {
    this.work = work;
  }

  /// Takes the task: for the writer to run it, or for its caller to give it up. True for one of
  /// them only.
  boolean claim() {
    return claimed.compareAndSet(false, true);
  }

  /// Runs the work on the writer's thread; the outcome is told only by [#complete] or [#fail].
  @Nullable Throwable run(DSLContext sql) {
    try {
      value = work.run(sql);
    } catch (Throwable e) {
      failure = e;
    }
    return failure;
  }

  /// Tells the caller the outcome of its work: the commit is on disk.
  @SuppressWarnings("NullAway") // a work may return null where its T allows it
  void complete() {
    if (failure == null) {
      result.complete(value);
    } else {
      result.completeExceptionally(SqlFailures.seen(failure, Database.Dialect.SQLITE));
    }
  }

  void fail(Throwable seen) {
    result.completeExceptionally(seen);
  }

  /// Waits for the outcome: `beginNanos` at most for the writer to take the task, and then
  /// `commitNanos` more.
  T await(long beginNanos, long commitNanos) {
    boolean interrupted = false;
    long left = beginNanos;
    long from = System.nanoTime();
    try {
      while (true) {
        try {
          return result.get(left - (System.nanoTime() - from), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
          if (left != beginNanos || claim()) {
            throw SqlFailures.unavailable("The database takes too long.", e);
          }
          left = beginNanos + commitNanos;
        } catch (InterruptedException e) {
          interrupted = true;
          if (claim()) {
            throw SqlFailures.unavailable("The wait for the database was interrupted.", e);
          }
        } catch (ExecutionException e) {
          Throwable cause = e.getCause();
          return SqlFailures.<RuntimeException, T>rethrow(cause == null ? e : cause);
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
