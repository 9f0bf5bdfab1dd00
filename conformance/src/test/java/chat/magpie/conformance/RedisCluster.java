package chat.magpie.conformance;

import static org.awaitility.Awaitility.await;

import io.lettuce.core.RedisException;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.cluster.SlotHash;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// A Redis Cluster of three masters with a replica each, which notices within about a second that a
/// master is away and makes its replica take its place.
public final class RedisCluster implements AutoCloseable {
  private static final int MASTERS = 3;
  private static final String[] OPTIONS = {
    "--cluster-enabled", "yes", "--cluster-node-timeout", "1000"
  };

  private final List<RedisServer> servers = new ArrayList<>();

  private RedisCluster() {}

  public static RedisCluster start() {
    RedisCluster cluster = new RedisCluster();
    List<RedisServer> servers = cluster.servers;
    for (int i = 0; i < 2 * MASTERS; i++) {
      servers.add(RedisServer.data(OPTIONS));
    }
    for (int i = 0; i < servers.size(); i++) {
      int index = i;
      RedisServer server = servers.get(i);
      await()
          .atMost(Duration.ofSeconds(15))
          .pollInterval(Duration.ofMillis(20))
          .until(() -> server.says("server", "redis_version"));
      server.on(redis -> {
        redis.clusterSetConfigEpoch(index + 1);
        if (index < MASTERS) {
          redis.clusterAddSlots(
              IntStream.range(0, SlotHash.SLOT_COUNT)
                  .filter(slot -> slot * MASTERS / SlotHash.SLOT_COUNT == index)
                  .toArray());
        }
        return redis.clusterMeet("127.0.0.1", servers.getFirst().port());
      });
    }
    for (int i = MASTERS; i < servers.size(); i++) {
      String master = servers.get(i - MASTERS).on(RedisCommands::clusterMyId);
      RedisServer replica = servers.get(i);
      await()
          .atMost(Duration.ofSeconds(30))
          .ignoreExceptions()
          .until(() -> replica.on(redis -> redis.clusterReplicate(master)).equals("OK"));
    }
    cluster.awaitWhole();
    return cluster;
  }

  /// Starts what was killed, lets run what was paused, and waits until the loss of any one server
  /// would do no harm.
  public void heal() {
    servers.stream().filter(RedisServer::runs).forEach(RedisServer::resume);
    servers.stream().filter(server -> !server.runs()).forEach(RedisServer::restart);
    awaitWhole();
  }

  private void awaitWhole() {
    await()
        .atMost(Duration.ofSeconds(60))
        .pollInterval(Duration.ofMillis(50))
        .until(() ->
            servers.stream().filter(RedisServer::master).count() == MASTERS
                && servers.stream().allMatch(RedisCluster::whole));
  }

  private static boolean whole(RedisServer server) {
    try {
      return server.on(RedisCommands::clusterInfo).contains("cluster_state:ok")
          && !server.on(RedisCommands::clusterNodes).contains("fail")
          && (server.says("replication", "connected_slaves:1")
              || server.says("replication", "master_link_status:up"));
    } catch (RedisException notYet) {
      return false;
    }
  }

  /// The address for `REDIS_URL`: three of the servers.
  public String url() {
    return "redis-cluster://"
        + String.join(",", servers.stream().limit(MASTERS).map(RedisServer::address).toList());
  }

  public List<RedisServer> servers() {
    return servers;
  }

  /// The master that holds the key now; after a fail-over, another server. One that is paused does
  /// not count.
  public RedisServer master(String key) {
    int slot = SlotHash.getSlot(key);
    return servers.stream()
        .filter(RedisServer::master)
        .filter(server ->
            server
                .on(RedisCommands::clusterNodes)
                .lines()
                .filter(line -> line.contains("myself"))
                .anyMatch(line -> holds(line, slot)))
        .findFirst()
        .orElseThrow();
  }

  private static boolean holds(String line, int slot) {
    return Stream.of(line.split(" ", -1))
        .skip(8)
        .map(range -> range.split("-", -1))
        .anyMatch(range ->
            Integer.parseInt(range[0]) <= slot
                && slot <= Integer.parseInt(range[range.length - 1]));
  }

  /// The result of plain commands on the server that holds the key.
  public <T> T on(String key, Function<RedisCommands<String, String>, T> commands) {
    return master(key).on(commands);
  }

  @Override
  public void close() {
    servers.forEach(RedisServer::close);
  }
}
