package chat.magpie.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import chat.magpie.conformance.client.Api;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Whatever is wrong with a request, the caller gets a problem that says so and nothing of the
/// server's insides.
class BadInputTest {
  private static final int LIMIT = 1_000_000;

  private final Api guest = Shared.guest();

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{                                  | bad_request   | not valid JSON",
        "`{\"message\":\"a\"} {}`           | bad_request   | not valid JSON",
        "`{\"message\":\"a\",\"message\":\"b\"}` | bad_request | not valid JSON",
        "[]                                 | bad_request   | an object",
        "null                               | bad_request   | body",
        "`{\"massage\":\"a\"}`              | invalid_field | no field 'massage'",
        "`{\"message\":1}`                  | invalid_field | 'message' must be a string",
        "`{\"message\":[\"a\"]}`            | invalid_field | 'message' must be a string",
        "`{\"message\":true}`               | invalid_field | 'message' must be a string",
        "`{\"message\":\"\\u0000\"}`        | invalid_field | NUL",
        "`{\"message\":\"\\ud83d\"}`        | invalid_field | surrogate",
        "`{\"message\":\"\\ude00\\ud83d\"}` | invalid_field | surrogate",
        "`{}`                               | invalid_field | message",
        "`{\"message\":\"\"}`               | invalid_field | ''",
        "`{\"message\":\"  \\n \"}`         | invalid_field | ''"
      })
  void aBodyThatIsWrongIsRefused(String body, String code, String says) {
    Api.Response answer =
        guest.send("POST", "/chat", body.strip().getBytes(StandardCharsets.UTF_8));

    assertProblem(answer, 400, code);
    assertThat(answer.body().path("detail").asText()).contains(says.equals("''") ? "" : says);
  }

  @Test
  void bytesThatAreNotUtf8AreRefused() {
    byte[] body = "{\"message\":\"a?\"}".getBytes(StandardCharsets.UTF_8);
    body[13] = (byte) 0xff;

    assertProblem(guest.send("POST", "/chat", body), 400, "bad_request");
  }

  @Test
  void aMissingBodyIsRefused() {
    assertProblem(guest.send("POST", "/chat", new byte[0]), 400, "bad_request");
  }

  @Test
  void nestingWithoutEndIsRefused() {
    String deep = "{\"message\":" + "[".repeat(200_000);

    assertProblem(guest.send("POST", "/chat", deep.getBytes(StandardCharsets.UTF_8)), 400, null);
  }

  @Test
  void anotherMediaTypeIsRefused() {
    HttpRequest request =
        guest
            .request("/chat")
            .header("Content-Type", "text/plain")
            .POST(HttpRequest.BodyPublishers.ofString("hello"))
            .build();

    assertProblem(Api.send(request), 415, "unsupported_media_type");
  }

  @Test
  void aBodyOverTheLimitIsRefusedBeforeItIsRead() throws IOException {
    // The declared body never comes: an answer can only come from the declaration.
    String answer =
        raw(
            "POST /chat HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: "
                + (LIMIT + 1)
                + "\r\n\r\n",
            new byte[0],
            0);

    assertThat(answer).startsWith("HTTP/1.1 413 ").contains("\"code\":\"too_large\"");
  }

  @Test
  void aBodyThatGrowsOverTheLimitIsRefused() {
    byte[] body = new byte[LIMIT + 1];
    HttpRequest request =
        guest
            .request("/chat")
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(body)))
            .build();

    assertProblem(Api.send(request), 413, "too_large");
  }

  @Test
  void aBodyWithoutEndDoesNotHoldTheServer() throws IOException {
    byte[] chunk = new byte[65_536 + 9];
    byte[] head = "10000\r\n".getBytes(StandardCharsets.UTF_8);
    System.arraycopy(head, 0, chunk, 0, head.length);
    chunk[chunk.length - 2] = '\r';
    chunk[chunk.length - 1] = '\n';

    String answer =
        raw(
            "POST /chat HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nAuthorization:"
                + " Bearer "
                + guest.token().orElseThrow()
                + "\r\nTransfer-Encoding: chunked\r\n\r\n",
            chunk,
            20);

    assertThat(answer).startsWith("HTTP/1.1 413 ").contains("\"code\":\"too_large\"");
  }

  @ParameterizedTest
  @CsvSource({
    "GET, /nowhere, 404, not_found",
    "PUT, /status, 405, method_not_allowed",
    "GET, /conversations/01900000-0000-7000-8000-000000000000, 404, not_found",
    "GET, /conversations/%00, 400, bad_request",
    "GET, /conversations/%FF, 400, bad_request",
    "GET, /conversations/x%20y, 404, not_found",
    "GET, /replies/none, 404, not_found",
    "GET, /replies/none/context, 404, not_found",
    "GET, /conversations?limit=0, 400, invalid_field",
    "GET, /conversations?limit=201, 400, invalid_field",
    "GET, /conversations/x/messages?limit=201, 400, invalid_field",
    "GET, /conversations/x/messages?before_seq=0, 400, invalid_field",
    "GET, /conversations?limit=many, 400, invalid_field",
    "GET, /conversations?limit=99999999999, 400, invalid_field",
    "GET, /conversations?cursor=made-up, 400, bad_cursor",
    "GET, /conversations?user_id=somebody-else, 403, forbidden",
    "GET, /knowledge, 403, forbidden"
  })
  void anAddressThatIsWrongIsRefused(String method, String path, int status, String code) {
    HttpRequest request =
        guest.request(path).method(method, HttpRequest.BodyPublishers.noBody()).build();

    assertProblem(Api.send(request), status, code);
  }

  @Test
  void aBrokenEscapeInAnAddressIsRefused() throws IOException {
    assertThat(raw("GET /conversations/%zz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"))
        .startsWith("HTTP/1.1 400 ")
        .contains("\"code\":\"bad_request\"");
  }

  @ParameterizedTest
  @CsvSource({
    "GET, /status",
    "GET, /conversations",
    "GET, /replies/x",
    "GET, /replies/x/context",
    "GET, /knowledge",
    "GET, /characters",
    "GET, /profile/x",
    "GET, /memory/x",
    "GET, /auth/me",
    "POST, /chat",
    "POST, /chat/stop/x",
    "GET, /chat/stream/x",
    "POST, /api/v1/chat/stream",
    "DELETE, /api/v1/chat/history",
    "GET, /admin/api-keys",
    "POST, /auth/password"
  })
  void nothingIsServedWithoutAToken(String method, String path) {
    Api nobody = Api.anonymous(Shared.base());
    byte[] body = method.equals("POST") ? "{}".getBytes(StandardCharsets.UTF_8) : new byte[0];
    Api.Response answer = nobody.send(method, path, body);

    assertProblem(answer, 401, "unauthenticated");
    assertThat(answer.header("WWW-Authenticate")).isEqualTo("Bearer");
    assertProblem(nobody.withToken("forged").send(method, path, body), 401, "unauthenticated");
  }

  @Test
  void theTitleIsInTheCallersLanguage() {
    HttpRequest request =
        guest.request("/nowhere").header("Accept-Language", "zh-CN,zh;q=0.9").GET().build();

    assertThat(Api.send(request).body().path("title").asText()).isEqualTo("对象不存在或不可见");
    assertThat(guest.get("/nowhere").body().path("title").asText()).startsWith("There is no");
  }

  @Test
  void theRequestIdIsTheCallersWhereItIsHarmless() {
    Api.Response own = guest.post("/chat", Map.of(), "X-Request-Id", "mine-1");
    Api.Response odd = guest.post("/chat", Map.of(), "X-Request-Id", "a b\"c");

    assertThat(own.header("X-Request-Id")).isEqualTo("mine-1");
    assertThat(own.body().path("request_id").asText()).isEqualTo("mine-1");
    assertThat(odd.header("X-Request-Id")).hasSize(36);
  }

  private static void assertProblem(Api.Response answer, int status, @Nullable String code) {
    assertThat(answer.status()).as(answer.text()).isEqualTo(status);
    assertThat(answer.header("Content-Type")).startsWith("application/problem+json");
    JsonNode body = answer.body();
    assertThat(body.path("status").asInt()).isEqualTo(status);
    if (code != null) {
      assertThat(body.path("code").asText()).as(answer.text()).isEqualTo(code);
    }
    assertThat(body.path("request_id").asText()).isEqualTo(answer.header("X-Request-Id"));
    assertThat(answer.text()).doesNotContain("Exception", "chat.magpie", "\tat ");
  }

  private static String raw(String head) throws IOException {
    return raw(head, new byte[0], 0);
  }

  /// Sends bytes as they are and reads until the server closes the connection.
  private static String raw(String head, byte[] chunk, int times) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), Shared.server().port())) {
      socket.setSoTimeout(10_000);
      OutputStream out = socket.getOutputStream();
      out.write(head.getBytes(StandardCharsets.US_ASCII));
      for (int i = 0; i < times; i++) {
        out.write(chunk);
      }
      out.flush();
      InputStream in = socket.getInputStream();
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
