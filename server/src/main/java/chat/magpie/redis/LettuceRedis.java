package chat.magpie.redis;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisConnectionException;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.RedisURI;
import io.lettuce.core.TransactionResult;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.async.RedisAsyncCommands;
import io.netty.channel.EventLoopGroup;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Redis over Lettuce: a set of connections that is given up as a whole at the first sign of
/// trouble and replaced by a new one as soon as Redis answers again. In between there is nothing to
/// wait for, so every call fails at once.
public final class LettuceRedis implements Redis {
  private static final System.Logger LOG = System.getLogger(LettuceRedis.class.getName());
  private static final long FIRST_DELAY_MILLIS = 20;
  private static final long LONGEST_DELAY_MILLIS = 250;

  private final RedisClient client;
  private final Supplier<RedisURI> address;
  private final Duration timeout;
  private final ReentrantLock transacting = new ReentrantLock();
  private final AtomicReference<@Nullable RedisLinks> links = new AtomicReference<>();
  private volatile boolean closed;

  private LettuceRedis(RedisClient client, Supplier<RedisURI> address, Duration timeout) {
    this.client = client;
    this.address = address;
    this.timeout = timeout;
  }

  /// Connects, or comes back after one time-out at most and goes on trying in the background.
  ///
  /// @param address asked before every attempt to connect
  /// @param loops event loops to share instead of starting some; they stay open
  public static LettuceRedis connect(
      Supplier<RedisURI> address, RedisConfig config, Optional<EventLoopGroup> loops) {
    if (config.maxConnections() < RedisLinks.COUNT) {
      throw new IllegalArgumentException(
          "magpie.redis.max_connections must be at least " + RedisLinks.COUNT);
    }
    LettuceRedis redis =
        new LettuceRedis(RedisClients.create(config.timeout(), loops), address, config.timeout());
    try {
      redis.links.set(redis.open());
    } catch (RuntimeException e) {
      LOG.log(
          System.Logger.Level.WARNING,
          "Redis cannot be reached; going on without it until it can: {0}",
          e.getMessage());
      redis.reconnectInBackground();
    }
    return redis;
  }

  @Override
  public StatefulRedisConnection<String, String> appends() {
    return links().appends();
  }

  @Override
  public StatefulRedisConnection<String, String> commands() {
    return links().commands();
  }

  @Override
  public <T extends @Nullable Object> T await(RedisFuture<T> command) {
    @Nullable RedisLinks before = links.get();
    try {
      return command.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      command.cancel(false);
      lost(before, "a command took longer than " + timeout.toMillis() + " ms");
      throw new RedisFailure("Redis did not answer in time", true, e);
    } catch (ExecutionException e) {
      throw failure(before, e.getCause() == null ? e : e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RedisFailure("The wait for Redis was interrupted", false, e);
    } catch (RuntimeException e) { // cancelled
      throw failure(before, e);
    }
  }

  @Override
  public List<Object> transaction(Commands commands) {
    StatefulRedisConnection<String, String> connection = links().transactions();
    RedisAsyncCommands<String, String> redis = connection.async();
    RedisFuture<TransactionResult> executed;
    transacting.lock();
    try {
      var _ = redis.multi();
      try {
        commands.issue(redis);
      } catch (RuntimeException e) {
        var _ = redis.discard();
        throw e;
      }
      executed = redis.exec();
    } finally {
      connection.flushCommands();
      transacting.unlock();
    }
    List<Object> results = await(executed).stream().toList();
    for (Object result : results) {
      if (result instanceof Throwable refused) {
        throw new RedisFailure("Redis refused a command of a transaction", false, refused);
      }
    }
    return results;
  }

  @Override
  public boolean healthy() {
    return links.get() != null;
  }

  @Override
  public Duration probe() {
    long start = System.nanoTime();
    await(commands().async().ping());
    return Duration.ofNanos(System.nanoTime() - start);
  }

  @Override
  public void close() {
    closed = true;
    links.set(null);
    client.shutdown(Duration.ZERO, timeout);
    var _ = client.getResources().shutdown(0, timeout.toMillis(), TimeUnit.MILLISECONDS);
  }

  private RedisLinks links() {
    @Nullable RedisLinks open = links.get();
    if (open == null) {
      throw new RedisFailure("Redis cannot be reached", false, null);
    }
    return open;
  }

  private RedisFailure failure(@Nullable RedisLinks before, Throwable cause) {
    String text = String.valueOf(cause.getMessage());
    // After a fail-over of its own, the server on this address is a replica.
    if (cause instanceof RedisCommandExecutionException && text.startsWith("READONLY")) {
      lost(before, text);
    }
    return new RedisFailure("A Redis command failed: " + text, false, cause);
  }

  /// Gives the connections up, if they are still the current ones, and with them all in flight.
  private void lost(@Nullable RedisLinks given, String why) {
    if (given != null && links.compareAndSet(given, null)) {
      given.closeAsync();
      if (!closed) {
        LOG.log(System.Logger.Level.WARNING, "Redis is lost: {0}", why);
        reconnectInBackground();
      }
    }
  }

  private void reconnectInBackground() {
    Thread.ofVirtual().name("redis-reconnect").start(this::reconnect);
  }

  private void reconnect() {
    long delay = FIRST_DELAY_MILLIS;
    while (!closed) {
      try {
        Thread.sleep(delay);
        RedisLinks opened = open();
        links.set(opened);
        LOG.log(System.Logger.Level.INFO, "Redis is connected");
        if (closed || opened.broken()) {
          lost(opened, "the connection broke again");
        }
        return;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      } catch (RuntimeException e) {
        LOG.log(System.Logger.Level.DEBUG, "Redis cannot be reached yet", e);
        delay = Math.min(2 * delay, LONGEST_DELAY_MILLIS);
      }
    }
  }

  private RedisLinks open() {
    try {
      RedisURI uri = address.get();
      uri.setTimeout(timeout);
      return RedisLinks.open(client, uri, timeout, links -> lost(links, "the connection broke"));
    } catch (RedisConnectionException e) {
      throw new RedisFailure(RedisClients.reason(e), false, e);
    }
  }
}
