package chat.magpie.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import chat.magpie.kernel.Secret;
import chat.magpie.redis.RedisAddress.Cluster;
import chat.magpie.redis.RedisAddress.Sentinels;
import chat.magpie.redis.RedisAddress.Server;
import io.lettuce.core.RedisURI;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("D-09")
class RedisAddressTest {
  private static RedisAddress address(String url) {
    return RedisAddress.of(new Secret(url), Optional.empty());
  }

  @SuppressWarnings("deprecation") // the other way leads through a reactive type
  private static String password(RedisURI uri) {
    char @Nullable [] password = uri.getPassword();
    return password == null ? "" : new String(password);
  }

  private static String place(RedisURI uri) {
    return uri.getHost() + " " + uri.getPort();
  }

  @Test
  void oneServer() {
    Server server = (Server) address(" rediss://user:p%40ss@host:7000/3\n");
    assertThat(place(server.uri())).isEqualTo("host 7000");
    assertThat(server.uri().getDatabase()).isEqualTo(3);
    assertThat(server.uri().isSsl()).isTrue();
    assertThat(password(server.uri())).isEqualTo("p@ss");
  }

  @Test
  void sentinels() {
    Sentinels some =
        (Sentinels)
            RedisAddress.of(
                new Secret("redis-sentinel://:p%2Css@h1:26379,h2,[::1]:5/2#other"),
                Optional.of(new Secret("theirs")));
    assertThat(some.sentinels().stream().map(RedisAddressTest::place))
        .containsExactly("h1 26379", "h2 26379", "[::1] 5");
    assertThat(some.sentinels()).allSatisfy(s -> assertThat(password(s)).isEqualTo("theirs"));
    assertThat(some.master()).isEqualTo("other");
    assertThat(password(some.server())).isEqualTo("p,ss");
    assertThat(some.server().getDatabase()).isEqualTo(2);
  }

  @Test
  void sentinelsWithoutANameOrPassword() {
    Sentinels some = (Sentinels) address("redis-sentinel://:secret@h1,h2,h3");
    assertThat(some.master()).isEqualTo("mymaster");
    assertThat(some.sentinels()).allSatisfy(s -> assertThat(password(s)).isEmpty());
    assertThat(some.toString()).doesNotContain("secret");
  }

  @Test
  void aCluster() {
    Cluster cluster = (Cluster) address("rediss-cluster://user:pw@h1:7001,h2/0");
    assertThat(cluster.seeds().stream().map(RedisAddressTest::place))
        .containsExactly("h1 7001", "h2 6379");
    assertThat(cluster.seeds())
        .allSatisfy(seed -> {
          assertThat(seed.isSsl()).isTrue();
          assertThat(password(seed)).isEqualTo("pw");
        });
    assertThat(address("redis-cluster://h:1")).isInstanceOf(Cluster.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "redis-cluster://",
        "redis-cluster://:secret@",
        "redis-cluster://:secret@h1:port",
        "redis-cluster://:secret@h1,,h2",
        "redis-cluster://:sec/ret@h1",
        "redis-cluster://:secret@h1:99999",
        "redis-sentinel://:secret@h1/x#m",
        "redis-clusters://secret",
      })
  void whatCannotBeReadIsNotRepeated(String url) {
    assertThatThrownBy(() -> address(url))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("magpie.redis.url cannot be read; expected redis://")
        .hasMessageNotContaining("sec")
        .hasNoCause();
  }

  @Test
  void aClusterHasOneDatabaseAndNoName() {
    for (String url : List.of("redis-cluster://h1/3", "redis-cluster://h1#mymaster")) {
      assertThatThrownBy(() -> address(url))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("magpie.redis.url: a Redis Cluster has");
    }
  }
}
