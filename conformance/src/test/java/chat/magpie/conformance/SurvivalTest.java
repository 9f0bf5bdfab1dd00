package chat.magpie.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.magpie.conformance.client.Api;
import chat.magpie.conformance.client.SseReader;
import chat.magpie.conformance.client.SseReader.Event;
import chat.magpie.conformance.server.MagpieProcess;
import chat.magpie.conformance.upstream.Upstream;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// What is left after the server was killed or ended: everything that it had acknowledged.
@Tag("A-09")
@Tag("A-19")
class SurvivalTest {
  private static final Upstream upstream = Upstream.start(0);
  private static final MagpieProcess server =
      MagpieProcess.start(Shared.withModel(upstream, Map.of("MAGPIE_REPLY_MAX_ATTEMPTS", "10")));

  private final Api guest = Api.guest(server.uri("/"));

  @AfterAll
  static void end() {
    server.close();
    upstream.close();
    assertThat(redisProcesses()).isEmpty();
  }

  /// The Redis processes that run in the server's data folder.
  private static List<ProcessHandle> redisProcesses() {
    Path folder = server.folder().resolve("data/redis");
    return ProcessHandle.allProcesses().filter(process -> isRedisIn(folder, process)).toList();
  }

  private static boolean isRedisIn(Path folder, ProcessHandle process) {
    Path proc = Path.of("/proc", Long.toString(process.pid()));
    try {
      return Files.readString(proc.resolve("comm")).contains("redis")
          && Files.readSymbolicLink(proc.resolve("cwd")).equals(folder.toRealPath());
    } catch (IOException gone) {
      return false;
    }
  }

  private static void assertWhole(List<Event> read, JsonNode answer) {
    assertThat(read.getLast().name()).isEqualTo("done");
    assertThat(Api.fold(read)).isEqualTo(answer.path("content").asText()).isNotEmpty();
    assertThat(read.stream().map(Event::id)).doesNotHaveDuplicates();
  }

  private List<Event> wholeStream(JsonNode accepted) {
    try (SseReader reader = guest.stream(accepted.path("stream_url").asText(), null)) {
      assertThat(reader.status()).isEqualTo(200);
      return reader.rest();
    }
  }

  @Test
  @Tag("M-04")
  void aKilledServerGoesOnWithItsReplies() throws Exception {
    JsonNode long1 = guest.chat(Map.of("message", "[[chunks=200 interval=20]] first question"));
    JsonNode queued = guest.chat(Map.of("message", "[[text=The second.]] second question"));
    Follower first = Follower.of(guest, long1.path("stream_url").asText());
    Follower second = Follower.of(guest, queued.path("stream_url").asText());
    first.awaitEvents(20);
    server.kill();
    assertThat(redisProcesses()).hasSizeLessThanOrEqualTo(1);
    server.restart();
    assertThat(redisProcesses()).hasSize(1);
    List<Event> read = first.awaitEnd();
    assertWhole(read, Records.answer(guest, long1));
    assertThat(read).extracting(Event::name).contains("reset");
    assertWhole(second.awaitEnd(), Records.answer(guest, queued));
    List<JsonNode> stored = Records.messages(guest, long1.path("conversation_id").asText());
    assertThat(stored)
        .extracting(m -> m.path("role").asText())
        .containsExactlyInAnyOrder("user", "user", "assistant", "assistant");
    assertThat(stored)
        .extracting(m -> m.path("content").asText())
        .containsOnlyOnce("[[chunks=200 interval=20]] first question")
        .containsOnlyOnce("[[text=The second.]] second question")
        .containsOnlyOnce("The second.");

    server.terminate();
    assertThat(redisProcesses()).isEmpty();
    server.restart();
    assertThat(Api.fold(wholeStream(long1))).isEqualTo(Api.fold(read));
    try (SseReader reader =
        guest.stream(long1.path("stream_url").asText(), read.get(read.size() - 3).id())) {
      assertThat(reader.rest()).isEqualTo(read.subList(read.size() - 2, read.size()));
    }
  }

  @Test
  void anEndedServerGoesOnWithItsRepliesAfterItsNextStart() throws Exception {
    JsonNode accepted = guest.chat(Map.of("message", "[[chunks=200 interval=20]] go on"));
    Follower follower = Follower.of(guest, accepted.path("stream_url").asText());
    follower.awaitEvents(10);
    server.terminate();
    assertThat(redisProcesses()).isEmpty();
    server.restart();
    assertWhole(follower.awaitEnd(), Records.answer(guest, accepted));
    assertThat(Records.messages(guest, accepted.path("conversation_id").asText())).hasSize(2);
  }

  @Test
  void redisMayDieInTheMiddleOfAnAnswer() throws Exception {
    JsonNode accepted = guest.chat(Map.of("message", "[[chunks=150 interval=20]] steady"));
    Follower follower = Follower.of(guest, accepted.path("stream_url").asText());
    follower.awaitEvents(10);
    redisProcesses().forEach(ProcessHandle::destroyForcibly);
    List<Event> read = follower.awaitEnd();
    assertWhole(read, Records.answer(guest, accepted));
    assertThat(read).filteredOn(e -> e.name().equals("delta")).hasSize(150);
    await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(() -> {
          JsonNode next = guest.chat(Map.of("message", "[[chunks=2]] and now"));
          List<Event> events = wholeStream(next);
          assertWhole(events, Records.answer(guest, next));
          assertThat(events.getLast().json().path("degraded").asBoolean()).isFalse();
        });
    assertThat(redisProcesses()).hasSize(1);
  }

  @Test
  void fiveKillsInARowLoseNothing() throws Exception {
    Random random = new Random(20_260_101);
    AtomicBoolean over = new AtomicBoolean();
    AtomicInteger accepted = new AtomicInteger();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Talker> talkers = new ArrayList<>();
      List<Future<?>> talks = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        Talker talker = new Talker(Api.guest(server.uri("/")), accepted, over);
        talkers.add(talker);
        talks.add(threads.submit(talker::talk));
      }
      for (int kill = 0; kill < 5; kill++) {
        int until = accepted.get() + 1 + random.nextInt(6);
        await()
            .atMost(Duration.ofSeconds(30))
            .pollInterval(Duration.ofMillis(1 + random.nextInt(20)))
            .until(() -> accepted.get() >= until);
        server.kill();
        server.restart();
        assertThat(redisProcesses()).hasSize(1);
      }
      over.set(true);
      for (Future<?> talk : talks) {
        talk.get();
      }
      for (Talker talker : talkers) {
        talker.check();
      }
    }
  }

  /// Sends one message after the other, each until it is acknowledged, and reads all answers.
  private static final class Talker {
    private final Api api;
    private final AtomicInteger acknowledged;
    private final AtomicBoolean over;
    private final List<JsonNode> sent = new ArrayList<>();
    private final List<List<Event>> read = new ArrayList<>();

    Talker(Api api, AtomicInteger acknowledged, AtomicBoolean over) {
      this.api = api;
      this.acknowledged = acknowledged;
      this.over = over;
    }

    @SuppressWarnings("NullAway") // what the condition gives is never null once it holds
    Void talk() throws Exception {
      while (!over.get()) {
        Map<String, Object> message =
            Map.of(
                "message",
                "[[chunks=15 interval=10]] number " + sent.size(),
                "client_msg_id",
                "m" + sent.size());
        List<JsonNode> answer = new ArrayList<>();
        await()
            .atMost(Duration.ofSeconds(60))
            .pollDelay(Duration.ZERO)
            .pollInterval(Duration.ofMillis(30))
            .until(() -> {
              try {
                answer.add(api.chat(message));
                return true;
              } catch (UncheckedIOException away) {
                return false;
              }
            });
        sent.add(answer.getFirst());
        acknowledged.incrementAndGet();
        read.add(Follower.of(api, answer.getFirst().path("stream_url").asText()).awaitEnd());
      }
      return null;
    }

    void check() {
      List<String> expected = new ArrayList<>();
      for (int i = 0; i < sent.size(); i++) {
        assertWhole(read.get(i), Records.answer(api, sent.get(i)));
        expected.add("user [[chunks=15 interval=10]] number " + i);
        expected.add("assistant " + Api.fold(read.get(i)));
      }
      assertThat(sent.stream().map(s -> s.path("conversation_id")).distinct()).hasSize(1);
      assertThat(Records.messages(api, sent.getFirst().path("conversation_id").asText()))
          .extracting(m -> m.path("role").asText() + " " + m.path("content").asText())
          .isEqualTo(expected);
    }
  }

  @Test
  @Tag("M-04")
  void aSecondServerOnTheSameFolderRefusesToStart() {
    int before = server.output().length();
    MagpieProcess.Refusal refusal =
        MagpieProcess.startRefused(server.folder(), Shared.withModel(upstream, Map.of()));
    assertThat(refusal.exitCode()).isEqualTo(1);
    String said = refusal.output().substring(before);
    assertThat(said)
        .contains("Magpie cannot start")
        .contains(server.folder().resolve("data").toString())
        .contains("is in use by process " + server.pid())
        .doesNotContain("\tat ");
    assertThat(redisProcesses()).hasSize(1);
    JsonNode accepted = guest.chat(Map.of("message", "[[chunks=2]] still there?"));
    assertWhole(wholeStream(accepted), Records.answer(guest, accepted));
  }
}
