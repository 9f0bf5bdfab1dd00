package chat.magpie.conformance;

import static org.awaitility.Awaitility.await;

import chat.magpie.conformance.client.Api;
import chat.magpie.conformance.client.SseReader;
import chat.magpie.conformance.client.SseReader.Event;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A reader of one reply that comes back with its last id, however often the stream is cut, until
/// the reply has ended. It reads in the background.
final class Follower {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration PAUSE = Duration.ofMillis(50);

  private final Api api;
  private final String url;
  private final List<Event> events = new ArrayList<>();
  private final FutureTask<List<Event>> reading = new FutureTask<>(this::read);
  private @Nullable String last;

  private Follower(Api api, String url) {
    this.api = api;
    this.url = url;
  }

  static Follower of(Api api, String url) {
    Follower follower = new Follower(api, url);
    Thread.ofVirtual().name("follower").start(follower.reading);
    return follower;
  }

  /// Waits until so many events have come.
  void awaitEvents(int count) {
    await().atMost(PATIENCE).pollInterval(Duration.ofMillis(5)).until(() -> count() >= count);
  }

  synchronized int count() {
    return events.size();
  }

  /// All events until the end of the reply.
  List<Event> awaitEnd() throws Exception {
    return reading.get(2 * PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }

  private List<Event> read() {
    await().atMost(PATIENCE).pollDelay(Duration.ZERO).pollInterval(PAUSE).until(this::readOnce);
    synchronized (this) {
      return List.copyOf(events);
    }
  }

  /// Reads until the stream ends; true where the reply has ended too.
  private boolean readOnce() {
    try (SseReader reader = api.stream(url, last)) {
      if (reader.status() == 503) {
        return false;
      }
      if (reader.status() != 200) {
        throw new IllegalStateException(reader.status() + " " + reader.problem());
      }
      for (Optional<Event> next = reader.next(); next.isPresent(); next = reader.next()) {
        Event event = next.get();
        synchronized (this) {
          events.add(event);
        }
        last = event.id();
        if (event.name().equals("done") || event.name().equals("error")) {
          return true;
        }
      }
      return false;
    } catch (UncheckedIOException away) {
      return false;
    }
  }
}
