package chat.magpie.redis;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisConnectionException;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.RedisURI;
import io.lettuce.core.StreamMessage;
import io.lettuce.core.XReadArgs.StreamOffset;
import io.netty.channel.EventLoopGroup;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Redis over Lettuce: a set of connections that is given up as a whole at the first sign of
/// trouble and replaced by a new one as soon as Redis answers again. In between there is nothing to
/// wait for, so every call fails at once.
public final class LettuceRedis implements Redis, RedisLinks.Owner {
  private static final System.Logger LOG = System.getLogger(LettuceRedis.class.getName());
  private static final long FIRST_DELAY_MILLIS = 20;
  private static final long LONGEST_DELAY_MILLIS = 250;

  private final RedisClient client;
  private final Function<RedisClient, RedisURI> address;
  private final Duration timeout;
  private final RedisChannels channels = new RedisChannels();
  private final AtomicBoolean toldOfCluster = new AtomicBoolean();
  private final AtomicReference<@Nullable RedisLinks> links = new AtomicReference<>();
  private volatile boolean closed;

  private LettuceRedis(
      RedisClient client, Function<RedisClient, RedisURI> address, Duration timeout) {
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
    return connect(_ -> address.get(), config, loops);
  }

  /// As the other, to the master that the Sentinels name at each attempt.
  public static LettuceRedis connect(
      RedisAddress.Sentinels address, RedisConfig config, Optional<EventLoopGroup> loops) {
    return connect(
        client -> SentinelLookup.master(client, address, config.timeout()), config, loops);
  }

  private static LettuceRedis connect(
      Function<RedisClient, RedisURI> address, RedisConfig config, Optional<EventLoopGroup> loops) {
    RedisLinks.requireEnough(config.maxConnections());
    LettuceRedis redis =
        new LettuceRedis(RedisClients.create(config.timeout(), loops), address, config.timeout());
    try {
      redis.use(redis.open());
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
  public RedisNode at(String key) {
    return links();
  }

  @Override
  public List<RedisFuture<List<StreamMessage<String, String>>>> xread(
      Map<String, String> after, int count) {
    if (after.isEmpty()) {
      return List.of();
    }
    try {
      return List.of(links().xread(offsets(after), count));
    } catch (RedisFailure e) {
      return List.of(RedisLinks.failed(e));
    }
  }

  static List<StreamOffset<String>> offsets(Map<String, String> after) {
    return after.entrySet().stream()
        .map(stream -> StreamOffset.from(stream.getKey(), stream.getValue()))
        .toList();
  }

  @Override
  public void publish(String channel, String text) {
    @Nullable RedisLinks open = links.get();
    if (open != null) {
      open.publish(channel, text);
    }
  }

  @Override
  public Subscription subscribe(String channel, Consumer<String> consumer) {
    return channels.subscribe(channel, consumer);
  }

  @Override
  public boolean cluster() {
    return false;
  }

  @Override
  public boolean healthy() {
    return links.get() != null;
  }

  @Override
  public Duration probe() {
    long start = System.nanoTime();
    RedisLinks open = links();
    open.await(open.commands().ping());
    return Duration.ofNanos(System.nanoTime() - start);
  }

  @Override
  public void close() {
    closed = true;
    links.set(null);
    channels.close();
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

  /// Gives the connections up, if they are still the current ones, and with them all in flight.
  @Override
  public void lost(RedisLinks given, String why) {
    if (links.compareAndSet(given, null)) {
      given.closeAsync();
      if (!closed) {
        LOG.log(System.Logger.Level.WARNING, "Redis is lost: {0}", why);
        reconnectInBackground();
      }
    }
  }

  @Override
  public void elsewhere(RedisLinks given, String why) {
    if (!toldOfCluster.getAndSet(true)) {
      LOG.log(
          System.Logger.Level.ERROR,
          "This Redis is a node of a Cluster; write magpie.redis.url as redis-cluster://… ({0})",
          why);
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
        use(opened);
        LOG.log(System.Logger.Level.INFO, "Redis is connected");
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

  private void use(RedisLinks opened) {
    links.set(opened);
    if (closed || opened.broken()) {
      lost(opened, "the connection broke again");
    } else {
      channels.moveTo(opened);
    }
  }

  private RedisLinks open() {
    try {
      RedisURI uri = address.apply(client);
      uri.setTimeout(timeout);
      return RedisLinks.open(client, uri, timeout, this);
    } catch (RedisConnectionException e) {
      throw new RedisFailure(RedisClients.reason(e), false, e);
    }
  }
}
