package chat.magpie.llm.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import chat.magpie.kernel.Secret;
import chat.magpie.llm.EmbeddingMode;
import chat.magpie.llm.Embeddings;
import chat.magpie.llm.Embeddings.Embedding;
import chat.magpie.llm.Embeddings.EmbeddingFailed;
import chat.magpie.llm.EmbeddingsConfig;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ProviderEmbeddingsTest extends EmbeddingsContract {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int DIMENSIONS = 257;

  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final AtomicInteger requests = new AtomicInteger();
  private final AtomicReference<String> authorization = new AtomicReference<>("");
  private final AtomicReference<Misbehaviour> misbehaviour =
      new AtomicReference<>((exchange, answer) -> false);
  private final CountDownLatch over = new CountDownLatch(1);
  private HttpServer server;
  private ProviderEmbeddings embeddings;

  /// What the stand-in does instead of answering; false where it answers after all.
  @FunctionalInterface
  private interface Misbehaviour {
    boolean with(HttpExchange exchange, ObjectNode answer) throws IOException;
  }

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/v1/embeddings", this::answer);
    server.start();
    embeddings = open(Duration.ofSeconds(30));
  }

  @AfterEach
  void stop() {
    over.countDown();
    embeddings.close();
    server.stop(0);
    threads.shutdownNow();
  }

  @Override
  Embeddings embeddings() {
    return embeddings;
  }

  @Test
  void theKeyIsSentAndTheSpaceNamesTheModel() {
    Embedding embedding = embeddings.ofTexts(List.of("parcel")).getFirst();
    assertThat(embedding.space()).isEqualTo("test-model");
    assertThat(embedding.vector()).hasSize(DIMENSIONS);
    assertThat(authorization.get()).isEqualTo("Bearer sk-test");
  }

  @Test
  void manyTextsGoInBatches() {
    List<String> texts = java.util.stream.IntStream.range(0, 25).mapToObj(i -> "t" + i).toList();
    assertThat(embeddings.ofTexts(texts)).hasSize(25);
    assertThat(requests.get()).isEqualTo(3);
  }

  @Test
  void aQuestionInOtherSpacesIsNotEvenAsked() {
    assertThat(embeddings.ofQuestion("parcel", Set.of("other"))).isEmpty();
    assertThat(requests.get()).isZero();
  }

  @Test
  void whatIsNoVectorIsNone() {
    refused((exchange, answer) -> {
      ((ArrayNode) answer.path("data").path(1).path("embedding")).remove(0);
      return false;
    });
    refused((exchange, answer) -> {
      ((ArrayNode) answer.path("data").path(0).path("embedding"))
          .set(0, JSON.getNodeFactory().textNode("NaN"));
      return false;
    });
    refused((exchange, answer) -> {
      ((ArrayNode) answer.path("data").path(0).path("embedding"))
          .set(0, JSON.getNodeFactory().numberNode(1e300));
      return false;
    });
    refused((exchange, answer) -> {
      ((ArrayNode) answer.path("data")).remove(1);
      return false;
    });
    refused((exchange, answer) -> {
      ((ObjectNode) answer.path("data").path(1)).put("index", 0);
      return false;
    });
    refused((exchange, answer) -> {
      answer.removeAll();
      return false;
    });
    refused((exchange, answer) -> send(exchange, 200, "{\"data\":[{\"embedding\":[NaN]}]}"));
    refused((exchange, answer) -> send(exchange, 200, "<html>"));
  }

  @Test
  void aProviderThatRefusesOrBreaksOffIsAFailure() {
    refused((exchange, answer) -> send(exchange, 429, "{}"));
    refused((exchange, answer) -> send(exchange, 500, "{}"));
    refused((exchange, answer) -> send(exchange, 302, "{}"));
    refused((exchange, answer) -> {
      exchange.sendResponseHeaders(200, 1000);
      exchange.getResponseBody().write("{\"data\": [".getBytes(StandardCharsets.UTF_8));
      exchange.getResponseBody().flush();
      exchange.close();
      return true;
    });
    refused((exchange, answer) -> {
      exchange.close();
      return true;
    });
  }

  @Test
  void aProviderThatIsLateIsNotWaitedFor() {
    misbehaviour.set((exchange, answer) -> {
      exchange.sendResponseHeaders(200, 1000);
      exchange.getResponseBody().flush();
      try {
        over.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      return true;
    });
    try (ProviderEmbeddings hasty = open(Duration.ofMillis(200))) {
      assertThatThrownBy(() -> hasty.ofTexts(List.of("parcel")))
          .isInstanceOf(EmbeddingFailed.class);
      assertThatThrownBy(() -> hasty.ofQuestion("parcel", Set.of("test-model")))
          .isInstanceOf(EmbeddingFailed.class);
    }
  }

  @Test
  void aProviderThatKeepsFailingIsLeftAloneForAWhile() {
    misbehaviour.set((exchange, answer) -> send(exchange, 500, "{}"));
    for (int i = 0; i < 10; i++) {
      assertThatThrownBy(() -> embeddings.ofTexts(List.of("parcel")))
          .isInstanceOf(EmbeddingFailed.class)
          .message()
          .doesNotContain("sk-test");
    }
    assertThat(requests.get()).isEqualTo(3);
  }

  @Test
  void settingsThatCannotBeUsedEndTheStart() {
    for (String url :
        List.of("ftp://x/v1", "http://", "nonsense", "http://u:p@x/v1", "http://x/?a")) {
      assertThatThrownBy(() -> new ProviderEmbeddings(config(url, "m", PATIENCE)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("magpie.embeddings.provider.base_url");
    }
    assertThatThrownBy(() -> new ProviderEmbeddings(config("http://x/v1", " ", PATIENCE)))
        .hasMessageContaining("magpie.embeddings.provider.model");
  }

  /// One failure, and a success after it, so that the provider is not left alone.
  private void refused(Misbehaviour wrong) {
    misbehaviour.set(wrong);
    assertThatThrownBy(() -> embeddings.ofTexts(List.of("one", "two")))
        .isInstanceOf(EmbeddingFailed.class);
    misbehaviour.set((exchange, answer) -> false);
    assertThat(embeddings.ofTexts(List.of("one", "two"))).hasSize(2);
  }

  private static boolean send(HttpExchange exchange, int status, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
    return true;
  }

  /// Embeds a text as the pairs of characters it has.
  private void answer(HttpExchange exchange) throws IOException {
    requests.incrementAndGet();
    authorization.set(exchange.getRequestHeaders().getFirst("Authorization"));
    JsonNode request = JSON.readTree(exchange.getRequestBody());
    ObjectNode answer = JSON.createObjectNode();
    ArrayNode data = answer.putArray("data");
    for (int i = 0; i < request.path("input").size(); i++) {
      ObjectNode item = data.addObject().put("index", i);
      float[] vector = new float[DIMENSIONS];
      String text = request.path("input").get(i).asText();
      vector[0] = 0.1f;
      for (int c = 0; c + 1 < text.length(); c++) {
        vector[(text.charAt(c) * 31 + text.charAt(c + 1)) % DIMENSIONS]++;
      }
      ArrayNode values = item.putArray("embedding");
      for (float value : vector) {
        values.add(value);
      }
    }
    if (!misbehaviour.get().with(exchange, answer)) {
      send(exchange, 200, answer.toString());
    }
  }

  private ProviderEmbeddings open(Duration timeout) {
    return new ProviderEmbeddings(
        config(
            "http://127.0.0.1:" + server.getAddress().getPort() + "/v1/", "test-model", timeout));
  }

  private static EmbeddingsConfig config(String url, String model, Duration timeout) {
    return new EmbeddingsConfig() {
      @Override
      public EmbeddingMode mode() {
        return EmbeddingMode.PROVIDER;
      }

      @Override
      public int threads() {
        return 1;
      }

      @Override
      public Duration releaseAfter() {
        return timeout;
      }

      @Override
      public Duration questionTimeout() {
        return timeout;
      }

      @Override
      public ProviderEndpoint provider() {
        return new ProviderEndpoint() {
          @Override
          public Optional<String> baseUrl() {
            return Optional.of(url);
          }

          @Override
          public Optional<Secret> apiKey() {
            return Optional.of(new Secret("sk-test"));
          }

          @Override
          public Optional<String> model() {
            return Optional.of(model);
          }

          @Override
          public int batch() {
            return 10;
          }

          @Override
          public Duration timeout() {
            return timeout;
          }
        };
      }
    };
  }
}
