package chat.magpie.conformance.faults;

import static org.awaitility.Awaitility.await;

import chat.magpie.conformance.RedisServer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.Supplier;

/// Faults of all kinds, one after the other, as a seed will have them. Each one ends before the
/// next begins, and is in the journal with its proof.
final class Mischief {
  /// Ten times the lease of a node.
  private static final Duration LONG = Duration.ofSeconds(30);

  /// A Redis with replicas: its master now, and what makes it whole again.
  record Replicated(Supplier<RedisServer> master, Runnable heal) {}

  private final Deployment deployment;
  private final TakeOvers takeOvers;
  private final List<FaultKind> kinds;
  private final Optional<Replicated> replicated;
  private final Random random;

  /// @param kinds those that may happen; the ones of a Redis with replicas need one
  Mischief(
      Deployment deployment,
      TakeOvers takeOvers,
      Set<FaultKind> kinds,
      Optional<Replicated> replicated,
      long seed) {
    this.deployment = deployment;
    this.takeOvers = takeOvers;
    this.kinds = List.copyOf(kinds);
    this.replicated = replicated;
    this.random = new Random(seed);
  }

  /// Lets one fault happen and ends it; returns which.
  FaultKind next() throws InterruptedException {
    FaultKind kind = choose();
    strike(kind);
    return kind;
  }

  private FaultKind choose() {
    int at = random.nextInt(kinds.stream().mapToInt(FaultKind::weight).sum());
    for (FaultKind kind : kinds) {
      at -= kind.weight();
      if (at < 0) {
        return kind;
      }
    }
    throw new IllegalStateException();
  }

  private void strike(FaultKind kind) throws InterruptedException {
    int node = random.nextInt(deployment.nodes());
    Journal journal = deployment.journal();
    FaultProxy link = deployment.node(node).link();
    switch (kind) {
      case NODE_KILLED -> replace(node);
      case NODE_ENDED -> {
        deployment.terminate(node);
        deployment.restart(node);
      }
      case NODE_PAUSED -> {
        deployment.pause(node);
        pause(2_000, 8_000);
        deployment.resume(node);
      }
      case NODE_PAUSED_LONG -> {
        deployment.awaitOwned(node, 1);
        deployment.pause(node);
        Thread.sleep(LONG);
        deployment.resume(node);
      }
      case NODE_CUT_OFF -> {
        link.takeDown();
        pause(500, 3_000);
        link.restore();
        journal.happened("node cut off", link.counts().toString());
      }
      case READERS_CUT -> {
        link.cutRandomly(random.nextLong(), 3_000);
        pause(1_000, 3_000);
        link.restore();
        journal.happened("readers cut", link.counts().toString());
      }
      case READERS_SLICED -> {
        link.slice(1 + random.nextInt(10));
        link.delay(Duration.ofMillis(random.nextInt(20)));
        pause(1_000, 3_000);
        link.restore();
        journal.happened("readers sliced", link.counts().toString());
      }
      case REDIS_KILLED -> {
        journal.happened("redis killed", deployment.redis().kill());
        pause(0, 3_000);
        deployment.redis().restart();
      }
      case REDIS_STALLED -> {
        journal.happened("redis stalled", deployment.redis().pause());
        pause(500, 4_000);
        deployment.redis().resume();
      }
      case REDIS_EMPTIED -> journal.happened("redis emptied", deployment.redis().wipe());
      case REDIS_FULL -> {
        journal.happened("redis full", deployment.redis().full(true));
        pause(500, 3_000);
        deployment.redis().full(false);
      }
      case REDIS_EMPTIED_AND_NODE_KILLED -> {
        journal.happened("redis emptied", deployment.redis().wipe());
        replace(node);
      }
      case REDIS_LINK_CUT -> {
        deployment.redisLink().cut();
        journal.happened("redis link cut", deployment.redisLink().counts().toString());
      }
      case REDIS_LINK_SLOW -> {
        deployment.redisLink().delay(Duration.ofMillis(1 + random.nextInt(100)));
        deployment.redisLink().slice(1 + random.nextInt(50));
        pause(500, 3_000);
        deployment.redisLink().restore();
        journal.happened("redis link slow", deployment.redisLink().counts().toString());
      }
      case REDIS_LINK_DEAF -> {
        deployment.redisLink().blackHole(way());
        pause(500, 3_000);
        deployment.redisLink().restore();
        journal.happened("redis link deaf", deployment.redisLink().counts().toString());
      }
      case REDIS_MASTER_KILLED -> {
        RedisServer master = replicated.orElseThrow().master().get();
        master.kill();
        journal.happened("redis master killed", "runs: " + master.runs());
        awaitSuccessor(master);
        pause(500, 3_000);
        replicated.orElseThrow().heal().run();
      }
      case REDIS_MASTER_PAUSED -> {
        RedisServer master = replicated.orElseThrow().master().get();
        journal.happened("redis master paused", master.pause());
        awaitSuccessor(master);
        pause(500, 3_000);
        master.resume();
        replicated.orElseThrow().heal().run();
      }
      case SQL_RESTARTED -> {
        journal.happened("database down", deployment.sql().stop());
        pause(0, 3_000);
        deployment.sql().restart();
      }
      case SQL_LINK_CUT -> {
        deployment.sqlLink().cut();
        journal.happened("database link cut", deployment.sqlLink().counts().toString());
      }
      case SQL_LINK_SLOW -> {
        deployment.sqlLink().delay(Duration.ofMillis(1 + random.nextInt(50)));
        pause(500, 3_000);
        deployment.sqlLink().restore();
        journal.happened("database link slow", deployment.sqlLink().counts().toString());
      }
      case SQL_LINK_DEAF -> {
        deployment.sqlLink().blackHole(way());
        pause(500, 2_000);
        deployment.sqlLink().restore();
        journal.happened("database link deaf", deployment.sqlLink().counts().toString());
      }
    }
  }

  private void awaitSuccessor(RedisServer lost) {
    await()
        .atMost(Duration.ofSeconds(60))
        .ignoreExceptions()
        .until(() -> replicated.orElseThrow().master().get().port() != lost.port());
  }

  private void replace(int node) {
    deployment.kill(node);
    takeOvers.await(deployment.nodeId(node));
    deployment.restart(node);
  }

  private FaultProxy.Way way() {
    return random.nextBoolean() ? FaultProxy.Way.THERE : FaultProxy.Way.BACK;
  }

  /// Lets the fault last.
  private void pause(int least, int most) throws InterruptedException {
    Thread.sleep(least + random.nextInt(most - least));
  }
}
