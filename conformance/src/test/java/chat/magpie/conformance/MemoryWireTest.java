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
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Short-term memory on a Redis that an older service shares: its keys are read and written here
/// with plain commands, as that service does.
class MemoryWireTest {
  private static final String CHARACTER = "companion-zh";
  private static final Upstream upstream = Upstream.start(0);
  private static final RedisServer redis = RedisServer.alone(false);
  private static final RedisCommands<String, String> raw = redis.commands();
  private static final MagpieProcess server =
      MagpieProcess.start(Shared.withModel(upstream, Map.of("REDIS_URL", redis.url())));

  private final Api guest = Api.guest(server.uri("/"));
  private final String messagesKey = "chat:" + guest.userId() + ":" + CHARACTER + ":messages";
  private final String metaKey = "chat:" + guest.userId() + ":" + CHARACTER + ":meta";

  @AfterAll
  static void end() {
    redis.resume();
    server.close();
    redis.close();
    upstream.close();
  }

  private JsonNode send(String message) {
    return guest.chat(Map.of("message", message, "character_id", CHARACTER));
  }

  private List<Event> read(JsonNode accepted) {
    try (SseReader reader = guest.stream(accepted.path("stream_url").asText(), null)) {
      assertThat(reader.status()).isEqualTo(200);
      return reader.rest();
    }
  }

  private List<Event> talk(String message) {
    return read(send(message));
  }

  /// The contents of the prompt that the model gets for one more message, without the system's.
  private List<String> prompt() {
    List<Event> events = talk("[[mode=echo chunks=1]] what was said");
    assertThat(events.getLast().name()).isEqualTo("done");
    JsonNode messages = Api.parse(Api.fold(events));
    List<String> contents = messages.findValuesAsText("content");
    return contents.subList(1, contents.size() - 1);
  }

  private JsonNode memory() {
    Api.Response memory = guest.get("/memory/" + guest.userId() + "?character_id=" + CHARACTER);
    assertThat(memory.status()).as(memory.text()).isEqualTo(200);
    return memory.body();
  }

  private static String entry(String role, String content, long timestamp) {
    return """
    {"msg_id": "m-%d", "role": "%s", "content": "%s", "timestamp": %d, "token_count": 12,\
     "metadata": {"emotion": "happy", "intent": "chat"}}\
    """
        .formatted(timestamp, role, content, timestamp);
  }

  @Test
  @Tag("D-01")
  @Tag("D-02")
  @Tag("D-05")
  @Tag("D-06")
  void whatTheOlderServiceWroteIsInThePromptAndShown() {
    long now = Instant.now().getEpochSecond();
    raw.lpush(
        messagesKey,
        entry("user", "我叫小明", now - 30),
        entry("assistant", "你好，小明！", now - 29),
        "this is no JSON",
        entry("user", "我喜欢猫", now - 10));
    raw.expire(messagesKey, 86_400);
    raw.hset(
        metaKey,
        Map.of(
            "state",
            "ACTIVE",
            "last_active_at",
            Long.toString(now - 10),
            "message_count",
            "3",
            "session_start",
            Long.toString(now - 30),
            "total_tokens",
            "36"));
    raw.expire(metaKey, 86_400);
    JsonNode shown = memory();
    assertThat(shown.path("messages").findValuesAsText("content"))
        .containsExactly("我叫小明", "你好，小明！", "我喜欢猫");
    assertThat(shown.path("messages").path(1).path("role").asText()).isEqualTo("assistant");
    assertThat(shown.path("messages").path(0).path("msg_id").asText()).isEqualTo("m-" + (now - 30));
    assertThat(shown.path("meta").path("message_count").asInt()).isEqualTo(3);
    assertThat(shown.path("meta").path("state").asText()).isEqualTo("ACTIVE");
    assertThat(shown.path("meta").path("session_start").asLong()).isEqualTo(now - 30);
    assertThat(prompt()).containsExactly("我叫小明", "你好，小明！", "我喜欢猫");
    assertThat(raw.lrange(messagesKey, 0, -1)).contains("this is no JSON").hasSize(6);
  }

  @Test
  @Tag("D-01")
  @Tag("D-02")
  @Tag("D-03")
  @Tag("D-04")
  @Tag("D-10")
  void whatWeWriteIsInTheOlderServicesForm() {
    long before = Instant.now().getEpochSecond();
    talk("[[text=猫很可爱。]] 说说猫");
    talk("[[text=狗也是。]] 说说狗");
    List<String> stored = raw.lrange(messagesKey, 0, -1);
    assertThat(stored.stream().map(e -> Api.parse(e).path("content").asText()))
        .containsExactly("狗也是。", "[[text=狗也是。]] 说说狗", "猫很可爱。", "[[text=猫很可爱。]] 说说猫");
    JsonNode answer = Api.parse(stored.getFirst());
    assertThat(answer.path("role").asText()).isEqualTo("assistant");
    assertThat(Api.parse(stored.get(1)).path("role").asText()).isEqualTo("user");
    assertThat(answer.path("msg_id").asText()).isNotBlank();
    assertThat(answer.path("timestamp").isIntegralNumber()).isTrue();
    assertThat(answer.path("timestamp").asLong())
        .isBetween(before - 1, Instant.now().getEpochSecond() + 1);
    assertThat(answer.path("token_count").asInt()).isPositive();
    assertThat(answer.fieldNames())
        .toIterable()
        .isSubsetOf("msg_id", "role", "content", "timestamp", "token_count", "metadata");
    int tokens = stored.stream().mapToInt(e -> Api.parse(e).path("token_count").asInt()).sum();
    Map<String, String> meta = raw.hgetall(metaKey);
    assertThat(meta)
        .containsEntry("state", "ACTIVE")
        .containsEntry("message_count", "4")
        .containsEntry("total_tokens", Integer.toString(tokens))
        .containsKeys("last_active_at", "session_start");
    assertThat(Long.parseLong(String.valueOf(meta.get("session_start"))))
        .isBetween(before - 1, Instant.now().getEpochSecond() + 1);
    assertThat(raw.ttl(messagesKey)).isBetween(86_300L, 86_400L);
    assertThat(raw.ttl(metaKey)).isBetween(86_300L, 86_400L);
    assertThat(raw.keys("chat:" + guest.userId() + "*"))
        .containsExactlyInAnyOrder(messagesKey, metaKey);
  }

  @Test
  @Tag("D-03")
  @Tag("D-05")
  void ofManyMessagesAHundredAreKeptAndFiftyAreUsed() {
    long now = Instant.now().getEpochSecond();
    for (int i = 0; i < 150; i++) {
      raw.lpush(messagesKey, entry(i % 2 == 0 ? "user" : "assistant", "n" + i, now - 150 + i));
    }
    raw.expire(messagesKey, 86_400);
    assertThat(memory().path("messages").findValuesAsText("content"))
        .hasSize(50)
        .startsWith("n100")
        .endsWith("n149");
    assertThat(prompt()).hasSize(50).startsWith("n100").endsWith("n149");
    assertThat(raw.llen(messagesKey)).isEqualTo(100);
    assertThat(raw.lindex(messagesKey, 2)).contains("\"n149\"");
  }

  @Test
  @Tag("D-05")
  void ofLongMessagesThoseWithinTheBudgetAreUsed() {
    long now = Instant.now().getEpochSecond();
    for (int i = 0; i < 30; i++) {
      String content = "w" + i + " hello".repeat(995);
      raw.lpush(
          messagesKey,
          "{\"msg_id\":\"b%d\",\"role\":\"user\",\"content\":\"%s\",\"timestamp\":%d,\"token_count\":1000}"
              .formatted(i, content, now - 30 + i));
    }
    raw.expire(messagesKey, 86_400);
    List<String> contents = memory().path("messages").findValuesAsText("content");
    assertThat(contents).hasSizeBetween(18, 20);
    assertThat(contents.getLast()).startsWith("w29 ");
  }

  @Test
  @Tag("D-06")
  @Tag("D-13")
  void clearingRemovesBothKeys() {
    talk("[[text=ok]] remember");
    assertThat(raw.exists(messagesKey, metaKey)).isEqualTo(2);
    assertThat(guest.delete("/api/v1/chat/history?character_id=" + CHARACTER).status())
        .isEqualTo(200);
    assertThat(raw.exists(messagesKey, metaKey)).isZero();
  }

  @Test
  @Tag("D-01")
  void idsThatHoldSeparatorsAreEncoded() {
    JsonNode key = Administrator.of(server).post("/admin/api-keys", Map.of("name", "older")).body();
    Api service = Api.anonymous(server.uri("/")).withToken(key.path("secret").asText());
    JsonNode accepted =
        service.chat(
            Map.of("message", "[[text=ok]] hi", "user_id", "a:b{c}%", "character_id", CHARACTER));
    await()
        .atMost(Duration.ofSeconds(10))
        .until(() -> Records.reply(service, accepted).path("status").asText().equals("done"));
    await()
        .atMost(Duration.ofSeconds(5))
        .until(() -> raw.exists("chat:a%3Ab%7Bc%7D%25:" + CHARACTER + ":messages") == 1);
  }

  @Test
  @Tag("D-07")
  @Tag("D-08")
  @Tag("D-14")
  void aConversationGoesOnWhileRedisDoesNotAnswer() {
    talk("[[text=I am fine.]] how are you");
    redis.pause();
    try {
      long asked = System.nanoTime();
      List<Event> events = talk("[[mode=echo chunks=1]] still there?");
      Duration took = Duration.ofNanos(System.nanoTime() - asked);
      assertThat(took).isLessThan(Duration.ofSeconds(4));
      assertThat(events.getLast().name()).isEqualTo("done");
      assertThat(events.getLast().json().path("degraded").asBoolean()).isTrue();
      assertThat(Api.parse(Api.fold(events)).findValuesAsText("content"))
          .contains("[[text=I am fine.]] how are you", "I am fine.");
      asked = System.nanoTime();
      JsonNode second = send("[[text=yes]] again");
      assertThat(Api.fold(read(second))).isEqualTo("yes");
      assertThat(Duration.ofNanos(System.nanoTime() - asked)).isLessThan(Duration.ofSeconds(2));
      JsonNode stored = Records.reply(guest, second);
      assertThat(stored.path("degraded").toString()).contains("memory");
      assertThat(metric("short_memory_degradation_total")).isPositive();
    } finally {
      redis.resume();
    }
    List<Boolean> degraded = new ArrayList<>();
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> {
          Event done = talk("[[text=good]] better now?").getLast();
          degraded.add(done.json().path("degraded").asBoolean());
          return !degraded.getLast();
        });
    assertThat(raw.lindex(messagesKey, 0)).contains("\"good\"");
    assertThat(memory().path("messages").findValuesAsText("content"))
        .as("what was said meanwhile is remembered too, in its order")
        .containsSubsequence(
            "[[text=I am fine.]] how are you",
            "I am fine.",
            "[[mode=echo chunks=1]] still there?",
            "[[text=yes]] again",
            "yes",
            "good")
        .doesNotHaveDuplicates();
  }

  private double metric(String name) {
    String metrics =
        Api.send(guest.request("/metrics").header("Accept", "text/plain").GET().build()).text();
    return metrics
        .lines()
        .filter(line -> line.startsWith(name + "{"))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }
}
