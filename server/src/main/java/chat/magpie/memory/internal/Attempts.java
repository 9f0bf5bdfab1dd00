package chat.magpie.memory.internal;

import chat.magpie.kernel.Deadline;
import chat.magpie.memory.MemoryConfig;
import chat.magpie.redis.RedisFailure;
import io.lettuce.core.RedisCommandTimeoutException;
import io.lettuce.core.RedisConnectionException;
import io.lettuce.core.RedisException;
import io.lettuce.core.RedisLoadingException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// Tries an operation on Redis within one time limit, retries and their pauses included. What may
/// be repeated is tried again after an error; what may not (an add that was applied would double a
/// message) only where Redis surely never took it: the connection was refused or not there, or
/// Redis was still loading. After a time-out nothing is left to try.
final class Attempts {
  private final Duration limit;
  private final int retries;
  private final Duration pause;

  Attempts(MemoryConfig config) {
    this.limit = config.timeout();
    this.retries = config.retries();
    this.pause = config.retryDelay();
  }

  /// One try, which must not take longer than the deadline.
  @FunctionalInterface
  interface Attempt<T> {
    T within(Deadline deadline);
  }

  <T> T run(boolean repeatable, Attempt<T> attempt) {
    Deadline deadline = Deadline.after(limit);
    for (int tried = 0; ; tried++) {
      try {
        return attempt.within(deadline);
      } catch (RuntimeException e) {
        RedisFailure failure = asFailure(e);
        boolean again = !failure.timeout() && (repeatable || neverSent(failure));
        if (!again || tried >= retries || deadline.nanosLeft() <= pause.toNanos()) {
          throw failure;
        }
        pause(failure);
      }
    }
  }

  /// Waits for the result until the deadline; cancels it then.
  static <T> T await(Future<T> future, Deadline deadline) {
    try {
      return future.get(Math.max(0, deadline.nanosLeft()), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      future.cancel(true);
      throw new RedisFailure("No answer within the time limit", true, e);
    } catch (ExecutionException e) {
      throw asFailure(e.getCause() == null ? e : e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      future.cancel(true);
      throw new RedisFailure("Interrupted", false, e);
    }
  }

  private void pause(RedisFailure failure) {
    try {
      Thread.sleep(pause);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw failure;
    }
  }

  private static RedisFailure asFailure(Throwable cause) {
    if (cause instanceof RedisFailure failure) {
      return failure;
    }
    return new RedisFailure(
        String.valueOf(cause.getMessage()), cause instanceof RedisCommandTimeoutException, cause);
  }

  private static boolean neverSent(Throwable failure) {
    for (@Nullable Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof RedisConnectionException
          || cause instanceof RedisLoadingException
          || cause instanceof java.net.ConnectException
          || (cause instanceof RedisException
              && String.valueOf(cause.getMessage()).startsWith("Currently not connected"))) {
        return true;
      }
    }
    return false;
  }
}
