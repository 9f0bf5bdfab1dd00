package chat.magpie.redis;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import chat.magpie.kernel.Secret;
import com.code_intelligence.jazzer.junit.FuzzTest;
import io.lettuce.core.RedisURI;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// The address of Redis as somebody has typed it.
class RedisAddressFuzzTest {
  /// What cannot be read is said without any of it; what can be read names hosts and ports.
  @FuzzTest
  void address(byte[] data) {
    String text = new String(data, UTF_8);
    List<RedisURI> servers;
    try {
      servers =
          switch (RedisAddress.of(new Secret(text), Optional.of(new Secret("s")))) {
            case RedisAddress.Server(RedisURI uri) -> List.of(uri);
            case RedisAddress.Sentinels(var sentinels, String master, RedisURI server) -> {
              assertThat(master).isNotEmpty();
              yield Stream.concat(sentinels.stream(), Stream.of(server)).toList();
            }
            case RedisAddress.Cluster(List<RedisURI> seeds) -> seeds;
          };
    } catch (IllegalArgumentException e) {
      assertThat(e.getMessage())
          .isIn(
              RedisAddress.EXPECTED,
              "magpie.redis.url: a Redis Cluster has only database 0",
              "magpie.redis.url: a Redis Cluster has no master of a name");
      return;
    }
    assertThat(servers).isNotEmpty();
    for (RedisURI server : servers) {
      if (server.getSocket() == null) {
        assertThat(server.getHost()).isNotEmpty();
        assertThat(server.getPort()).isBetween(1, 65535);
      }
      assertThat(server.getDatabase()).isNotNegative();
    }
  }
}
