package chat.magpie.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.magpie.conformance.client.Api;
import chat.magpie.conformance.client.SseReader;
import chat.magpie.conformance.client.SseReader.Event;
import chat.magpie.conformance.server.MagpieProcess;
import chat.magpie.conformance.upstream.Upstream;
import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// A second message while the first is being answered, and many at once.
@Tag("A-12")
class BusyPolicyTest {
  private static final String ENDLESS = "[[chunks=3000 interval=10]] endless";

  private static final Upstream upstream = Upstream.start(0);

  /// Two at once, one of each user, and four that wait.
  private static final MagpieProcess queueing =
      start(
          Map.of(
              "MAGPIE_REPLY_BUSY_POLICY",
              "queue",
              "MAGPIE_REPLY_MAX_CONCURRENT",
              "2",
              "MAGPIE_REPLY_MAX_CONCURRENT_PER_USER",
              "1",
              "MAGPIE_REPLY_MAX_WAITING",
              "4"));

  @AfterAll
  static void end() {
    queueing.close();
    upstream.close();
  }

  @BeforeEach
  void forget() {
    await().atMost(Duration.ofSeconds(10)).until(() -> upstream.active() == 0);
    upstream.reset();
  }

  private static MagpieProcess start(Map<String, String> settings) {
    return MagpieProcess.start(Shared.withModel(upstream, settings));
  }

  private static List<Event> read(Api api, JsonNode accepted) {
    try (SseReader reader = api.stream(accepted.path("stream_url").asText(), null)) {
      assertThat(reader.status()).isEqualTo(200);
      return reader.rest();
    }
  }

  private static List<String> contents(Api api, JsonNode accepted) {
    return Records.messages(api, accepted.path("conversation_id").asText()).stream()
        .map(message -> message.path("content").asText())
        .toList();
  }

  @Test
  void queueAnswersOneAfterTheOther() {
    Api guest = Api.guest(queueing.uri("/"));
    JsonNode one = guest.chat(Map.of("message", "[[chunks=1 first=300 text=A1]] one"));
    JsonNode two = guest.chat(Map.of("message", "[[chunks=1 first=100 text=A2]] two"));
    JsonNode three = guest.chat(Map.of("message", "[[mode=echo]] three"));
    assertThat(three.path("conversation_id")).isEqualTo(one.path("conversation_id"));
    JsonNode prompt = Api.parse(Api.fold(read(guest, three)));
    assertThat(prompt.findValuesAsText("content").subList(1, prompt.size()))
        .containsExactly(
            "[[chunks=1 first=300 text=A1]] one",
            "A1",
            "[[chunks=1 first=100 text=A2]] two",
            "A2",
            "[[mode=echo]] three");
    assertThat(Api.fold(read(guest, two))).isEqualTo("A2");
    assertThat(Api.fold(read(guest, one))).isEqualTo("A1");
    assertThat(upstream.peak()).isEqualTo(1);
  }

  @Test
  void aQueuedMessageCanBeStoppedBeforeItsTurn() {
    Api guest = Api.guest(queueing.uri("/"));
    JsonNode one = guest.chat(Map.of("message", ENDLESS));
    JsonNode two = guest.chat(Map.of("message", "[[text=never]] two"));
    assertThat(guest.post("/chat/stop/" + guest.userId(), Map.of()).status()).isEqualTo(200);
    assertThat(read(guest, one).getLast().json().path("status").asText()).isEqualTo("stopped");
    List<Event> second = read(guest, two);
    assertThat(second).hasSize(1);
    assertThat(second.getFirst().json().path("status").asText()).isEqualTo("stopped");
    assertThat(second.getFirst().json().path("message_id").isNull()).isTrue();
    assertThat(contents(guest, one)).contains("[[text=never]] two").doesNotContain("never");
    JsonNode three = guest.chat(Map.of("message", "[[text=fine]] three"));
    assertThat(Api.fold(read(guest, three))).isEqualTo("fine");
  }

  @Test
  void rejectRefusesAndStoresNothing() {
    try (MagpieProcess server = start(Map.of("MAGPIE_REPLY_BUSY_POLICY", "reject"))) {
      rejects(Api.guest(server.uri("/")));
    }
  }

  private static void rejects(Api guest) {
    JsonNode one = guest.chat(Map.of("message", ENDLESS, "client_msg_id", "k1"));
    Api.Response refused = guest.post("/chat", Map.of("message", "two", "client_msg_id", "k2"));
    assertThat(refused.status()).isEqualTo(409);
    assertThat(refused.body().path("code").asText()).isEqualTo("busy");
    assertThat(refused.body().path("retryable").asBoolean()).isTrue();
    assertThat(guest.chat(Map.of("message", ENDLESS, "client_msg_id", "k1")).path("turn_id"))
        .isEqualTo(one.path("turn_id"));
    JsonNode elsewhere =
        guest.chat(Map.of("message", "[[text=ok]] x", "character_id", "companion-en"));
    assertThat(Api.fold(read(guest, elsewhere))).isEqualTo("ok");
    guest.post("/chat/stop/" + guest.userId(), Map.of());
    read(guest, one);
    assertThat(contents(guest, one)).doesNotContain("two");
    JsonNode again = guest.chat(Map.of("message", "[[text=now]] two", "client_msg_id", "k3"));
    assertThat(Api.fold(read(guest, again))).isEqualTo("now");
  }

  @Test
  void interruptKeepsWhatWasSaidAndAnswersTheNewMessage() {
    try (MagpieProcess server = start(Map.of("MAGPIE_REPLY_BUSY_POLICY", "interrupt"))) {
      interrupts(Api.guest(server.uri("/")));
    }
  }

  private static void interrupts(Api guest) {
    JsonNode one = guest.chat(Map.of("message", ENDLESS));
    try (SseReader reader = guest.stream(one.path("stream_url").asText(), null)) {
      List<Event> events = new ArrayList<>(reader.next(3));
      JsonNode two = guest.chat(Map.of("message", "[[mode=echo]] two"));
      events.addAll(reader.rest());
      assertThat(events.getLast().json().path("status").asText()).isEqualTo("stopped");
      JsonNode partial = Records.answer(guest, one);
      assertThat(partial.path("content").asText()).isEqualTo(Api.fold(events)).isNotEmpty();
      assertThat(partial.path("status").asText()).isEqualTo("stopped");
      JsonNode prompt = Api.parse(Api.fold(read(guest, two)));
      assertThat(prompt.findValuesAsText("content")).contains(Api.fold(events));
      assertThat(prompt.path(prompt.size() - 1).path("content").asText())
          .isEqualTo("[[mode=echo]] two");
      assertThat(contents(guest, one)).hasSize(4);
    }
    await().atMost(Duration.ofSeconds(5)).until(() -> upstream.active() == 0);
  }

  @Test
  @Tag("A-17")
  void neverMoreAtOnceThanAllowed() {
    List<Api> guests = new ArrayList<>();
    List<JsonNode> accepted = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      Api guest = Api.guest(queueing.uri("/"));
      guests.add(guest);
      String message = i < 2 ? ENDLESS : "[[chunks=20 interval=10]] " + i;
      accepted.add(guest.chat(Map.of("message", message)));
    }
    // Both places are taken until everybody has asked.
    await().atMost(Duration.ofSeconds(10)).until(() -> upstream.active() == 2);
    for (int i = 0; i < 2; i++) {
      guests.get(i).post("/chat/stop/" + guests.get(i).userId(), Map.of());
      assertThat(read(guests.get(i), accepted.get(i)).getLast().json().path("status").asText())
          .isEqualTo("stopped");
    }
    for (int i = 2; i < 6; i++) {
      List<Event> events = read(guests.get(i), accepted.get(i));
      assertThat(events.getLast().name()).isEqualTo("done");
      assertThat(events).filteredOn(e -> e.name().equals("delta")).hasSize(20);
    }
    assertThat(upstream.peak()).isEqualTo(2);
    assertThat(upstream.count()).isEqualTo(6);
  }

  @Test
  void oneUserDoesNotTakeAllPlaces() {
    Api greedy = Api.guest(queueing.uri("/"));
    JsonNode endless = greedy.chat(Map.of("message", ENDLESS));
    JsonNode waiting =
        greedy.chat(Map.of("message", "[[text=later]] x", "character_id", "companion-en"));
    Api modest = Api.guest(queueing.uri("/"));
    assertThat(Api.fold(read(modest, modest.chat(Map.of("message", "[[text=hi]] hi")))))
        .isEqualTo("hi");
    await().atMost(Duration.ofSeconds(10)).until(() -> upstream.count() == 2);
    assertThat(Records.reply(greedy, waiting).path("message").isNull()).isTrue();
    greedy.post("/chat/stop/" + greedy.userId(), Map.of());
    assertThat(read(greedy, endless).getLast().json().path("status").asText()).isEqualTo("stopped");
    assertThat(read(greedy, waiting).getLast().json().path("status").asText()).isEqualTo("stopped");
  }

  @Test
  void moreThanMayWaitIsRefusedAtOnce() {
    Map<Api, JsonNode> running = new LinkedHashMap<>();
    Map<Api, JsonNode> waiting = new LinkedHashMap<>();
    for (int i = 0; i < 6; i++) {
      Api guest = Api.guest(queueing.uri("/"));
      (i < 2 ? running : waiting)
          .put(guest, guest.chat(Map.of("message", i < 2 ? ENDLESS : "[[text=my turn]] x")));
    }
    Api late = Api.guest(queueing.uri("/"));
    long asked = System.nanoTime();
    Api.Response refused = late.post("/chat", Map.of("message", "[[text=no]] x"));
    assertThat(Duration.ofNanos(System.nanoTime() - asked)).isLessThan(Duration.ofSeconds(2));
    assertThat(refused.status()).isEqualTo(503);
    assertThat(refused.body().path("code").asText()).isEqualTo("overloaded");
    assertThat(refused.body().path("retryable").asBoolean()).isTrue();
    assertThat(refused.header("retry-after")).matches("\\d+");
    assertThat(late.get("/conversations").body().path("items")).isEmpty();
    running.forEach((guest, _) -> guest.post("/chat/stop/" + guest.userId(), Map.of()));
    waiting.forEach(
        (guest, accepted) -> assertThat(Api.fold(read(guest, accepted))).isEqualTo("my turn"));
    assertThat(Api.fold(read(late, late.chat(Map.of("message", "[[text=yes]] x")))))
        .isEqualTo("yes");
  }
}
