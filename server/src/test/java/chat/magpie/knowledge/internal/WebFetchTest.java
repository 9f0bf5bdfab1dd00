package chat.magpie.knowledge.internal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("C-09")
class WebFetchTest {
  private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

  @TempDir Path folder;
  private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
  private final List<String> asked = new CopyOnWriteArrayList<>();
  private final CountDownLatch end = new CountDownLatch(1);
  private HttpServer site;

  @BeforeEach
  void start() throws IOException {
    site = HttpServer.create(new InetSocketAddress(LOOPBACK, 0), 0);
    site.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    site.createContext("/", this::answer);
    site.start();
  }

  @AfterEach
  void stop() {
    end.countDown();
    site.stop(0);
    clock.shutdownNow();
  }

  private void answer(HttpExchange exchange) throws IOException {
    asked.add(exchange.getRequestURI() + " " + exchange.getRequestHeaders().getFirst("Host"));
    String path = exchange.getRequestURI().getPath();
    byte[] body = "# Help".getBytes(UTF_8);
    exchange.getResponseHeaders().add("Content-Type", "text/markdown");
    if (path.startsWith("/to/")) {
      exchange.getResponseHeaders().add("Location", exchange.getRequestURI().getQuery());
      exchange.sendResponseHeaders(302, -1);
    } else if (path.equals("/loop")) {
      exchange.getResponseHeaders().add("Location", "/loop");
      exchange.sendResponseHeaders(301, -1);
    } else if (path.equals("/chunks")) {
      exchange.sendResponseHeaders(200, 0);
      exchange.getResponseBody().write(body);
    } else if (path.equals("/slow")) {
      exchange.sendResponseHeaders(200, 100);
      exchange.getResponseBody().write(body);
      exchange.getResponseBody().flush();
      try {
        end.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    } else if (path.equals("/large")) {
      exchange.sendResponseHeaders(200, 0);
      try {
        for (int i = 0; i < 100; i++) {
          exchange.getResponseBody().write(new byte[10_000]);
        }
      } catch (IOException e) {
        asked.add("given up");
      }
    } else if (path.equals("/none")) {
      exchange.sendResponseHeaders(404, -1);
    } else {
      exchange.sendResponseHeaders(200, body.length);
      exchange.getResponseBody().write(body);
    }
    exchange.close();
  }

  private WebFetch web(WebFetch.Resolver resolver, String privateHosts) {
    return new WebFetch(resolver, Optional.of(privateHosts), 100_000, Duration.ofSeconds(2));
  }

  private String fetched(String path) throws Unreadable, IOException {
    Path file = folder.resolve("fetched");
    WebFetch.Fetched from =
        web(h -> new InetAddress[] {LOOPBACK}, "help.internal")
            .fetch(url("help.internal", path), file, clock);
    assertThat(from.mediaType()).isEqualTo("text/markdown");
    return Files.readString(file);
  }

  private String url(String host, String path) {
    return "http://" + host + ":" + site.getAddress().getPort() + path;
  }

  private void refused(String path, String reason) {
    assertThatThrownBy(() -> fetched(path))
        .isInstanceOf(Unreadable.class)
        .hasMessageContaining(reason);
  }

  @Test
  void aDocumentOfAnAllowedHostIsFetched() throws Exception {
    assertThat(fetched("/help.md?lang=zh")).isEqualTo("# Help");
    assertThat(fetched("/chunks")).isEqualTo("# Help");
    assertThat(asked.getFirst())
        .isEqualTo("/help.md?lang=zh help.internal:" + site.getAddress().getPort());
    assertThat(fetched("/to/x?/help.md")).isEqualTo("# Help");
  }

  @Test
  void aHostThatIsNotPublicIsNotEvenConnectedTo() {
    for (String host :
        List.of("127.0.0.1", "[::1]", "2130706433", "localhost", "[::ffff:127.0.0.1]")) {
      assertThatThrownBy(() ->
              web(InetAddress::getAllByName, "help.internal")
                  .fetch(url(host, "/help.md"), folder.resolve("x"), clock))
          .isInstanceOf(Unreadable.class)
          .hasMessageContaining("not of the public web");
    }
    assertThat(asked).isEmpty();
  }

  @Test
  void oneAddressThatIsNotPublicIsEnoughToRefuseAHost() {
    assertThatThrownBy(() ->
            web(h -> new InetAddress[] {InetAddress.ofLiteral("8.8.8.8"), LOOPBACK}, "")
                .fetch(url("example.com", "/"), folder.resolve("x"), clock))
        .hasMessageContaining("not of the public web");
  }

  @Test
  void aNameIsResolvedOnceSoThatWhatWasCheckedIsWhatIsConnectedTo() throws Exception {
    AtomicInteger lookups = new AtomicInteger();
    WebFetch.Resolver turning =
        h ->
            new InetAddress[] {
              lookups.getAndIncrement() == 0 ? LOOPBACK : InetAddress.ofLiteral("10.0.0.1")
            };
    web(turning, "help.internal")
        .fetch(url("help.internal", "/help.md"), folder.resolve("x"), clock);
    assertThat(lookups).hasValue(1);
  }

  @Test
  void eachRedirectIsCheckedLikeTheFirstAddress() {
    refused("/to/x?" + url("127.0.0.1", "/secret"), "not of the public web");
    refused("/to/x?http://169.254.169.254/latest/meta-data", "not of the public web");
    refused("/to/x?file:///etc/passwd", "");
    refused("/to/x?http://help.internal:22/", "port");
    refused("/loop", "more than 5 times");
    assertThat(asked).noneMatch(line -> line.startsWith("/secret"));
  }

  @Test
  void whatIsTooLargeTooSlowOrMissingIsGivenUp() {
    refused("/large", "larger than 100000 bytes");
    refused("/slow", "longer than 2 seconds");
    refused("/none", "status 404");
    site.stop(0);
    refused("/help.md", "connection failed");
  }

  @Test
  void aHostThatDoesNotExistIsSaidSo() {
    assertThatThrownBy(() ->
            web(
                    h -> {
                      throw new java.net.UnknownHostException(h);
                    },
                    "")
                .fetch("http://nowhere.example/", folder.resolve("x"), clock))
        .hasMessageContaining("no host nowhere.example");
  }
}
