package chat.magpie.evaluate;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// A server with the routes that the evaluation uses, which recalls by words that are alike. What
/// it was asked is kept.
final class StubServer implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final HttpServer server;
  private final Map<String, Map<String, JsonNode>> turns = new HashMap<>();
  private final Map<String, JsonNode> documents = new LinkedHashMap<>();
  private final Map<String, Integer> pending = new HashMap<>();
  private final List<String> requests = new ArrayList<>();

  StubServer() {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.createContext("/", this::handle);
    server.start();
  }

  URI uri() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/");
  }

  /// Method, path and body of each request so far.
  synchronized List<String> requests() {
    return List.copyOf(requests);
  }

  private synchronized void handle(HttpExchange exchange) throws IOException {
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    String path = exchange.getRequestURI().getPath();
    requests.add(exchange.getRequestMethod() + " " + path + " " + body);
    boolean known = "Bearer secret".equals(exchange.getRequestHeaders().getFirst("Authorization"));
    JsonNode answer = known ? answer(path, json(exchange, body)) : null;
    byte[] bytes =
        (answer == null ? "{\"code\": \"refused\"}" : answer.toString())
            .getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(answer == null ? (known ? 404 : 401) : 200, bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  /// The body; of a document, its text with the characters that the query names.
  private static JsonNode json(HttpExchange exchange, String body) throws IOException {
    String type = exchange.getRequestHeaders().getFirst("Content-Type");
    if (type != null && type.startsWith("text/markdown")) {
      ObjectNode document = JSON.createObjectNode().put("text", body);
      ArrayNode characters = document.putArray("character_ids");
      for (String pair : exchange.getRequestURI().getQuery().split("&", -1)) {
        if (pair.startsWith("character_id=")) {
          characters.add(pair.substring(pair.indexOf('=') + 1));
        }
      }
      return document;
    }
    return body.isEmpty() ? JSON.createObjectNode() : JSON.readTree(body);
  }

  private @Nullable JsonNode answer(String path, JsonNode body) {
    String[] parts = path.split("/", -1);
    if (path.equals("/status")) {
      return JSON.createObjectNode().put("version", "stub");
    }
    if (path.equals("/characters")) {
      ObjectNode characters = JSON.createObjectNode();
      ArrayNode items = characters.putArray("items");
      List.of("one", "two", "three").forEach(id -> items.addObject().put("id", id));
      return characters;
    }
    if (path.matches("/memory/[^/]+/turns")) {
      return imported(parts[2], body);
    }
    if (path.matches("/memory/[^/]+/retrieve")) {
      return retrieved(parts[2], body);
    }
    if (path.matches("/profile/[^/]+")) {
      return profile(parts[2]);
    }
    if (path.equals("/knowledge/faq")) {
      body.path("entries").forEach(entry -> documents.put(entry.path("id").asText(), entry));
      return JSON.createObjectNode();
    }
    if (path.equals("/conversations")) {
      ObjectNode list = JSON.createObjectNode();
      list.putArray("items").addObject().put("id", "conversation");
      return list.putNull("next_cursor");
    }
    if (path.equals("/conversations/conversation/messages")) {
      ObjectNode list = JSON.createObjectNode();
      ArrayNode items = list.putArray("items");
      turns.values().stream()
          .flatMap(kept -> kept.values().stream())
          .forEach(turn ->
              items
                  .addObject()
                  .put("id", "message-of-" + turn.path("id").asText())
                  .put("created_at", turn.path("at").asText())
                  .put("content", turn.path("text").asText()));
      return list.putNull("next_cursor");
    }
    if (path.equals("/knowledge")) {
      return JSON.createObjectNode().put("documents", documents.size()).put("passages", 9);
    }
    if (path.startsWith("/knowledge/documents/")) {
      documents.put(parts[3], body);
      return body;
    }
    return path.equals("/knowledge/search") ? found(body) : null;
  }

  private JsonNode imported(String user, JsonNode body) {
    int imported = 0;
    int skipped = 0;
    Map<String, JsonNode> kept = turns.computeIfAbsent(user, u -> new LinkedHashMap<>());
    for (JsonNode session : body.path("sessions")) {
      for (JsonNode turn : session.path("turns")) {
        if (kept.putIfAbsent(turn.path("id").asText(), turn) == null) {
          imported++;
        } else {
          skipped++;
        }
      }
    }
    pending.put(user, 2);
    return JSON.createObjectNode().put("imported", imported).put("skipped", skipped);
  }

  private JsonNode retrieved(String user, JsonNode body) {
    OffsetDateTime at = OffsetDateTime.parse(body.path("at").asText());
    ObjectNode answer = JSON.createObjectNode();
    ArrayNode list = answer.putArray("turns");
    Map<String, JsonNode> kept = turns.getOrDefault(user, Map.of());
    Map<String, Double> scores = new TreeMap<>();
    kept.values().stream()
        .filter(turn -> OffsetDateTime.parse(turn.path("at").asText()).isBefore(at))
        .forEach(turn -> scores.put(turn.path("id").asText(), alike(turn.path("text"), body)));
    scores.entrySet().stream()
        .sorted(Map.Entry.<String, Double>comparingByValue().reversed())
        .limit(Math.min(body.path("limit").asInt(), body.path("max_tokens").asInt() / 1000))
        .forEach(one -> {
          ObjectNode turn = list.addObject();
          turn.put("id", one.getKey()).put("score", one.getValue()).put("tokens", 1000);
          turn.putArray("dates").addObject().put("from", "2025-01-05").put("to", "2025-01-05");
        });
    return answer.put("dense", false);
  }

  /// The share of the question's words that are in a text.
  private static double alike(JsonNode text, JsonNode body) {
    String[] words = body.path("question").asText().toLowerCase(Locale.ROOT).split("\\W+", -1);
    double in = 0;
    for (String word : words) {
      in += text.asText().toLowerCase(Locale.ROOT).contains(word) ? 1 : 0;
    }
    return in / words.length;
  }

  private JsonNode profile(String user) {
    ObjectNode answer = JSON.createObjectNode();
    ArrayNode facts = answer.putArray("facts");
    int left = pending.merge(user, -1, Integer::sum);
    if (left <= 0) {
      ObjectNode fact = facts.addObject();
      fact.put("slot", "pets").put("value", "a grey cat").put("negated", false);
      fact.putArray("sources").add("message-of-t1");
      fact.put("valid_from", "2025-01-06").putNull("valid_to");
    }
    return answer.put("pending", Math.max(0, left));
  }

  private JsonNode found(JsonNode body) {
    ObjectNode answer = JSON.createObjectNode();
    ArrayNode passages = answer.putArray("passages");
    Map<String, Double> scores = new TreeMap<>();
    documents.forEach((id, document) -> {
      if (document
          .path("character_ids")
          .toString()
          .contains("\"" + body.path("character_id").asText() + "\"")) {
        String text = document.path("questions").toString() + document.path("text").asText();
        scores.put(id, alike(JSON.getNodeFactory().textNode(text), body));
      }
    });
    scores.entrySet().stream()
        .sorted(Map.Entry.<String, Double>comparingByValue().reversed())
        .forEach(one ->
            passages
                .addObject()
                .put("document_id", one.getKey())
                .put("section", "Hours")
                .put("score", one.getValue()));
    double best = scores.values().stream().mapToDouble(Double::doubleValue).max().orElse(0);
    return answer.put("outcome", best > 0.5 ? "answer" : "none");
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
