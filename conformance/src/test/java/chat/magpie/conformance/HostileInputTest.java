package chat.magpie.conformance;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import chat.magpie.conformance.client.Api;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Requests that nobody should send: each gets a clear problem, and the server stays healthy.
class HostileInputTest {
  private static final Api guest = Shared.guest();

  private static JsonNode assertProblem(Api.Response response, int status) {
    assertThat(response.status()).as(response.text()).isEqualTo(status);
    assertThat(response.header("content-type")).startsWith("application/problem+json");
    assertProblem(response.body(), status);
    assertThat(response.body().path("request_id").asText())
        .isEqualTo(response.header("x-request-id"));
    return response.body();
  }

  private static void assertProblem(JsonNode problem, int status) {
    assertThat(problem.path("status").asInt()).isEqualTo(status);
    assertThat(problem.path("type").asText()).isEqualTo("about:blank");
    assertThat(problem.path("code").asText()).matches("[a-z_]+");
    assertThat(problem.path("title").asText()).isNotBlank();
    assertThat(problem.path("detail").asText()).isNotBlank();
    assertThat(problem.path("retryable").isBoolean()).isTrue();
    assertThat(problem.toString())
        .doesNotContain("Exception", "chat.magpie", "java.", "jackson", "\\tat ", "quarkus");
  }

  static Stream<String> bodies() {
    return Stream.of(
        "",
        " ",
        "{",
        "}",
        "[]",
        "null",
        "42",
        "\"message\"",
        "not json",
        "\0",
        "\0{\0}",
        "{\0\0\0",
        "{}",
        "{'message':'x'}",
        "{message:\"x\"}",
        "{\"message\":}",
        "{\"message\":1}",
        "{\"message\":1.5}",
        "{\"message\":true}",
        "{\"message\":null}",
        "{\"message\":[\"x\"]}",
        "{\"message\":{}}",
        "{\"message\":NaN}",
        "{\"message\":\"x\",}",
        "{\"message\":\"x\"} x",
        "{\"message\":\"x\"}{\"message\":\"y\"}",
        "{\"message\":\"x\",\"message\":\"y\"}",
        "{\"message\":\"x\",\"surprise\":1}",
        "{\"message\":\"x\",\"MESSAGE\":\"y\"}",
        "{\"message\":\"\"}",
        "{\"message\":\"   \"}",
        "{\"message\":\"\\n\\t\\r\\u3000\\u2003\"}",
        "{\"message\":\"line\nbreak\"}",
        "{\"message\":\"\\u0000\"}",
        "{\"message\":\"a\\ud83d\"}",
        "{\"message\":\"\\ude00b\"}",
        "{\"message\":\"\\ude00\\ud83d\"}",
        "{\"message\":\"\\uZZZZ\"}",
        "{\"message\":\"\\x\"}",
        "{\"message\":\"x\",\"character_id\":7}",
        "{\"message\":\"x\",\"character_id\":\"\"}",
        "{\"message\":\"x\",\"character_id\":\"" + "c".repeat(5_000) + "\"}",
        "{\"message\":\"" + "好".repeat(16_001) + "\"}",
        "{\"message\":" + "[".repeat(20_000) + "]".repeat(20_000) + "}",
        "{\"a\":".repeat(5_000) + "1" + "}".repeat(5_000),
        "[".repeat(100_000),
        "{\"message\":" + "9".repeat(5_000) + "}",
        "{\"" + "k".repeat(200_000) + "\":1}");
  }

  @ParameterizedTest
  @MethodSource("bodies")
  @Tag("A-01")
  void bodiesThatAreNoMessage(String body) {
    Api.Response refused = guest.send("POST", "/chat", body.getBytes(UTF_8));
    assertThat(assertProblem(refused, 400).path("code").asText())
        .isIn("bad_request", "invalid_field");
    assertThat(refused.text()).hasSizeLessThan(2_000);
  }

  @ParameterizedTest
  @MethodSource("bodies")
  @Tag("D-12")
  void bodiesThatAreNoMessageForACompanion(String body) {
    assertProblem(guest.send("POST", "/api/v1/chat/stream", body.getBytes(UTF_8)), 400);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"conversation_id\":7",
        "\"conversation_id\":\"\"",
        "\"user_id\":[]",
        "\"user_id\":\"\"",
        "\"client_msg_id\":{}",
        "\"client_msg_id\":\"\"",
        "\"client_msg_id\":\" \""
      })
  void otherFieldsOfAMessage(String field) {
    String body = "{\"message\":\"x\"," + field + "}";
    assertProblem(guest.send("POST", "/chat", body.getBytes(UTF_8)), 400);
  }

  @Test
  void veryLongIds() {
    for (String field : List.of("conversation_id", "client_msg_id")) {
      assertProblem(guest.post("/chat", Map.of("message", "x", field, "y".repeat(20_000))), 400);
    }
    assertThat(guest.post("/chat", Map.of("message", "x", "user_id", "y".repeat(20_000))).status())
        .isIn(400, 403);
    assertProblem(
        guest.post("/chat", Map.of("message", "x"), "Idempotency-Key", "y".repeat(4_000)), 400);
    String id = "z".repeat(4_000);
    assertProblem(guest.get("/replies/" + id), 404);
    assertProblem(guest.get("/conversations/" + id), 404);
    assertProblem(guest.get("/characters/" + id), 404);
    assertProblem(guest.get("/profile/" + id), 403);
    assertProblem(guest.get("/memory/" + guest.userId() + "?character_id=" + id), 404);
  }

  @Test
  void theHeaderIsTheKeyWhereBothAreGiven() {
    Api sender = Shared.guest();
    Map<String, Object> message = Map.of("message", "[[chunks=1]] x", "client_msg_id", "body");
    JsonNode first = sender.post("/chat", message, "Idempotency-Key", "head").body();
    Map<String, Object> plain = Map.of("message", "[[chunks=1]] x", "client_msg_id", "head");
    assertThat(sender.chat(plain).path("turn_id")).isEqualTo(first.path("turn_id"));
  }

  static Stream<byte[]> brokenText() {
    return Stream.of(
        new byte[] {(byte) 0xC3, 0x28},
        new byte[] {(byte) 0xC0, (byte) 0xAF},
        new byte[] {(byte) 0xED, (byte) 0xA0, (byte) 0x80},
        new byte[] {(byte) 0xF0, (byte) 0x9F, (byte) 0x98},
        new byte[] {(byte) 0xFF},
        new byte[] {0});
  }

  @ParameterizedTest
  @MethodSource("brokenText")
  void invalidUtf8(byte[] bytes) {
    byte[] head = "{\"message\":\"x".getBytes(UTF_8);
    byte[] tail = "\"}".getBytes(UTF_8);
    byte[] body = Arrays.copyOf(head, head.length + bytes.length + tail.length);
    System.arraycopy(bytes, 0, body, head.length, bytes.length);
    System.arraycopy(tail, 0, body, head.length + bytes.length, tail.length);
    assertProblem(guest.send("POST", "/chat", body), 400);
    assertProblem(guest.send("POST", "/api/v1/chat/stream", body), 400);
    assertProblem(guest.send("POST", "/auth/login", body), 400);
  }

  @Test
  void otherEncodings() {
    assertProblem(guest.send("POST", "/chat", "{\"message\":\"x\"}".getBytes(UTF_16)), 400);
  }

  @Test
  void theLongestMessageIsTaken() {
    for (String longest : List.of("好".repeat(16_000), "😀".repeat(16_000))) {
      assertThat(Shared.guest().post("/chat", Map.of("message", longest)).status()).isEqualTo(202);
    }
  }

  @Test
  void unknownCharactersAndConversations() {
    assertProblem(guest.post("/chat", Map.of("message", "x", "character_id", "nobody")), 404);
    assertProblem(
        guest.post("/api/v1/chat/stream", Map.of("message", "x", "character_id", "nobody")), 404);
    for (String id : List.of("nobody", "0190aaaa-0000-7000-8000-000000000000", "' OR 1=1 --")) {
      assertProblem(guest.post("/chat", Map.of("message", "x", "conversation_id", id)), 404);
    }
    assertProblem(guest.get("/memory/" + guest.userId() + "?character_id=nobody"), 404);
    assertProblem(guest.get("/replies/nobody"), 404);
    assertProblem(guest.get("/nothing/here"), 404);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "limit=abc",
        "limit=-1",
        "limit=0",
        "limit=99999999999999999999",
        "limit=1.5",
        "cursor=%F0%9F%98%80",
        "cursor=nonsense",
        "cursor=-1"
      })
  void queriesThatMeanNothing(String query) {
    assertProblem(guest.get("/conversations?" + query), 400);
  }

  @ParameterizedTest
  @CsvSource({
    "GET, /chat",
    "PUT, /chat",
    "DELETE, /auth/guest",
    "GET, /auth/login",
    "POST, /characters/support-en",
    "PATCH, /characters/support-en",
    "DELETE, /health",
    "POST, /status",
    "GET, /api/v1/chat/stream",
    "POST, /api/v1/chat/history",
  })
  void wrongMethods(String method, String path) {
    Api.Response refused =
        Api.send(guest.request(path).method(method, BodyPublishers.noBody()).build());
    assertThat(assertProblem(refused, 405).path("code").asText()).isEqualTo("method_not_allowed");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "application/xml"
      })
  void wrongContentTypes(String type) {
    for (String path : List.of("/chat", "/api/v1/chat/stream", "/auth/login")) {
      Api.Response refused =
          Api.send(
              guest
                  .request(path)
                  .header("Content-Type", type)
                  .POST(BodyPublishers.ofString("{\"message\":\"x\"}"))
                  .build());
      assertThat(assertProblem(refused, 415).path("code").asText())
          .isEqualTo("unsupported_media_type");
    }
  }

  @Test
  void wantedMediaTypesThatAreNotOffered() {
    Api.Response refused =
        Api.send(guest.request("/characters").header("Accept", "application/xml").GET().build());
    assertProblem(refused, 406);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/profile/%",
        "/profile/%zz",
        "/profile/%0",
        "/profile/%00",
        "/profile/a%00b",
        "/profile/%ff",
        "/profile/%C0%AF",
        "/profile/%ED%A0%80",
        "/profile/%2e%2e%2fauth%2fme",
        "/profile/a%0d%0aX-Evil:%201",
        "/profile/" + "%41",
        "/../../etc/passwd",
        "/static/../../../../etc/passwd",
        "/static/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
        "/static/..%5c..%5capplication.properties",
        "/%2e%2e/application.properties",
        "/META-INF/MANIFEST.MF",
        "/conversations?cursor=%",
        "/conversations?user_id=%ff",
        "/q/dev",
        "/q/health",
        "/q/metrics"
      })
  void strangeAddresses(String target) throws IOException {
    RawHttp answer =
        RawHttp.get(
            Shared.server().port(), target, "Authorization: Bearer " + guest.token().orElseThrow());
    assertThat(answer.status()).as(answer.toString()).isBetween(400, 499);
    assertThat(answer.head()).contains("application/problem+json").doesNotContain("x-evil");
    assertProblem(Api.parse(dechunked(answer)), answer.status());
  }

  private static String dechunked(RawHttp answer) {
    int begin = answer.body().indexOf('{');
    int end = answer.body().lastIndexOf('}');
    return begin < 0 ? "" : answer.body().substring(begin, end + 1);
  }

  @Test
  void noiseInsteadOfHttp() throws IOException {
    int port = Shared.server().port();
    String closing = "\r\nHost: x\r\nConnection: close\r\n";
    List<String> requests =
        List.of(
            "\r\n\r\n\r\n",
            "GARBAGE\r\n\r\n",
            "GET\r\n\r\n",
            "GET / HTTP/9.9\r\n\r\n",
            "GET /health HTTP/1.1" + closing + "X: " + "y".repeat(100_000) + "\r\n\r\n",
            "GET /" + "p".repeat(20_000) + " HTTP/1.1" + closing + "\r\n",
            "POST /chat HTTP/1.1" + closing + "Content-Length: -5\r\n\r\n",
            "POST /chat HTTP/1.1" + closing + "Transfer-Encoding: chunked\r\n\r\nnonsense\r\n");
    for (String request : requests) {
      RawHttp answer = RawHttp.exchange(port, (request + "\r\n\r\n").getBytes(ISO_8859_1));
      assertThat(answer.status()).as(request.substring(0, 3)).matches(s -> s == 0 || s >= 400);
      assertThat(answer.body()).doesNotContain("Exception", "\tat ");
    }
    assertThat(guest.get("/health").status()).isEqualTo(200);
  }

  @Test
  void nothingOfThisLeavesATraceInResponsesOrErrorsInTheLog() {
    Api.Response refused = guest.send("POST", "/chat", "{".getBytes(UTF_8));
    assertProblem(refused, 400);
    assertThat(refused.header("x-content-type-options")).isEqualTo("nosniff");
    assertThat(refused.header("cache-control")).contains("no-store");
  }
}
