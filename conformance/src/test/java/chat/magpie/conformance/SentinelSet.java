package chat.magpie.conformance;

import static org.awaitility.Awaitility.await;

import io.lettuce.core.api.sync.RedisCommands;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// A master with one replica and three Sentinels, which notice within about a second that the
/// master is away and make the replica take its place.
public final class SentinelSet implements AutoCloseable {
  private static final int SENTINELS = 3;

  private final List<RedisServer> data = new ArrayList<>();
  private final List<RedisServer> sentinels = new ArrayList<>();

  private SentinelSet() {}

  public static SentinelSet start() {
    SentinelSet set = new SentinelSet();
    RedisServer master = RedisServer.data();
    set.data.add(master);
    set.data.add(RedisServer.data("--replicaof", "127.0.0.1", "" + master.port()));
    for (int i = 0; i < SENTINELS; i++) {
      set.sentinels.add(
          RedisServer.sentinel(
              "sentinel monitor mymaster 127.0.0.1 " + master.port() + " 2",
              "sentinel down-after-milliseconds mymaster 1000",
              "sentinel failover-timeout mymaster 5000"));
    }
    set.awaitWhole();
    return set;
  }

  /// Starts what was killed, lets run what was paused, and waits until the loss of any one server
  /// would do no harm.
  public void heal() {
    Stream.concat(data.stream(), sentinels.stream())
        .filter(RedisServer::runs)
        .forEach(RedisServer::resume);
    for (RedisServer server : data) {
      if (!server.runs()) {
        server.restartAs("--replicaof", "127.0.0.1", "" + master().port());
      }
    }
    awaitWhole();
  }

  private void awaitWhole() {
    await()
        .atMost(Duration.ofSeconds(60))
        .pollInterval(Duration.ofMillis(50))
        .until(() -> {
          List<RedisServer> masters = data.stream().filter(RedisServer::master).toList();
          return masters.size() == 1
              && data.stream().anyMatch(s -> s.says("replication", "master_link_status:up"))
              && sentinels.stream()
                  .filter(RedisServer::runs)
                  .allMatch(s ->
                      s.says(
                          "sentinel",
                          "status=ok,address=" + masters.getFirst().address(),
                          "slaves=1,sentinels=3"));
        });
  }

  /// The address for `REDIS_URL`.
  public String url() {
    return "redis-sentinel://"
        + String.join(",", sentinels.stream().map(RedisServer::address).toList())
        + "/0#mymaster";
  }

  /// The server that is the master now; after a fail-over, another one. The one that is paused does
  /// not count.
  public RedisServer master() {
    return data.stream().filter(RedisServer::master).findFirst().orElseThrow();
  }

  public List<RedisServer> data() {
    return data;
  }

  public List<RedisServer> sentinels() {
    return sentinels;
  }

  /// The result of plain commands on the master.
  public <T> T onMaster(java.util.function.Function<RedisCommands<String, String>, T> commands) {
    return master().on(commands);
  }

  @Override
  public void close() {
    sentinels.forEach(RedisServer::close);
    data.forEach(RedisServer::close);
  }
}
