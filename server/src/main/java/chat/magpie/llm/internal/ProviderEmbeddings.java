package chat.magpie.llm.internal;

import chat.magpie.kernel.Secret;
import chat.magpie.llm.Embeddings;
import chat.magpie.llm.EmbeddingsConfig;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// Embeddings by an endpoint that speaks OpenAI's. The space of its vectors is the model's name;
/// they have as many dimensions as come. Three failures in a row and it is left alone for a while.
public final class ProviderEmbeddings implements Embeddings, Closing {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int MAX_BYTES = 64_000_000;
  private static final int MOST_CHARS = 8_000;
  private static final int FAILURES = 3;
  private static final Duration PAUSE = Duration.ofSeconds(10);

  private final URI url;
  private final Optional<Secret> key;
  private final String model;
  private final int batch;
  private final Duration timeout;
  private final Duration questionTimeout;
  private final Breaker breaker;
  private final HttpClient http;

  /// Opens no connection yet.
  ///
  /// @throws IllegalArgumentException if a setting cannot be used; names it
  public ProviderEmbeddings(EmbeddingsConfig config) {
    EmbeddingsConfig.ProviderEndpoint provider = config.provider();
    this.url = url(provider.baseUrl().orElseThrow(() -> wrong("base_url", "is missing")));
    this.key = provider.apiKey().filter(secret -> !secret.reveal().isBlank());
    if (key.isPresent() && !key.get().reveal().strip().matches("[\\x21-\\x7E]+")) {
      throw wrong("api_key", "holds characters that cannot be sent in a header");
    }
    this.model =
        provider
            .model()
            .filter(name -> !name.isBlank())
            .orElseThrow(() -> wrong("model", "is missing"));
    this.batch = provider.batch();
    this.timeout = provider.timeout();
    this.questionTimeout = config.questionTimeout();
    this.breaker =
        new Breaker(
            FAILURES, PAUSE, System::nanoTime, () -> ThreadLocalRandom.current().nextDouble());
    this.http =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(timeout)
            .followRedirects(HttpClient.Redirect.NEVER)
            .build();
  }

  private static URI url(String base) {
    try {
      URI uri = new URI(base.strip().replaceAll("/+$", "") + "/embeddings");
      boolean web = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
      if (web
          && uri.getHost() != null
          && uri.getRawUserInfo() == null
          && uri.getRawQuery() == null
          && uri.getRawFragment() == null) {
        return uri;
      }
    } catch (URISyntaxException e) {
      // Said below, without the address: it may hold a password.
    }
    throw wrong(
        "base_url",
        "has to be an address such as https://api.openai.com/v1, without user or query");
  }

  private static IllegalArgumentException wrong(String setting, String what) {
    return new IllegalArgumentException(
        "Configuration: magpie.embeddings.provider." + setting + " " + what);
  }

  @Override
  public boolean available() {
    return true;
  }

  @Override
  public List<Embedding> ofTexts(List<String> texts) {
    List<Embedding> embedded = new ArrayList<>(texts.size());
    for (int from = 0; from < texts.size(); from += batch) {
      embedded.addAll(ask(texts.subList(from, Math.min(texts.size(), from + batch)), timeout));
    }
    return embedded;
  }

  @Override
  public Optional<String> spaceOf(String text) {
    return Optional.of(model);
  }

  @Override
  public Map<String, float[]> ofQuestion(String question, Set<String> spaces) {
    return spaces.contains(model)
        ? Map.of(model, ask(List.of(question), questionTimeout).getFirst().vector())
        : Map.of();
  }

  private List<Embedding> ask(List<String> texts, Duration patience) {
    if (!breaker.pass()) {
      throw new EmbeddingFailed("The provider of embeddings has failed and is left alone for now");
    }
    CompletableFuture<HttpResponse<byte[]>> asked =
        http.sendAsync(
            request(texts, patience),
            HttpResponse.BodyHandlers.limiting(HttpResponse.BodyHandlers.ofByteArray(), MAX_BYTES));
    boolean told = false;
    try {
      HttpResponse<byte[]> response = asked.get(patience.toMillis(), TimeUnit.MILLISECONDS);
      if (response.statusCode() != 200) {
        throw new EmbeddingFailed(
            "The provider of embeddings answers with status " + response.statusCode());
      }
      List<Embedding> embedded = read(response.body(), texts.size());
      breaker.succeeded();
      told = true;
      return embedded;
    } catch (ExecutionException e) {
      throw new EmbeddingFailed("The provider of embeddings does not answer", e);
    } catch (TimeoutException e) {
      asked.cancel(true);
      throw new EmbeddingFailed("The provider of embeddings is late", e);
    } catch (InterruptedException e) {
      asked.cancel(true);
      Thread.currentThread().interrupt();
      breaker.released();
      told = true;
      throw new EmbeddingFailed("Interrupted", e);
    } finally {
      if (!told) {
        breaker.failed();
      }
    }
  }

  private HttpRequest request(List<String> texts, Duration patience) {
    ObjectNode body = JSON.createObjectNode().put("model", model).put("encoding_format", "float");
    ArrayNode input = body.putArray("input");
    for (String text : texts) {
      String beginning = text.length() <= MOST_CHARS ? text : text.substring(0, MOST_CHARS);
      // Halves of characters are no UTF-8, and providers refuse what is empty.
      String sendable = WellFormed.of(beginning);
      input.add(sendable.isBlank() ? "-" : sendable);
    }
    HttpRequest.Builder request =
        HttpRequest.newBuilder(url)
            .timeout(patience)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body.toString()));
    key.ifPresent(secret -> request.header("Authorization", "Bearer " + secret.reveal().strip()));
    return request.build();
  }

  private List<Embedding> read(byte[] body, int wanted) {
    JsonNode data;
    try {
      data = JSON.readTree(body).path("data");
    } catch (JsonProcessingException e) {
      throw new EmbeddingFailed("The provider of embeddings answers with no JSON", e);
    } catch (java.io.IOException e) {
      throw new EmbeddingFailed("The provider of embeddings cannot be read", e);
    }
    @Nullable Embedding[] embedded = new Embedding[wanted];
    int dimensions = data.path(0).path("embedding").size();
    for (int i = 0; i < data.size(); i++) {
      int index = data.get(i).path("index").asInt(i);
      JsonNode vector = data.get(i).path("embedding");
      if (index < 0 || index >= wanted || embedded[index] != null || vector.size() != dimensions) {
        throw malformed();
      }
      embedded[index] = new Embedding(model, vector(vector));
    }
    List<Embedding> all = new ArrayList<>(wanted);
    for (Embedding one : embedded) {
      if (one == null) {
        throw malformed();
      }
      all.add(one);
    }
    return all;
  }

  private static float[] vector(JsonNode values) {
    float[] vector = new float[values.size()];
    double square = 0;
    for (int i = 0; i < vector.length; i++) {
      if (!values.get(i).isNumber()) {
        throw malformed();
      }
      vector[i] = values.get(i).floatValue();
      square += (double) vector[i] * vector[i];
    }
    if (square == 0 || !Double.isFinite(square)) {
      throw malformed();
    }
    return OnnxEncoder.normal(vector);
  }

  private static EmbeddingFailed malformed() {
    return new EmbeddingFailed("The provider of embeddings answers with no usable vectors");
  }

  /// Ends all connections.
  @Override
  public void close() {
    http.shutdownNow();
  }
}
