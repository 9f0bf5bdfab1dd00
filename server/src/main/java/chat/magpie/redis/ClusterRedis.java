package chat.magpie.redis;

import chat.magpie.redis.ClusterLayout.Place;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.RedisURI;
import io.lettuce.core.StreamMessage;
import io.lettuce.core.cluster.SlotHash;
import io.netty.channel.EventLoopGroup;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A Redis Cluster as connections to each of its masters, which are given up and replaced by
/// themselves. Nothing is redirected: a command for a slot that has moved fails, because following
/// it would change the order of appends, and makes the Cluster be asked anew who has what. It is
/// asked so after every failure, too, and every few seconds.
public final class ClusterRedis implements Redis, RedisLinks.Owner {
  private static final System.Logger LOG = System.getLogger(ClusterRedis.class.getName());
  private static final Duration PERIOD = Duration.ofSeconds(10);
  private static final long FIRST_DELAY_MILLIS = 20;
  private static final long LONGEST_DELAY_MILLIS = 250;

  private final RedisClient client;
  private final List<RedisURI> seeds;
  private final Duration timeout;
  private final RedisChannels channels = new RedisChannels();
  private final CountDownLatch firstWhole = new CountDownLatch(1);
  private final Thread keeper;

  // Under this object's monitor.
  private final Map<Place, RedisLinks> open = new HashMap<>();
  private final Set<Place> opening = new HashSet<>();
  private ClusterLayout layout = new ClusterLayout(false, 0, List.of(), Map.of());

  /// Who has a slot; replaced, never changed.
  private volatile @Nullable RedisLinks[] bySlot = new @Nullable RedisLinks[SlotHash.SLOT_COUNT];

  private volatile boolean whole;
  private volatile boolean doubtful = true;
  private volatile boolean closed;
  private volatile String reason = "it did not answer in time";

  private ClusterRedis(RedisClient client, List<RedisURI> seeds, Duration timeout) {
    this.client = client;
    this.seeds = seeds;
    this.timeout = timeout;
    this.keeper = Thread.ofVirtual().name("redis-cluster").unstarted(this::keep);
  }

  /// Connects, or comes back after one time-out at most and goes on trying in the background.
  ///
  /// @param seeds some nodes, to ask for the others; user, password and TLS are those of the first
  /// @param loops event loops to share instead of starting some; they stay open
  public static ClusterRedis connect(
      List<RedisURI> seeds, RedisConfig config, Optional<EventLoopGroup> loops) {
    RedisLinks.requireEnough(config.maxConnections());
    ClusterRedis redis =
        new ClusterRedis(RedisClients.create(config.timeout(), loops), seeds, config.timeout());
    redis.keeper.start();
    try {
      if (!redis.firstWhole.await(config.timeout().toNanos(), TimeUnit.NANOSECONDS)) {
        LOG.log(
            System.Logger.Level.WARNING,
            "The Redis Cluster cannot be reached; going on without it until it can: {0}",
            redis.reason);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return redis;
  }

  @Override
  public RedisNode at(String key) {
    return links(SlotHash.getSlot(key));
  }

  private RedisLinks links(int slot) {
    @Nullable RedisLinks links = bySlot[slot];
    if (links == null) {
      throw new RedisFailure("The part of the Redis Cluster cannot be reached", false, null);
    }
    return links;
  }

  @Override
  public List<RedisFuture<List<StreamMessage<String, String>>>> xread(
      Map<String, String> after, int count) {
    Map<Integer, Map<String, String>> parts = new HashMap<>();
    after.forEach((key, id) ->
        parts.computeIfAbsent(SlotHash.getSlot(key), _ -> new HashMap<>()).put(key, id));
    List<RedisFuture<List<StreamMessage<String, String>>>> reads = new ArrayList<>();
    parts.forEach((slot, part) -> {
      try {
        reads.add(links(slot).xread(LettuceRedis.offsets(part), count));
      } catch (RedisFailure e) {
        reads.add(RedisLinks.failed(e));
      }
    });
    return reads;
  }

  @Override
  public void publish(String channel, String text) {
    @Nullable RedisLinks home = channels.home();
    if (home != null) {
      home.publish(channel, text);
    }
  }

  @Override
  public Subscription subscribe(String channel, Consumer<String> consumer) {
    return channels.subscribe(channel, consumer);
  }

  @Override
  public boolean cluster() {
    return true;
  }

  @Override
  public boolean healthy() {
    return whole;
  }

  @Override
  public Duration probe() {
    long start = System.nanoTime();
    if (!whole) {
      throw new RedisFailure("A part of the Redis Cluster cannot be reached", false, null);
    }
    Map<RedisLinks, RedisFuture<String>> pings = new HashMap<>();
    for (RedisLinks links : connected()) {
      pings.put(links, links.commands().ping());
    }
    pings.forEach(RedisLinks::await);
    return Duration.ofNanos(System.nanoTime() - start);
  }

  @Override
  public void close() {
    closed = true;
    keeper.interrupt();
    channels.close();
    synchronized (this) {
      open.clear();
      arrange();
    }
    client.shutdown(Duration.ZERO, timeout);
    var _ = client.getResources().shutdown(0, timeout.toMillis(), TimeUnit.MILLISECONDS);
  }

  private synchronized List<RedisLinks> connected() {
    return List.copyOf(open.values());
  }

  @Override
  public void lost(RedisLinks links, String why) {
    synchronized (this) {
      if (!open.values().remove(links)) {
        return;
      }
      arrange();
    }
    links.closeAsync();
    if (!closed) {
      LOG.log(System.Logger.Level.WARNING, "A server of the Redis Cluster is lost: {0}", why);
      lookSoon();
    }
  }

  @Override
  public void elsewhere(RedisLinks links, String why) {
    lookSoon();
  }

  private void lookSoon() {
    doubtful = true;
    LockSupport.unpark(keeper);
  }

  private void keep() {
    long delay = FIRST_DELAY_MILLIS;
    while (!closed) {
      try {
        look();
        if (whole && !doubtful) {
          delay = FIRST_DELAY_MILLIS;
          LockSupport.parkNanos(this, PERIOD.toNanos());
          continue;
        }
      } catch (RuntimeException e) {
        reason = RedisClients.reason(e);
        doubtful = true;
        LOG.log(System.Logger.Level.DEBUG, "The Redis Cluster cannot be asked", e);
      }
      LockSupport.parkNanos(this, TimeUnit.MILLISECONDS.toNanos(delay));
      delay = Math.min(2 * delay, LONGEST_DELAY_MILLIS);
    }
  }

  /// Asks who has what, and connects to those who are missing.
  private void look() {
    boolean everybody = doubtful || !whole;
    doubtful = false;
    ClusterLayout seen =
        everybody ? ClusterLayout.latest(client, places(), seeds.getFirst(), timeout) : fromOne();
    List<RedisLinks> needless = new ArrayList<>();
    synchronized (this) {
      if (closed) {
        return;
      }
      layout = seen;
      for (Place place : Set.copyOf(open.keySet())) {
        if (!seen.slots().containsKey(place)) {
          needless.add(open.remove(place));
        }
      }
      arrange();
      if (seen.works()) {
        seen.slots().keySet().stream()
            .filter(place -> !open.containsKey(place) && opening.add(place))
            .forEach(
                place -> Thread.ofVirtual().name("redis-cluster-open").start(() -> openOne(place)));
      } else {
        reason = "its nodes say that it is down";
      }
    }
    needless.forEach(RedisLinks::closeAsync);
  }

  private ClusterLayout fromOne() {
    Map.Entry<Place, RedisLinks> one;
    synchronized (this) {
      one = Map.copyOf(open).entrySet().iterator().next();
    }
    RedisLinks links = one.getValue();
    try {
      return ClusterLayout.ask(links.commands(), one.getKey())
          .toCompletableFuture()
          .orTimeout(timeout.toNanos(), TimeUnit.NANOSECONDS)
          .join();
    } catch (RuntimeException e) {
      lost(links, "it does not say who has what");
      throw e;
    }
  }

  /// Everybody who may know something.
  private synchronized Set<Place> places() {
    Set<Place> places = new LinkedHashSet<>(layout.nodes());
    seeds.forEach(seed -> places.add(Place.of(seed)));
    return places;
  }

  private void openOne(Place place) {
    try {
      RedisURI uri = place.like(seeds.getFirst());
      uri.setTimeout(timeout);
      RedisLinks links = RedisLinks.open(client, uri, timeout, this);
      synchronized (this) {
        if (closed || !layout.slots().containsKey(place)) {
          links.closeAsync();
          return;
        }
        open.put(place, links);
        arrange();
      }
      if (links.broken()) {
        lost(links, "the connection broke again");
      }
    } catch (RuntimeException e) {
      reason = RedisClients.reason(e);
      LOG.log(System.Logger.Level.DEBUG, "A master of the Redis Cluster cannot be reached yet", e);
    } finally {
      synchronized (this) {
        opening.remove(place);
      }
      LockSupport.unpark(keeper);
    }
  }

  /// Brings what others see in line with what is open. Under the monitor.
  private void arrange() {
    @Nullable RedisLinks[] table = new @Nullable RedisLinks[SlotHash.SLOT_COUNT];
    int served = 0;
    for (Map.Entry<Place, List<Integer>> master : layout.slots().entrySet()) {
      @Nullable RedisLinks links = open.get(master.getKey());
      if (links != null) {
        for (int slot : master.getValue()) {
          table[slot] = links;
          served++;
        }
      }
    }
    boolean before = whole;
    bySlot = table;
    whole = layout.works() && served == table.length;
    if (whole) {
      firstWhole.countDown();
      if (!before) {
        LOG.log(System.Logger.Level.INFO, "The Redis Cluster is connected");
      }
    }
    @Nullable RedisLinks home = channels.home();
    if (!open.isEmpty() && (home == null || !open.containsValue(home))) {
      channels.moveTo(open.values().iterator().next());
    }
  }
}
