package chat.magpie.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.vertx.core.Future;
import io.vertx.core.http.HttpMethod;
import java.util.ArrayDeque;
import java.util.Deque;

/// Magpie as its clients see it. Used on the event loop of its reader, but for [#prepare].
final class MagpieApi {
  private static final ObjectMapper JSON = new ObjectMapper();

  /// The default one, whose answers draw on the knowledge base.
  static final String CHARACTER = "support-en";

  private final Reader reader;
  private final int port;
  private final Deque<String> unused = new ArrayDeque<>();

  MagpieApi(Reader reader, int port) {
    this.reader = reader;
    this.port = port;
  }

  /// Asks in one request, whose answer is the stream.
  Target oneRequest() {
    return (message, take) -> unused().compose(token -> ask(token, message, take));
  }

  /// Sends, then follows the stream with a second request. The time runs from the first one.
  Target twoRequests() {
    return (message, take) ->
        unused()
            .compose(token -> send(token, message, take::written).compose(url -> read(url, take)));
  }

  /// A reply that is being made: who may read it, and where.
  record Sent(String token, String streamUrl) {}

  Future<Take> ask(String token, String message, Take take) {
    String body = "{\"character_id\":\"" + CHARACTER + "\",\"message\":\"" + message + "\"}";
    return reader.stream(Reader.Call.post(port, "/api/v1/chat/stream", token, body), take);
  }

  Future<Sent> send(String token, String message, Runnable written) {
    String body = "{\"character_id\":\"" + CHARACTER + "\",\"message\":\"" + message + "\"}";
    return reader
        .text(Reader.Call.post(port, "/chat", token, body), written)
        .map(answer -> new Sent(token, parse(answer).path("stream_url").asText()));
  }

  Future<Take> read(Sent sent, Take take) {
    return resume(sent, "", take);
  }

  Future<Take> resume(Sent sent, String lastEventId, Take take) {
    return reader.stream(Reader.Call.get(port, sent.streamUrl(), sent.token(), lastEventId), take);
  }

  /// Somebody new.
  record Guest(String token, String userId) {}

  Future<Guest> newGuest() {
    return reader
        .text(new Reader.Call(HttpMethod.POST, port, "/auth/guest", "", "", ""), () -> {})
        .map(MagpieApi::parse)
        .map(made -> new Guest(made.path("access_token").asText(), made.path("user_id").asText()));
  }

  Future<String> guest() {
    return newGuest().map(Guest::token);
  }

  private Future<String> unused() {
    String token = unused.poll();
    return token == null ? guest() : Future.succeededFuture(token);
  }

  /// Makes guests for the next questions, so that these do not wait for it.
  Future<?> prepare(int guests) {
    Future<?> last = Future.succeededFuture();
    for (int worker = 0; worker < 20; worker++) {
      Future<?> chain = Future.succeededFuture();
      for (int i = worker; i < guests; i += 20) {
        chain = chain.compose(_ -> guest().onSuccess(unused::add));
      }
      last = Future.join(last, chain);
    }
    return last;
  }

  private static JsonNode parse(String text) {
    try {
      return JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(text, e);
    }
  }
}
