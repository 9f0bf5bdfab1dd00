package chat.magpie.conformance.faults;

import static org.awaitility.Awaitility.await;

import chat.magpie.conformance.faults.Journal.Read;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// One reader of one reply, in the background.
final class Reader implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  private final FutureTask<Read> reading;
  private volatile int events;

  Reader(Recorder user, String reply) {
    reading =
        new FutureTask<>(
            () -> user.follow("reader", reply, Optional.empty(), count -> events = count));
    Thread.ofVirtual().name("reader").start(reading);
  }

  /// Waits until so many events have come.
  void awaitEvents(int count) {
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(5))
        .until(() -> events >= count || reading.isDone());
  }

  int events() {
    return events;
  }

  Read awaitEnd() {
    try {
      return reading.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (InterruptedException | ExecutionException | TimeoutException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    reading.cancel(true);
  }
}
