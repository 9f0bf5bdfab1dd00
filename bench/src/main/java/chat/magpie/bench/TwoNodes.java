package chat.magpie.bench;

import chat.magpie.conformance.client.Api;
import chat.magpie.conformance.server.Ports;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Two nodes of Magpie on a PostgreSQL and a Redis of their own.
record TwoNodes(EmbeddedPostgres postgres, Child redis, List<Child> children)
    implements AutoCloseable {
  static TwoNodes start(Path folder, int upstreamPort) throws IOException {
    Path home = Files.createTempDirectory(folder, "nodes-");
    EmbeddedPostgres postgres =
        EmbeddedPostgres.builder()
            .setPort(Ports.free())
            .setDataDirectory(home.resolve("postgres"))
            .setServerConfig("max_connections", "200")
            .setPGStartupWait(Duration.ofMinutes(1))
            .start();
    Child redis = Child.redis("redis", home);
    Map<String, String> environment =
        Map.of(
            "DATABASE_URL",
            "postgresql://postgres:x@127.0.0.1:" + postgres.getPort() + "/postgres",
            "REDIS_URL",
            "redis://127.0.0.1:" + redis.port(),
            "OPENAI_BASE_URL",
            "http://127.0.0.1:" + upstreamPort + "/v1",
            "OPENAI_API_KEY",
            "bench",
            "OPENAI_MODEL",
            "upstream",
            "MAGPIE_LIVE_CONNECTIONS_PER_USER",
            "100000",
            "MAGPIE_API_REQUESTS_PER_SECOND",
            "0",
            "MAGPIE_API_ADDRESS_REQUESTS_PER_SECOND",
            "0",
            "MAGPIE_API_GUESTS_PER_MINUTE",
            "0");
    Child first = node(home.resolve("one"), environment);
    Child second = node(home.resolve("other"), environment);
    return new TwoNodes(postgres, redis, List.of(first, second));
  }

  private static Child node(Path folder, Map<String, String> environment) throws IOException {
    Child node = Child.magpie("magpie", Files.createDirectories(folder), Ports.free(), environment);
    awaitReady(node);
    return node;
  }

  static void awaitReady(Child node) {
    Api api = Api.anonymous(URI.create("http://127.0.0.1:" + node.port() + "/"));
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(120);
    Supplier<Boolean> ready =
        () -> {
          try {
            return api.get("/health/readiness").status() == 200;
          } catch (RuntimeException notYet) {
            return false;
          }
        };
    while (!ready.get()) {
      if (System.nanoTime() > deadline || !node.process().isAlive()) {
        throw new IllegalStateException("Magpie did not start:\n" + node.output());
      }
      Child.pause(50);
    }
  }

  URI uri(int node) {
    return URI.create("http://127.0.0.1:" + children.get(node).port() + "/");
  }

  /// Where a socket follows a session; it counts as open once it has its snapshot.
  SocketCrowd.Address socket(int node, String session, Api caller) {
    return new SocketCrowd.Address(
        children.get(node).port(),
        "/ws/chat/" + session,
        "Bearer " + caller.token().orElseThrow(),
        "{\"type\":\"reset\"");
  }

  String jdbcUrl() {
    return postgres.getJdbcUrl("postgres", "postgres");
  }

  /// A new session of this caller.
  static String session(Api guest) {
    Api.Response opened = guest.post("/chat/session", Map.of("title", "bench"));
    if (opened.status() != 201) {
      throw new IllegalStateException("no session: " + opened);
    }
    return opened.body().path("session_id").asText();
  }

  /// Signs in with the password that one of the nodes has printed, and replaces it.
  Api administrator() {
    return administrator(children, uri(0));
  }

  static Api administrator(List<Child> children, URI at) {
    Pattern printed = Pattern.compile("password +(\\S+)");
    for (Child node : children) {
      Matcher once = printed.matcher(node.output());
      if (node.output().contains("shown only") && once.find()) {
        Api anybody = Api.anonymous(at);
        Map<String, String> login = Map.of("login", "admin@chatapi.com", "password", once.group(1));
        Api first =
            anybody.withToken(
                anybody.post("/auth/login", login).body().path("access_token").asText());
        Api.Response changed =
            first.post(
                "/auth/password",
                Map.of(
                    "current_password",
                    once.group(1),
                    "new_password",
                    "a much better password 42"));
        return anybody.withToken(changed.body().path("access_token").asText());
      }
    }
    throw new IllegalStateException("no node has printed a password");
  }

  @Override
  public void close() throws IOException {
    children.forEach(Child::close);
    redis.close();
    postgres.close();
  }
}
