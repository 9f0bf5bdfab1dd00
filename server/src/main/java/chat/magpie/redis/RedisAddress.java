package chat.magpie.redis;

import chat.magpie.kernel.Secret;
import io.lettuce.core.RedisURI;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Where Redis is, as `magpie.redis.url` says it.
public sealed interface RedisAddress {
  /// One server: `redis://[user:password@]host:port/db`.
  record Server(RedisURI uri) implements RedisAddress {}

  /// The master of a name, wherever it is: `redis-sentinel://[user:password@]h1:p1,h2,h3/db#name`.
  ///
  /// @param server user, password, database and TLS of the master; host and port are nobody's
  record Sentinels(List<RedisURI> sentinels, String master, RedisURI server)
      implements RedisAddress {}

  /// A Cluster, by some of its nodes: `redis-cluster://[user:password@]h1:p1,h2:p2`.
  record Cluster(List<RedisURI> seeds) implements RedisAddress {}

  String DEFAULT_MASTER = "mymaster";
  String EXPECTED =
      "magpie.redis.url cannot be read; expected redis://[user:password@]host:port/db,"
          + " redis-sentinel://[user:password@]host1:port,host2:port/db#master or"
          + " redis-cluster://[user:password@]host1:port,host2:port (rediss… for TLS), and"
          + " @ : / ? # % in the password percent-encoded";

  Pattern MANY_SCHEMES = Pattern.compile("rediss?-(sentinel|cluster):");
  Pattern MANY =
      Pattern.compile(
          "redis(?<tls>s?)-(?<kind>sentinel|cluster)://(?:(?<user>[^/?#]*)@)?(?<hosts>[^/?#@]+)"
              + "(?:/(?<db>[0-9]*))?(?:#(?<master>[^#]*))?");
  Pattern HOST = Pattern.compile("(?:\\[[0-9a-fA-F:.%]+]|[^:\\[\\]\\s]+)(?<port>:[0-9]{1,5})?");

  /// [IllegalArgumentException] with what is expected, and without any of the text of the address,
  /// where it cannot be read.
  ///
  /// @param sentinelPassword what Sentinels want to hear, if anything
  static RedisAddress of(Secret url, Optional<Secret> sentinelPassword) {
    String text = url.reveal().strip();
    try {
      if (!MANY_SCHEMES.matcher(text).lookingAt()) {
        return new Server(RedisURI.create(text));
      }
      Matcher parts = MANY.matcher(text);
      if (!parts.matches()) {
        throw new IllegalArgumentException(EXPECTED);
      }
      return parts.group("kind").equals("cluster")
          ? cluster(parts)
          : sentinels(parts, sentinelPassword);
    } catch (NotACluster e) {
      throw e;
    } catch (RuntimeException e) {
      throw new IllegalArgumentException(EXPECTED);
    }
  }

  private static Cluster cluster(Matcher parts) {
    @Nullable String database = parts.group("db");
    if (database != null && !database.isEmpty() && !database.equals("0")) {
      throw new NotACluster("magpie.redis.url: a Redis Cluster has only database 0");
    }
    if (parts.group("master") != null) {
      throw new NotACluster("magpie.redis.url: a Redis Cluster has no master of a name");
    }
    return new Cluster(hosts(parts, "6379").map(host -> server(parts, host)).toList());
  }

  private static Sentinels sentinels(Matcher parts, Optional<Secret> password) {
    @Nullable String master = parts.group("master");
    List<RedisURI> sentinels =
        hosts(parts, "26379")
            .map(host -> {
              RedisURI.Builder sentinel = RedisURI.builder(RedisURI.create(scheme(parts) + host));
              password.ifPresent(secret -> sentinel.withPassword(secret.reveal().toCharArray()));
              return sentinel.build();
            })
            .toList();
    RedisURI server = server(parts, "master.invalid");
    @Nullable String database = parts.group("db");
    if (database != null && !database.isEmpty()) {
      server.setDatabase(Integer.parseInt(database));
    }
    return new Sentinels(
        sentinels, master == null || master.isEmpty() ? DEFAULT_MASTER : master, server);
  }

  private static RedisURI server(Matcher parts, String host) {
    @Nullable String user = parts.group("user");
    return RedisURI.create(scheme(parts) + (user == null ? "" : user + "@") + host);
  }

  private static String scheme(Matcher parts) {
    return "redis" + parts.group("tls") + "://";
  }

  private static Stream<String> hosts(Matcher parts, String defaultPort) {
    List<String> hosts = Pattern.compile(",").splitAsStream(parts.group("hosts")).toList();
    if (hosts.isEmpty()) {
      throw new IllegalArgumentException(EXPECTED);
    }
    return hosts.stream()
        .map(String::strip)
        .map(host -> {
          Matcher matcher = HOST.matcher(host);
          if (!matcher.matches()) {
            throw new IllegalArgumentException(EXPECTED);
          }
          return matcher.group("port") == null ? host + ":" + defaultPort : host;
        });
  }

  /// Says what is wrong with an address that can be read.
  final class NotACluster extends IllegalArgumentException {
    NotACluster(String message) {
      super(message);
    }
  }
}
