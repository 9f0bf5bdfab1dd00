package chat.magpie.memory.internal;

import chat.magpie.kernel.Deadline;
import chat.magpie.memory.MemoryConfig;
import chat.magpie.redis.Redis;
import chat.magpie.redis.RedisFailure;
import chat.magpie.redis.RedisNode;
import io.lettuce.core.RedisConnectionException;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.RedisLoadingException;
import io.lettuce.core.api.async.RedisAsyncCommands;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Tries an operation on Redis within one time limit, retries and their pauses included.
///
/// What may be repeated is tried again after an error. What may not (an add that was applied would
/// double a message) is tried again only where Redis surely did not take it: it could not be
/// reached or was still loading. After a time-out nothing is left to try, and where Redis was known
/// to be down before, nothing is waited for.
final class Attempts {
  private final Redis redis;
  private final Duration redisTimeout;
  private final Duration limit;
  private final int retries;
  private final Duration pause;

  /// @param redisTimeout how long [Redis] waits for a command
  Attempts(Redis redis, Duration redisTimeout, MemoryConfig config) {
    this.redis = redis;
    this.redisTimeout = redisTimeout;
    this.limit = config.timeout();
    this.retries = config.retries();
    this.pause = config.retryDelay();
  }

  /// A command on a key that may be carried out twice.
  <T extends @Nullable Object> T command(
      String key, Function<RedisAsyncCommands<String, String>, RedisFuture<T>> command) {
    return run(
        true,
        (deadline, alone) -> {
          RedisNode node = redis.at(key);
          RedisFuture<T> future = command.apply(node.commands());
          return alone ? node.await(future) : await(node, future, deadline);
        });
  }

  /// A transaction on the server that holds a key, which must not be carried out twice.
  List<Object> transaction(String key, RedisNode.Commands commands) {
    return run(
        false,
        (deadline, alone) -> {
          RedisNode node = redis.at(key);
          if (alone) {
            return node.transaction(commands);
          }
          FutureTask<List<Object>> task = new FutureTask<>(() -> node.transaction(commands));
          Thread.ofVirtual().name("short-memory-transaction").start(task);
          return await(node, task, deadline);
        });
  }

  /// One try.
  @FunctionalInterface
  private interface Attempt<T extends @Nullable Object> {
    /// @param alone whether the time-out of Redis itself is all that is needed; where it strikes,
    ///   Redis counts as lost for everybody, which a shorter wait here does not prove
    T within(Deadline deadline, boolean alone);
  }

  private <T extends @Nullable Object> T run(boolean repeatable, Attempt<T> attempt) {
    Deadline deadline = Deadline.after(limit);
    int left = redis.healthy() ? retries : 0;
    while (true) {
      try {
        // A little slack: the first try has all the time but for some microseconds.
        return attempt.within(deadline, deadline.nanosLeft() >= redisTimeout.toNanos() / 10 * 9);
      } catch (RedisFailure e) {
        boolean again = !e.timeout() && (repeatable || neverSent(e));
        if (!again || left-- <= 0 || deadline.nanosLeft() <= pause.toNanos()) {
          throw e;
        }
        pause(e);
      }
    }
  }

  private static <T extends @Nullable Object> T await(
      RedisNode node, Future<T> future, Deadline deadline) {
    try {
      return future.get(Math.max(0, deadline.nanosLeft()), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      throw new RedisFailure("No answer within the time limit", true, e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RedisFailure failure) {
        throw failure;
      }
      node.noticed(e);
      throw new RedisFailure(String.valueOf(e.getMessage()), false, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RedisFailure("Interrupted", false, e);
    } catch (java.util.concurrent.CancellationException e) {
      throw new RedisFailure("The connection was given up", false, e);
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

  private static boolean neverSent(RedisFailure failure) {
    Throwable cause = failure.getCause();
    return cause == null
        || cause instanceof RedisConnectionException
        || cause instanceof RedisLoadingException;
  }
}
