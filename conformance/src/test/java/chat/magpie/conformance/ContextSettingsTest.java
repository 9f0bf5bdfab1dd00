package chat.magpie.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.magpie.conformance.client.Api;
import chat.magpie.conformance.client.SseReader;
import chat.magpie.conformance.client.SseReader.Event;
import chat.magpie.conformance.server.MagpieProcess;
import chat.magpie.conformance.upstream.Upstream;
import com.fasterxml.jackson.databind.JsonNode;
import io.lettuce.core.api.sync.RedisCommands;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Settings of memory, prompts and streams do what they say.
class ContextSettingsTest {
  private static final Upstream upstream = Upstream.start(0);
  private static final RedisServer redis = RedisServer.alone(false);
  private static final RedisCommands<String, String> raw = redis.commands();
  private static final MagpieProcess server =
      MagpieProcess.start(
          Shared.withModel(
              upstream,
              Map.ofEntries(
                  Map.entry("REDIS_URL", redis.url()),
                  Map.entry("MAGPIE_REDIS_MAX_CONNECTIONS", "6"),
                  Map.entry("MAGPIE_MEMORY_COMPRESSION", "none"),
                  Map.entry("MAGPIE_MEMORY_MAX_CONTEXT_MESSAGES", "4"),
                  Map.entry("MAGPIE_MEMORY_MAX_MESSAGES", "6"),
                  Map.entry("MAGPIE_MEMORY_TTL", "1h"),
                  Map.entry("MAGPIE_REPLY_PROMPT_TOKENS", "3000"),
                  Map.entry("MAGPIE_REPLY_COALESCE", "300ms"),
                  Map.entry("MAGPIE_REPLY_STREAM_TTL", "3s"))));

  private final Api guest = Api.guest(server.uri("/"));

  @AfterAll
  static void end() {
    server.close();
    redis.close();
    upstream.close();
  }

  private JsonNode send(String message) {
    return guest.chat(Map.of("message", message, "character_id", "companion-en"));
  }

  private List<Event> read(JsonNode accepted) {
    try (SseReader reader = guest.stream(accepted.path("stream_url").asText(), null)) {
      assertThat(reader.status()).isEqualTo(200);
      return reader.rest();
    }
  }

  @Test
  @Tag("A-15")
  void withoutCompressionAllIsSentOrTheReplyFailsAndSaysWhy() {
    JsonNode first = send("[[text=One.]] number 1");
    read(first);
    for (int i = 2; i <= 8; i++) {
      read(send("[[text=Yes.]] number " + i));
    }
    JsonNode prompt = Api.parse(Api.fold(read(send("[[mode=echo]] all?"))));
    assertThat(prompt).as("twice the window and more").hasSize(1 + 16 + 1);
    assertThat(prompt.path(1).path("content").asText()).endsWith("number 1");

    JsonNode tooLong = send("[[text=Yes.]] " + "Lorem ipsum dolor. ".repeat(700));
    Event error = read(tooLong).getLast();
    assertThat(error.name()).isEqualTo("error");
    assertThat(error.json().path("code").asText()).isEqualTo("context_too_long");
    assertThat(error.json().path("message").asText()).isNotBlank();
    assertThat(error.json().path("retryable").asBoolean(true)).isFalse();
    JsonNode reply = Records.reply(guest, tooLong);
    assertThat(reply.path("status").asText()).isEqualTo("failed");
    assertThat(reply.path("error_code").asText()).isEqualTo("context_too_long");
    assertThat(Records.messages(guest, first.path("conversation_id").asText()))
        .as("nothing is lost")
        .hasSize(19);
  }

  @Test
  @Tag("A-13")
  @Tag("A-17")
  void shortTermMemoryIsAsLongAndLastsAsLongAsItIsSet() {
    for (int i = 1; i <= 5; i++) {
      read(send("[[text=Yes.]] number " + i));
    }
    String key = "chat:" + guest.userId() + ":companion-en:messages";
    await().atMost(Duration.ofSeconds(60)).until(() -> raw.llen(key) == 6);
    assertThat(raw.ttl(key)).isBetween(3000L, 3600L);
    JsonNode memory = guest.get("/memory/" + guest.userId() + "?character_id=companion-en").body();
    assertThat(memory.path("messages")).as("as many as a prompt takes").hasSize(4);
  }

  @Test
  @Tag("A-17")
  void chunksAreCollectedForTheIntervalThatIsSet() {
    JsonNode accepted = send("[[chunks=60 interval=2]] quick");
    List<Event> events = read(accepted);
    assertThat(events.getLast().name()).isEqualTo("done");
    assertThat(events.stream().filter(e -> e.name().equals("delta")).count())
        .as("60 pieces within a good tenth of a second, written every 0.3 s")
        .isBetween(1L, 30L);
    assertThat(Records.answer(guest, accepted).path("content").asText())
        .isEqualTo(Api.fold(events))
        .contains("59@");
  }

  @Test
  @Tag("A-17")
  void aLogIsReadableForItsTimeAndTheAnswerForEver() {
    JsonNode accepted = send("[[text=For ever.]] how long?");
    assertThat(Api.fold(read(accepted))).isEqualTo("For ever.");
    String log = "*" + accepted.path("reply_id").asText() + "*";
    await().atMost(Duration.ofSeconds(60)).until(() -> raw.keys(log).isEmpty());
    assertThat(Api.fold(read(accepted))).isEqualTo("For ever.");
  }

  @Test
  @Tag("A-17")
  @Tag("D-10")
  @Tag("D-18")
  void countsOfTokensAreRemembered() {
    read(send("[[text=Yes.]] something that nobody has said before"));
    double misses = cache("miss");
    assertThat(misses).isPositive();
    double hits = cache("hit");
    read(send("[[text=Yes.]] something that nobody has said before"));
    assertThat(cache("hit")).isGreaterThan(hits);
  }

  private static double cache(String result) {
    String name = "magpie_llm_token_cache_total{result=\"" + result + "\"}";
    return Api.anonymous(server.uri("/"))
        .get("/metrics")
        .text()
        .lines()
        .filter(line -> line.startsWith(name))
        .mapToDouble(line -> Double.parseDouble(line.substring(name.length()).strip()))
        .findFirst()
        .orElseThrow();
  }

  @Test
  @Tag("A-17")
  void noMoreConnectionsToRedisThanAllowed() {
    long ours = raw.clientList().lines().filter(line -> !line.contains("cmd=client")).count();
    assertThat(ours).isBetween(1L, 6L);
  }
}
