package chat.magpie.conformance.page;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A server with the page's files and the wire formats of Magpie, but with answers, delays and
/// faults that the test decides on.
final class StandIn implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String CSP =
      "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:;"
          + " connect-src 'self'";

  private static final Pattern PAGE = Pattern.compile("before_seq=(\\d+)&limit=(\\d+)");

  /// Answers a message; runs on a thread of its own.
  interface Author {
    void answer(String message, StandInReply reply) throws Exception;
  }

  /// A request as it came in.
  record Seen(String method, String path, String body, @Nullable String lastEventId) {}

  /// What happens to the next send instead of being accepted.
  sealed interface Mishap {
    record Refused(int status, String code, @Nullable String retryAfter) implements Mishap {}

    /// The connection breaks before anything is stored.
    record LostBefore() implements Mishap {}

    /// The message is stored; the response never arrives.
    record LostAfter() implements Mishap {}
  }

  final List<Map<String, Object>> characters = new ArrayList<>();
  final Queue<Seen> seen = new ConcurrentLinkedQueue<>();
  final Queue<Mishap> mishaps = new ConcurrentLinkedQueue<>();
  final List<StandInReply> replies = new ArrayList<>();
  volatile StreamFaults faults = StreamFaults.none();
  volatile boolean down;

  private final PageFiles files = new PageFiles();
  private final Map<String, String> usersByToken = new ConcurrentHashMap<>();
  private final Set<String> expired = ConcurrentHashMap.newKeySet();
  private final Map<String, StandInReply> sends = new ConcurrentHashMap<>();
  private final ArrayDeque<StandInConversation> conversations = new ArrayDeque<>();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final HttpServer http;
  private volatile Author author = (message, reply) -> reply.delta("You said: " + message).done();

  StandIn() throws IOException {
    characters.add(character("aide", "Mina", "en", "Customer support", "Hello! How can I help?"));
    characters.add(character("companion", "Robin", "en", "A friend to talk to", "Hi, I'm Robin."));
    characters.add(character("zhushou", "小鹊", "zh", "智能客服助手", "你好，我是小鹊，有什么可以帮你？"));
    http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    http.setExecutor(threads);
    http.createContext("/", this::handle);
    http.start();
  }

  String address() {
    return "http://127.0.0.1:" + http.getAddress().getPort();
  }

  void answers(Author newAuthor) {
    author = newAuthor;
  }

  void expireTokens() {
    expired.addAll(usersByToken.keySet());
  }

  /// As many answered messages of the user of the only token as there shall be.
  void fillHistory(String characterId, int turns) {
    for (int at = 1; at <= turns; at++) {
      StandInReply reply = sentElsewhere(characterId, "Question " + at);
      while (!reply.ended()) {
        Thread.onSpinWait();
      }
    }
  }

  /// A message that the user of the only token sends from another device.
  StandInReply sentElsewhere(String characterId, String text) {
    return accept(usersByToken.values().iterator().next(), characterId, text);
  }

  List<Seen> seen(String method, String path) {
    return seen.stream()
        .filter(one -> one.method().equals(method) && one.path().startsWith(path))
        .toList();
  }

  private static Map<String, Object> character(
      String id, String name, String locale, String description, String greeting) {
    return Map.of(
        "id", id, "name", name, "locale", locale, "description", description, "greeting", greeting);
  }

  /// Whatever it throws makes the HTTP server break the connection, which is how faults are made.
  private void handle(HttpExchange exchange) throws IOException {
    try {
      String method = exchange.getRequestMethod();
      String path = exchange.getRequestURI().getPath();
      String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
      String lastId = exchange.getRequestHeaders().getFirst("Last-Event-ID");
      seen.add(new Seen(method, exchange.getRequestURI().toString(), body, lastId));
      Optional<byte[]> file = method.equals("GET") ? files.read(path) : Optional.empty();
      if (file.isPresent()) {
        exchange.getResponseHeaders().set("Content-Security-Policy", CSP);
        send(exchange, 200, PageFiles.mediaType(path.equals("/") ? ".html" : path), file.get());
      } else if (down) {
        problem(exchange, 503, "overloaded");
      } else if (path.equals("/auth/guest")) {
        guest(exchange);
      } else {
        authorised(exchange, method, path, body, lastId);
      }
      exchange.close();
    } catch (StreamFaults.CleanCut e) {
      exchange.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void guest(HttpExchange exchange) throws IOException {
    String token = UUID.randomUUID().toString();
    String user = "guest-" + (usersByToken.size() + 1);
    usersByToken.put(token, user);
    json(
        exchange,
        200,
        Map.of("access_token", token, "token_type", "Bearer", "expires_in", 3600, "user_id", user));
  }

  private void authorised(
      HttpExchange exchange, String method, String path, String body, @Nullable String lastId)
      throws IOException, InterruptedException {
    String header = exchange.getRequestHeaders().getFirst("Authorization");
    String token = header == null ? "" : header.replaceFirst("^Bearer ", "");
    String user = usersByToken.get(token);
    if (user == null || expired.contains(token)) {
      problem(exchange, 401, "unauthenticated");
      return;
    }
    String[] parts = path.substring(1).split("/", -1);
    switch (method + " " + parts[0]) {
      case "GET characters" -> json(exchange, 200, Map.of("items", characters));
      case "GET conversations" -> conversations(exchange, user, parts);
      case "GET replies" -> reply(exchange, parts);
      case "POST chat" -> {
        if (parts.length == 3 && parts[1].equals("stop")) {
          running(user).forEach(StandInReply::wantStop);
          json(exchange, 200, Map.of("stopped", true));
        } else {
          chat(exchange, user, JSON.readTree(body));
        }
      }
      case "GET chat" -> stream(exchange, user, lastId);
      default -> problem(exchange, 404, "not_found");
    }
  }

  private synchronized List<StandInReply> running(String user) {
    return replies.stream().filter(one -> one.userId.equals(user) && !one.ended()).toList();
  }

  private void conversations(HttpExchange exchange, String user, String[] parts)
      throws IOException {
    List<Object> items = new ArrayList<>();
    synchronized (this) {
      for (StandInConversation one : conversations) {
        if (!one.userId.equals(user)) {
          continue;
        }
        if (parts.length == 1) {
          items.add(
              Map.of(
                  "id",
                  one.id,
                  "character_id",
                  one.characterId,
                  "status",
                  "active",
                  "message_count",
                  one.count()));
        } else if (one.id.equals(parts[1])) {
          Matcher query = PAGE.matcher(exchange.getRequestURI().getQuery());
          if (!query.matches()) {
            throw new IllegalArgumentException(query.toString());
          }
          items.addAll(
              one.before(Integer.parseInt(query.group(1)), Integer.parseInt(query.group(2))));
        }
      }
    }
    json(exchange, 200, Map.of("items", items));
  }

  private void reply(HttpExchange exchange, String[] parts) throws IOException {
    Optional<StandInReply> reply;
    synchronized (this) {
      reply = replies.stream().filter(one -> one.id.equals(parts[1])).findFirst();
    }
    if (reply.isEmpty()) {
      problem(exchange, 404, "not_found");
    } else if (parts.length == 2) {
      json(exchange, 200, Map.of("id", parts[1], "citations", reply.get().citations));
    } else {
      json(
          exchange,
          200,
          Map.of(
              "budget",
              8000,
              "total",
              1234,
              "parts",
              List.of(
                  part("system", "aide", "SENT", 320),
                  part("profile", "profile", "SENT", 64),
                  part("knowledge", "guide/returns.md", "RECALLED", 410),
                  part("history", "m-17", "DROPPED", 900),
                  part("history", "m-18", "SUMMARISED", 380),
                  part("message", "m-19", "SENT", 60))));
    }
  }

  private static Map<String, Object> part(String kind, String source, String fate, int tokens) {
    return Map.of("kind", kind, "source", source, "fate", fate, "tokens", tokens);
  }

  private void chat(HttpExchange exchange, String user, JsonNode body) throws IOException {
    Mishap mishap = mishaps.poll();
    switch (mishap) {
      case Mishap.Refused refused -> {
        if (refused.retryAfter() != null) {
          exchange.getResponseHeaders().set("Retry-After", refused.retryAfter());
        }
        problem(exchange, refused.status(), refused.code());
        return;
      }
      case Mishap.LostBefore() -> throw new IOException("lost before it was stored");
      case Mishap.LostAfter() -> {}
      case null -> {}
    }
    String key = user + "/" + body.get("client_msg_id").asText();
    String text = body.get("message").asText();
    StandInReply reply =
        sends.computeIfAbsent(key, _ -> accept(user, body.get("character_id").asText(), text));
    if (mishap instanceof Mishap.LostAfter) {
      throw new IOException("lost after it was stored");
    }
    json(
        exchange,
        202,
        Map.of(
            "user_id",
            user,
            "conversation_id",
            reply.conversation.id,
            "turn_id",
            reply.turnId,
            "reply_id",
            reply.id,
            "stream_url",
            "/chat/stream/" + user + "?reply_id=" + reply.id));
  }

  private synchronized StandInReply accept(String user, String characterId, String text) {
    StandInConversation conversation =
        conversations.stream()
            .filter(one -> one.userId.equals(user) && one.characterId.equals(characterId))
            .findFirst()
            .orElseGet(() -> new StandInConversation(user, characterId));
    conversations.remove(conversation);
    conversations.addFirst(conversation);
    StandInReply reply = new StandInReply(user, conversation);
    conversation.ask(reply, text);
    replies.add(reply);
    threads.execute(() -> {
      try {
        author.answer(text, reply);
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    });
    return reply;
  }

  private void stream(HttpExchange exchange, String user, @Nullable String lastId)
      throws IOException, InterruptedException {
    String query = Optional.ofNullable(exchange.getRequestURI().getQuery()).orElse("");
    StandInReply reply;
    synchronized (this) {
      reply =
          replies.stream()
              .filter(one -> one.userId.equals(user))
              .filter(one -> query.isEmpty() || query.equals("reply_id=" + one.id))
              .reduce((_, second) -> second)
              .orElse(null);
    }
    int next = reply == null || lastId == null ? 0 : reply.indexAfter(lastId);
    if (reply == null) {
      problem(exchange, 404, "not_found");
    } else if (next < 0) {
      problem(exchange, 400, "bad_cursor");
    } else if (reply.ended() && reply.from(next).isEmpty()) {
      exchange.sendResponseHeaders(204, -1);
    } else {
      exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
      exchange.getResponseHeaders().set("Cache-Control", "no-store");
      exchange.sendResponseHeaders(200, 0);
      StreamFaults.Wire wire = faults.open(exchange.getResponseBody());
      for (List<StandInReply.Event> events = reply.from(next);
          !events.isEmpty();
          events = reply.from(next)) {
        for (StandInReply.Event event : events) {
          wire.write(event);
          next++;
        }
      }
    }
  }

  private static void problem(HttpExchange exchange, int status, String code) throws IOException {
    byte[] body = JSON.writeValueAsBytes(Map.of("status", status, "code", code, "title", code));
    send(exchange, status, "application/problem+json", body);
  }

  private static void json(HttpExchange exchange, int status, Object body) throws IOException {
    send(exchange, status, "application/json", JSON.writeValueAsBytes(body));
  }

  private static void send(HttpExchange exchange, int status, String type, byte[] body)
      throws IOException {
    exchange.getResponseHeaders().set("Content-Type", type);
    exchange.sendResponseHeaders(status, body.length);
    exchange.getResponseBody().write(body);
  }

  @Override
  public void close() {
    http.stop(0);
    threads.shutdownNow();
    files.close();
  }
}
