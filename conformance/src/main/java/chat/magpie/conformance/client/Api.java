package chat.magpie.conformance.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A caller of the HTTP API, with or without a token. It knows JSON and HTTP and nothing of the
/// server.
public final class Api {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final HttpClient CLIENT =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(5))
          .build();

  private final URI base;
  private final @Nullable String token;
  private final String userId;

  private Api(URI base, @Nullable String token, String userId) {
    this.base = base;
    this.token = token;
    this.userId = userId;
  }

  /// A caller that nobody knows.
  public static Api anonymous(URI base) {
    return new Api(base, null, "");
  }

  /// A new guest.
  public static Api guest(URI base) {
    Response answer = anonymous(base).post("/auth/guest", Map.of());
    if (answer.status() != 200) {
      throw new IllegalStateException("No guest token: " + answer);
    }
    return new Api(
        base, answer.body().path("access_token").asText(), answer.body().path("user_id").asText());
  }

  /// The same server with another token.
  public Api withToken(@Nullable String other) {
    return new Api(base, other, userId);
  }

  public URI uri(String path) {
    return base.resolve(path);
  }

  /// The caller's own user id; empty for one that nobody knows.
  public String userId() {
    return userId;
  }

  public Optional<String> token() {
    return Optional.ofNullable(token);
  }

  /// What came back. The body is missing where there was none or it was no JSON.
  public record Response(int status, HttpHeaders headers, String text, JsonNode body) {
    public String header(String name) {
      return headers.firstValue(name).orElse("");
    }

    @Override
    public String toString() {
      return status + " " + text;
    }
  }

  public Response get(String path) {
    return send(request(path).GET().build());
  }

  public Response delete(String path) {
    return send(request(path).DELETE().build());
  }

  public Response post(String path, Object body, String... headers) {
    return send("POST", path, json(body), headers);
  }

  public Response put(String path, Object body) {
    return send("PUT", path, json(body));
  }

  /// Sends bytes that need not be JSON, as JSON.
  public Response send(String method, String path, byte[] body, String... headers) {
    HttpRequest.Builder builder = request(path).header("Content-Type", "application/json");
    if (headers.length > 0) {
      builder.headers(headers);
    }
    return send(builder.method(method, HttpRequest.BodyPublishers.ofByteArray(body)).build());
  }

  /// Sends a message as `POST /chat`, expecting 202.
  public JsonNode chat(Map<String, Object> message) {
    Response answer = post("/chat", message);
    if (answer.status() != 202) {
      throw new IllegalStateException("POST /chat: " + answer);
    }
    return answer.body();
  }

  /// Follows the stream at a path from its beginning or from behind an event.
  public SseReader stream(String path, @Nullable String lastEventId) {
    HttpRequest.Builder builder = request(path).header("Accept", "text/event-stream");
    if (lastEventId != null) {
      builder.header("Last-Event-ID", lastEventId);
    }
    return SseReader.open(CLIENT, builder.GET().build());
  }

  /// Posts a body and follows the stream that is its answer.
  public SseReader postStream(String path, Object body, String... headers) {
    HttpRequest.Builder builder =
        request(path)
            .header("Content-Type", "application/json")
            .header("Accept", "text/event-stream");
    if (headers.length > 0) {
      builder.headers(headers);
    }
    return SseReader.open(
        CLIENT, builder.POST(HttpRequest.BodyPublishers.ofByteArray(json(body))).build());
  }

  public HttpRequest.Builder request(String path) {
    HttpRequest.Builder builder =
        HttpRequest.newBuilder(base.resolve(path)).timeout(Duration.ofSeconds(60));
    if (token != null) {
      builder.header("Authorization", "Bearer " + token);
    }
    return builder;
  }

  private static byte[] json(Object body) {
    try {
      return JSON.writeValueAsBytes(body);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public static Response send(HttpRequest request) {
    try {
      HttpResponse<byte[]> response = CLIENT.send(request, HttpResponse.BodyHandlers.ofByteArray());
      String text = new String(response.body(), StandardCharsets.UTF_8);
      return new Response(response.statusCode(), response.headers(), text, parse(text));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /// The JSON, or a missing node.
  public static JsonNode parse(String text) {
    try {
      JsonNode node = JSON.readTree(text);
      return node == null ? MissingNode.getInstance() : node;
    } catch (IOException e) {
      return MissingNode.getInstance();
    }
  }

  /// The text of an answer as its events tell it: the deltas after the last reset.
  public static String fold(List<SseReader.Event> events) {
    StringBuilder text = new StringBuilder();
    for (SseReader.Event event : events) {
      switch (event.name()) {
        case "delta", "message" -> text.append(event.json().path("content").asText());
        case "reset" -> {
          text.setLength(0);
          text.append(event.json().path("content").asText());
        }
        default -> {}
      }
    }
    return text.toString();
  }
}
