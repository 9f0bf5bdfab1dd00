package chat.magpie.bench;

import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// The loads that are put on a server, and what came of them. Each call blocks until its load is
/// over.
final class Loads {
  private static final int RELAY_INTERVAL = 20;
  private static final int SETTLE_MILLIS = 1000;
  private static final int CROWD_INTERVAL = 100;

  private final Reader reader;

  Loads(Reader reader) {
    this.reader = reader;
  }

  /// Times to first token in microseconds, and how many answers were not whole.
  record First(double p50, double p99, int answers, int failed) {
    static First of(Samples micros, int failed) {
      return new First(
          micros.percentile(50), micros.percentile(99), micros.size() + failed, failed);
    }
  }

  /// Readers that ask, read an answer of half a second to its end and ask again, out of step.
  First first(Target target, int readers, int millis) {
    Tally tally = new Tally();
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    List<Future<?>> all = new ArrayList<>();
    for (int i = 0; i < readers; i++) {
      all.add(
          reader.later(
              1 + 500L * i / readers,
              () -> again(target, tally, "[[chunks=10 interval=50]]", end)));
    }
    await(Future.join(all));
    return First.of(tally.micros, tally.failed);
  }

  private Future<?> again(Target target, Tally tally, String message, long end) {
    if (System.nanoTime() >= end) {
      return Future.succeededFuture();
    }
    return ask(target, tally, message, 10, new Window())
        .compose(_ -> reader.later(1, () -> again(target, tally, message, end)));
  }

  /// Chunks on their way: their ages in microseconds, and what they cost.
  record Relay(double p50, double p99, double cpuMicros, CommandCounts commands, int chunks) {
    double commandsPerChunk() {
      return (double) commands.total() / chunks;
    }
  }

  /// What is looked at while chunks flow.
  interface Probe {
    long cpuMillis();

    CommandCounts commands();
  }

  /// Readers of long answers with a chunk every 20 ms each; only the time counts in which all of
  /// them read.
  Relay relay(Target target, Probe probe, int readers, int millis) {
    int chunks = (millis + 2 * SETTLE_MILLIS) / RELAY_INTERVAL;
    String message = "[[chunks=" + chunks + " interval=" + RELAY_INTERVAL + "]]";
    Window window = new Window();
    Tally tally = new Tally();
    List<Future<?>> all = new ArrayList<>();
    for (int i = 0; i < readers; i++) {
      all.add(
          reader.later(
              1 + (long) RELAY_INTERVAL * i / readers,
              () -> ask(target, tally, message, chunks, window)));
    }
    Child.pause(SETTLE_MILLIS);
    CommandCounts commandsBefore = probe.commands();
    long cpuBefore = probe.cpuMillis();
    window.open();
    Child.pause(millis);
    window.close();
    long cpu = probe.cpuMillis() - cpuBefore;
    CommandCounts commands = probe.commands().since(commandsBefore);
    await(Future.join(all));
    if (tally.failed > 0) {
      IO.println("  " + tally.failed + " streams were not whole: " + tally.why);
    }
    int count = window.ages().size();
    return new Relay(
        window.ages().percentile(50),
        window.ages().percentile(99),
        1000.0 * cpu / count,
        commands,
        count);
  }

  /// Many readers that come in the same moment for ten chunks a second each.
  First crowd(Target target, int readers, int chunks) {
    String message = "[[chunks=" + chunks + " interval=" + CROWD_INTERVAL + "]]";
    Tally tally = new Tally();
    List<Future<?>> all = new ArrayList<>();
    for (int i = 0; i < readers; i++) {
      all.add(reader.later(1, () -> ask(target, tally, message, chunks, new Window())));
    }
    await(Future.join(all));
    if (tally.failed > 0) {
      IO.println("  " + tally.failed + " streams were not whole: " + tally.why);
    }
    return First.of(tally.micros, tally.failed);
  }

  /// What the answers of a load come to; used on the event loop.
  private static final class Tally {
    final Samples micros = new Samples();
    int failed;
    String why = "";
  }

  private static Future<?> ask(
      Target target, Tally tally, String message, int chunks, Window window) {
    return target
        .ask(message, new Take(window, 0, 0))
        .transform(result -> {
          if (result.succeeded() && result.result().complete(chunks)) {
            tally.micros.add(result.result().firstMicros());
          } else {
            tally.failed++;
            tally.why = result.succeeded() ? result.result().toString() : result.cause().toString();
          }
          return Future.succeededFuture();
        });
  }

  static <T> T await(Future<T> future) {
    try {
      return future.toCompletionStage().toCompletableFuture().get(5, TimeUnit.MINUTES);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    } catch (ExecutionException | TimeoutException e) {
      throw new IllegalStateException(e);
    }
  }
}
