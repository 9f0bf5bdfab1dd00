package chat.magpie.conformance.faults;

import java.time.Duration;
import java.util.Random;

/// Faults of all kinds, one after the other, as a seed will have them. Each one ends before the
/// next begins, and is in the journal with its proof.
final class Mischief {
  /// The kinds, each as likely as its number says.
  private enum Kind {
    NODE_KILLED(5),
    NODE_ENDED(2),
    NODE_PAUSED(3),
    NODE_CUT_OFF(3),
    READERS_CUT(4),
    READERS_SLICED(2),
    REDIS_KILLED(2),
    REDIS_STALLED(2),
    REDIS_EMPTIED(2),
    REDIS_FULL(1),
    REDIS_EMPTIED_AND_NODE_KILLED(1),
    REDIS_LINK_CUT(3),
    REDIS_LINK_SLOW(2),
    REDIS_LINK_DEAF(1),
    SQL_RESTARTED(1),
    SQL_LINK_CUT(3),
    SQL_LINK_SLOW(2),
    SQL_LINK_DEAF(1);

    private final int weight;

    Kind(int weight) {
      this.weight = weight;
    }
  }

  private final Deployment deployment;
  private final TakeOvers takeOvers;
  private final Random random;

  Mischief(Deployment deployment, TakeOvers takeOvers, long seed) {
    this.deployment = deployment;
    this.takeOvers = takeOvers;
    this.random = new Random(seed);
  }

  /// Lets one fault happen and ends it; returns its name.
  String next() throws InterruptedException {
    Kind kind = choose();
    strike(kind);
    return kind.name();
  }

  private Kind choose() {
    int all = 0;
    for (Kind kind : Kind.values()) {
      all += kind.weight;
    }
    int at = random.nextInt(all);
    for (Kind kind : Kind.values()) {
      at -= kind.weight;
      if (at < 0) {
        return kind;
      }
    }
    throw new IllegalStateException();
  }

  private void strike(Kind kind) throws InterruptedException {
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
