package chat.magpie.conformance.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import chat.magpie.conformance.upstream.Behaviour.Mode;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class UpstreamTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static Upstream upstream;

  @BeforeAll
  static void start() {
    upstream = Upstream.start(0);
  }

  @AfterAll
  static void stop() {
    upstream.close();
  }

  @BeforeEach
  void reset() {
    upstream.reset();
  }

  private static HttpRequest ask(String message, boolean stream) throws IOException {
    String body =
        JSON.writeValueAsString(
            JSON.createObjectNode()
                .put("model", "m")
                .put("stream", stream)
                .<com.fasterxml.jackson.databind.node.ObjectNode>set(
                    "stream_options", JSON.createObjectNode().put("include_usage", true))
                .set(
                    "messages",
                    JSON.createArrayNode()
                        .add(JSON.createObjectNode().put("role", "system").put("content", "s"))
                        .add(JSON.createObjectNode().put("role", "user").put("content", message))));
    return HttpRequest.newBuilder(URI.create(upstream.baseUrl() + "/chat/completions"))
        .POST(HttpRequest.BodyPublishers.ofString(body))
        .build();
  }

  private static HttpResponse<String> post(String message) throws Exception {
    return HTTP.send(ask(message, true), BodyHandlers.ofString());
  }

  private static List<String> data(String body) {
    return body.lines().filter(line -> line.startsWith("data: ")).map(l -> l.substring(6)).toList();
  }

  private static String text(String body, String field) throws Exception {
    StringBuilder text = new StringBuilder();
    for (String data : data(body)) {
      if (data.startsWith("{\"id\"")) {
        JsonNode delta = JSON.readTree(data).path("choices").path(0).path("delta");
        text.append(delta.path(field).asText());
      }
    }
    return text.toString();
  }

  @Test
  void aWholeAnswerIsStampedAndPaced() throws Exception {
    long before = Stamp.nowMicros();
    HttpResponse<String> answer = post("hi [[chunks=5 interval=30 size=40]]");
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("content-type")).contains("text/event-stream");
    String text = text(answer.body(), "content");
    assertThat(text).hasSize(5 * 40);
    List<Stamp> stamps = Stamp.in(text);
    assertThat(stamps.stream().map(Stamp::index)).containsExactly(0, 1, 2, 3, 4);
    assertThat(stamps.getFirst().micros()).isBetween(before, Stamp.nowMicros());
    assertThat(stamps.getLast().micros() - stamps.getFirst().micros()).isGreaterThan(100_000);
    List<String> data = data(answer.body());
    assertThat(data.getLast()).isEqualTo("[DONE]");
    assertThat(data.get(data.size() - 2)).contains("\"completion_tokens\":5");
    assertThat(data.get(data.size() - 3)).contains("\"finish_reason\":\"stop\"");
    assertThat(upstream.count()).isEqualTo(1);
    assertThat(upstream.requests().getFirst().question()).startsWith("hi");
    await().until(() -> upstream.active() == 0);
    assertThat(upstream.aborted()).isZero();
  }

  private static HttpResponse<String> goOn(String begun, String message, String top)
      throws Exception {
    String body =
        "{\"stream\":true,%s\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},{\"role\":\"assistant\",\"content\":%s%s}]}"
            .formatted(top, JSON.writeValueAsString(begun), message);
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(upstream.baseUrl() + "/chat/completions"))
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build();
    return HTTP.send(request, BodyHandlers.ofString());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "partial | ,\"partial\":true | ''",
        "prefix | ,\"prefix\":true | ''",
        "continue_final_message | '' | \"continue_final_message\":true,\"add_generation_prompt\":false,",
      })
  void anAnswerIsGoneOnWithInTheWayThatIsAllowed(String way, String message, String top)
      throws Exception {
    Behaviour quick = Behaviour.DEFAULT.interval(0).with("continuation", way);
    upstream.behave(quick.chunks(4).text("one two 三四"));
    assertThat(text(goOn("one t", message, top).body(), "content")).isEqualTo("wo 三四");
    HttpResponse<String> whole = goOn("one two 三四", message, top);
    assertThat(text(whole.body(), "content")).isEmpty();
    assertThat(data(whole.body()).getLast()).isEqualTo("[DONE]");

    upstream.behave(quick.chunks(5));
    String begun = new Stamp(0, Stamp.nowMicros()) + "" + new Stamp(1, Stamp.nowMicros());
    assertThat(Stamp.in(text(goOn(begun, message, top).body(), "content")))
        .extracting(Stamp::index)
        .containsExactly(2, 3, 4);

    upstream.behave(Behaviour.DEFAULT);
    assertThat(goOn("one", message, top).statusCode()).isEqualTo(400);
    assertThat(upstream.requests().getLast().continues()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"comments", "blanks"})
  void aConnectionIsKeptBusyWithoutAWord(String mode) throws Exception {
    try (InputStream body =
        HTTP.send(
                ask("[[after=2 interval=1 mode=" + mode + "]]", true), BodyHandlers.ofInputStream())
            .body()) {
      String come = new String(body.readNBytes(10_000), StandardCharsets.UTF_8);
      assertThat(Stamp.in(come)).hasSize(2);
    }
    await().until(() -> upstream.aborted() == 1);
  }

  @Test
  void aGivenTextIsCutIntoPieces() throws Exception {
    String text = text(post("[[chunks=4 interval=0 text=你好 wide 😀 world]]").body(), "content");
    assertThat(text).isEqualTo("你好 wide 😀 world");
  }

  @Test
  void withoutStreamTheAnswerIsOneObject() throws Exception {
    HttpResponse<String> answer =
        HTTP.send(ask("[[chunks=2 interval=1 text=abc]]", false), BodyHandlers.ofString());
    assertThat(JSON.readTree(answer.body()).at("/choices/0/message/content").asText())
        .isEqualTo("abc");
  }

  @Test
  void cutEndsTheConnection() {
    assertThatThrownBy(() -> post("[[mode=cut after=2 interval=1]]"))
        .isInstanceOf(IOException.class);
    assertThat(upstream.count()).isEqualTo(1);
  }

  @Test
  void misbehaviourAsTold() throws Exception {
    assertThat(data(post("[[mode=error_event after=2 interval=1]]").body()))
        .anyMatch(line -> line.startsWith("{\"error\""));
    assertThat(post("[[mode=no_done interval=1]]").body()).doesNotContain("[DONE]");
    assertThat(post("[[mode=malformed interval=1]]").body()).contains("data: {\"choices\":[{\n\n");
    assertThat(text(post("[[mode=empty]]").body(), "content")).isEmpty();
    assertThat(post("[[mode=html]]").headers().firstValue("content-type")).contains("text/html");
    assertThat(text(post("[[mode=huge]]").body(), "content")).hasSize(2_000_000);
    HttpResponse<String> busy = post("[[status=429 retry_after=9]]");
    assertThat(busy.statusCode()).isEqualTo(429);
    assertThat(busy.headers().firstValue("retry-after")).contains("9");
    assertThat(post("[[status=500]]").statusCode()).isEqualTo(500);
    assertThat(post("[[nonsense=1]]").statusCode()).isEqualTo(400);
    assertThat(post("[[mode=nonsense]]").statusCode()).isEqualTo(400);
  }

  @Test
  void reasoningComesBeforeTheAnswer() throws Exception {
    String body = post("[[mode=reasoning chunks=2 interval=1 text=ab]]").body();
    assertThat(text(body, "reasoning_content")).isEqualTo("thought 0 thought 1 ");
    assertThat(text(body, "content")).isEqualTo("ab");
  }

  @Test
  void halfCodePointsJoinToWholeOnes() throws Exception {
    HttpResponse<String> answer = post("[[mode=half_codepoint chunks=3 interval=1]]");
    assertThat(text(answer.body(), "content").replaceAll("\\d+@\\d{16}", "#"))
        .isEqualTo("# 😀😀# 😀😀# 😀😀");
    assertThat(answer.body()).contains("😀\\ud83d\"").contains("\"\\ude00\"");
  }

  @Test
  void dripGivesTheSameAnswer() throws Exception {
    assertThat(text(post("[[mode=drip chunks=2 interval=0 text=你好]]").body(), "content"))
        .isEqualTo("你好");
  }

  @Test
  void echoAnswersWithThePrompt() throws Exception {
    String text = text(post("say [[mode=echo interval=0]]").body(), "content");
    assertThat(JSON.readTree(text).at("/1/content").asText())
        .isEqualTo("say [[mode=echo interval=0]]");
  }

  @Test
  void silentAndStalledAnswersAreCountedWhenTheClientGoes() throws Exception {
    HttpResponse<InputStream> stalled =
        HTTP.send(ask("[[mode=stall after=1]]", true), BodyHandlers.ofInputStream());
    assertThat(new String(stalled.body().readNBytes(6), java.nio.charset.StandardCharsets.UTF_8))
        .isEqualTo("data: ");
    assertThat(upstream.active()).isEqualTo(1);
    stalled.body().close();
    await().until(() -> upstream.active() == 0 && upstream.aborted() == 1);
    assertThatThrownBy(() ->
            HTTP.send(
                HttpRequest.newBuilder(ask("[[mode=silent]]", true), (_, _) -> true)
                    .timeout(Duration.ofMillis(200))
                    .build(),
                BodyHandlers.ofString()))
        .isInstanceOf(IOException.class);
    await().until(() -> upstream.aborted() == 2);
  }

  @Test
  void behavioursAreSetForOneAndForAll() throws Exception {
    upstream.behaveOnce(Behaviour.DEFAULT.with("status", "503"));
    upstream.behave(Behaviour.DEFAULT.mode(Mode.OK).interval(0).text("set"));
    assertThat(upstream.unclaimed()).isEqualTo(1);
    assertThat(post("x").statusCode()).isEqualTo(503);
    assertThat(upstream.unclaimed()).isZero();
    assertThat(text(post("x").body(), "content")).isEqualTo("set");
  }

  @Test
  void theHttpSideTellsAndSetsTheSame() throws Exception {
    String root = upstream.baseUrl().replace("/v1", "");
    HttpRequest put =
        HttpRequest.newBuilder(URI.create(root + "/behaviour"))
            .PUT(HttpRequest.BodyPublishers.ofString("interval=0 text=by http"))
            .build();
    assertThat(HTTP.send(put, BodyHandlers.discarding()).statusCode()).isEqualTo(204);
    HttpRequest keyed =
        HttpRequest.newBuilder(ask("x", true), (_, _) -> true)
            .header("authorization", "Bearer k")
            .build();
    assertThat(text(HTTP.send(keyed, BodyHandlers.ofString()).body(), "content"))
        .isEqualTo("by http");
    HttpRequest list = HttpRequest.newBuilder(URI.create(root + "/requests")).build();
    JsonNode told = JSON.readTree(HTTP.send(list, BodyHandlers.ofString()).body());
    assertThat(told.path("count").asInt()).isEqualTo(1);
    assertThat(told.at("/requests/0/authorized").asBoolean()).isTrue();
    assertThat(told.at("/requests/0/body/messages/1/content").asText()).isEqualTo("x");
    assertThat(told.toString()).doesNotContain("Bearer");
    HttpRequest forget = HttpRequest.newBuilder(URI.create(root + "/requests")).DELETE().build();
    HTTP.send(forget, BodyHandlers.discarding());
    assertThat(upstream.count()).isZero();
  }

  @Test
  void manyStreamsKeepTheirPace() throws Exception {
    List<java.util.concurrent.CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
    for (int i : IntStream.range(0, 100).toArray()) {
      answers.add(
          HTTP.sendAsync(ask(i + " [[chunks=10 interval=50]]", true), BodyHandlers.ofString()));
    }
    for (var answer : answers) {
      assertThat(Stamp.in(text(answer.get().body(), "content"))).hasSize(10);
    }
  }
}
