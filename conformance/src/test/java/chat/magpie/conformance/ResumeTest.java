package chat.magpie.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import chat.magpie.conformance.client.Api;
import chat.magpie.conformance.client.SseReader;
import chat.magpie.conformance.client.SseReader.Event;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class ResumeTest {
  private final Api guest = Shared.guest();

  private List<Event> rest(String url, @Nullable String after) {
    try (SseReader reader = guest.stream(url, after)) {
      assertThat(reader.status()).isEqualTo(200);
      return reader.rest();
    }
  }

  @Test
  @Tag("A-02")
  void everyEventOfAnEndedReplyIsAPlaceToGoOnFrom() {
    String url =
        guest.chat(Map.of("message", "[[chunks=12 interval=2]] go")).path("stream_url").asText();
    List<Event> all = rest(url, null);
    for (int i = 0; i < all.size() - 1; i++) {
      assertThat(rest(url, all.get(i).id())).isEqualTo(all.subList(i + 1, all.size()));
    }
    assertThat(rest(url, null)).isEqualTo(all);
    try (SseReader reader = guest.stream(url, all.getLast().id())) {
      assertThat(reader.status()).isEqualTo(204);
    }
  }

  @Test
  @Tag("A-02")
  @Tag("A-09")
  void aReaderThatIsCutAtRandomGetsEverythingOnce() throws Exception {
    String url =
        guest
            .chat(Map.of("message", "[[chunks=150 interval=10]] storm"))
            .path("stream_url")
            .asText();
    List<Callable<List<Event>>> readers = new ArrayList<>();
    for (int r = 0; r < 10; r++) {
      Random random = new Random(r);
      readers.add(() -> readWithCuts(url, random));
    }
    List<List<Event>> read = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Future<List<Event>> events : threads.invokeAll(readers)) {
        read.add(events.get());
      }
    }
    List<Event> whole = rest(url, null);
    assertThat(read).allSatisfy(events -> assertThat(events).isEqualTo(whole));
  }

  private List<Event> readWithCuts(String url, Random random) {
    List<Event> events = new ArrayList<>();
    @Nullable String last = null;
    while (true) {
      try (SseReader reader = guest.stream(url, last)) {
        if (reader.status() == 204) {
          return events;
        }
        List<Event> some = reader.next(1 + random.nextInt(20));
        events.addAll(some);
        if (!some.isEmpty()) {
          last = some.getLast().id();
          if (some.getLast().name().equals("done")) {
            return events;
          }
        }
      }
    }
  }

  @Test
  @Tag("A-10")
  void devicesSeeTheSameReply() throws Exception {
    String url =
        guest.chat(Map.of("message", "[[chunks=60 interval=5]] all")).path("stream_url").asText();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<List<Event>>> devices = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        devices.add(threads.submit(() -> rest(url, null)));
      }
      List<Event> first = devices.getFirst().get();
      for (Future<List<Event>> device : devices) {
        assertThat(device.get()).isEqualTo(first);
      }
    }
  }

  @Test
  @Tag("A-02")
  void wrongCursorsAreRefusedAndUnknownOnesReset() {
    JsonNode mine = guest.chat(Map.of("message", "[[chunks=3 interval=2]] mine"));
    String url = mine.path("stream_url").asText();
    String reply = mine.path("reply_id").asText();
    List<Event> all = rest(url, null);
    Api other = Shared.guest();
    String foreign = other.chat(Map.of("message", "[[chunks=2]] x")).path("reply_id").asText();
    for (String wrong :
        List.of(
            "nonsense",
            "0",
            "-",
            ":",
            reply,
            reply + ":",
            reply + ":x-y",
            reply + ":01-1",
            reply + ":0-0",
            reply + ":1-1-1",
            foreign + ":1-1",
            "x".repeat(5_000))) {
      try (SseReader reader = guest.stream(url, wrong)) {
        assertThat(reader.status()).as(wrong).isEqualTo(400);
        assertThat(reader.problem().path("code").asText()).isEqualTo("bad_cursor");
      }
      try (SseReader reader = guest.stream("/chat/stream/" + guest.userId(), wrong)) {
        assertThat(reader.status()).as(wrong).isEqualTo(400);
      }
    }
    for (String future : List.of(reply + ":1-99999", reply + ":7-1")) {
      List<Event> events = rest(url, future);
      assertThat(events.getFirst().name()).isEqualTo("reset");
      assertThat(Api.fold(events)).isEqualTo(Api.fold(all));
      assertThat(events.getLast()).isEqualTo(all.getLast());
    }
  }

  @Test
  @Tag("A-02")
  void repliesOfOthersAreAbsent() {
    Api other = Shared.guest();
    JsonNode theirs = other.chat(Map.of("message", "[[chunks=2]] private"));
    assertThat(guest.get(theirs.path("stream_url").asText()).status()).isEqualTo(403);
    assertThat(
            guest
                .get(
                    "/chat/stream/"
                        + guest.userId()
                        + "?reply_id="
                        + theirs.path("reply_id").asText())
                .status())
        .isEqualTo(404);
    assertThat(guest.get("/replies/" + theirs.path("reply_id").asText()).status()).isEqualTo(404);
  }

  @Test
  @Tag("A-02")
  void aSilentStreamIsKeptOpenByHeartbeats() {
    String url =
        guest
            .chat(Map.of("message", "[[chunks=2 interval=1 first=1000]] slow"))
            .path("stream_url")
            .asText();
    try (SseReader reader = guest.stream(url, null)) {
      assertThat(reader.rest().getLast().name()).isEqualTo("done");
      assertThat(reader.comments()).isPositive();
    }
  }
}
