package chat.magpie.conformance.faults;

import chat.magpie.conformance.faults.Journal.Sent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/// Users that send one message after the other and read every answer with several readers, on
/// whichever node comes up.
public final class Load implements AutoCloseable {
  /// What the users do.
  ///
  /// @param messages of each user; endless where 0
  /// @param directives for the model, such as `chunks=20 interval=10`
  /// @param readers of each reply; all but the first go away now and then
  public record Plan(int users, int messages, String directives, int readers) {}

  private static final Duration PATIENCE = Duration.ofMinutes(1);

  /// As many events as show that a reply is well under way.
  private static final int BEGUN = 3;

  private static final AtomicInteger RUN = new AtomicInteger();

  private final Deployment deployment;
  private final Plan plan;
  private final long seed;
  private final int run = RUN.incrementAndGet();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final List<Future<?>> users = new ArrayList<>();
  private final AtomicInteger acknowledged = new AtomicInteger();
  private final AtomicInteger read = new AtomicInteger();
  private final AtomicInteger events = new AtomicInteger();
  private final AtomicInteger begun = new AtomicInteger();
  private final AtomicBoolean over = new AtomicBoolean();

  private Load(Deployment deployment, Plan plan, long seed) {
    this.deployment = deployment;
    this.plan = plan;
    this.seed = seed;
  }

  /// Starts all users; everything that is chance comes from the seed.
  public static Load start(Deployment deployment, Plan plan, long seed) {
    Load load = new Load(deployment, plan, seed);
    for (int user = 0; user < plan.users(); user++) {
      int number = user;
      load.users.add(load.threads.submit(() -> load.user(number)));
    }
    return load;
  }

  private Void user(int number) throws InterruptedException, ExecutionException {
    long own = seed * 1_000 + number;
    Recorder user = Recorder.guest(deployment.journal(), deployment.anyNode(own), PATIENCE);
    for (int i = 0; !over.get() && (plan.messages() == 0 || i < plan.messages()); i++) {
      String text = "[[" + plan.directives() + "]] run " + run + " user " + number + " says " + i;
      Sent sent = user.say("m" + i, text);
      if (sent.acks().isEmpty()) {
        continue;
      }
      acknowledged.incrementAndGet();
      List<Future<?>> readers = new ArrayList<>();
      for (int reader = 0; reader < plan.readers(); reader++) {
        String name = "run " + run + " user " + number + " reader " + reader;
        Optional<Random> cuts =
            reader == 0 ? Optional.empty() : Optional.of(new Random(own + 31L * i + reader));
        readers.add(
            threads.submit(
                () -> user.follow(name, sent.acks().getFirst().reply(), cuts, this::came)));
      }
      for (Future<?> reader : readers) {
        reader.get();
      }
      read.incrementAndGet();
    }
    return null;
  }

  private void came(int count) {
    events.incrementAndGet();
    if (count == BEGUN) {
      begun.incrementAndGet();
    }
  }

  /// Waits until so many readers have each read some pieces of their reply.
  public void awaitBegun(int count) {
    awaitCount(begun, count);
  }

  /// Waits until so many messages have been acknowledged.
  public void awaitAcknowledged(int count) {
    awaitCount(acknowledged, count);
  }

  /// Waits until so many events have been read, by all readers together.
  public void awaitEvents(int count) {
    awaitCount(events, count);
  }

  /// Waits until so many replies have been read to their end by all of their readers.
  public void awaitRead(int count) {
    awaitCount(read, count);
  }

  public int acknowledged() {
    return acknowledged.get();
  }

  public int events() {
    return events.get();
  }

  public int read() {
    return read.get();
  }

  private static void awaitCount(AtomicInteger counter, int count) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (counter.get() < count) {
      if (System.nanoTime() > deadline) {
        throw new IllegalStateException("only " + counter.get() + " of " + count);
      }
      try {
        Thread.sleep(1);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException(e);
      }
    }
  }

  /// Lets nobody begin another message.
  public void stop() {
    over.set(true);
  }

  /// Waits until every user has read its last answer.
  public void awaitEnd() {
    try {
      for (Future<?> user : users) {
        user.get(3 * PATIENCE.toSeconds(), TimeUnit.SECONDS);
      }
    } catch (InterruptedException | ExecutionException | TimeoutException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    stop();
    threads.shutdownNow();
  }
}
