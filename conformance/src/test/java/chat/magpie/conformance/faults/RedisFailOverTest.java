package chat.magpie.conformance.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.magpie.conformance.RedisCluster;
import chat.magpie.conformance.RedisServer;
import chat.magpie.conformance.SentinelSet;
import chat.magpie.conformance.faults.Deployment.Relay;
import chat.magpie.conformance.faults.Deployment.Shape;
import chat.magpie.conformance.faults.Deployment.Sql;
import chat.magpie.conformance.faults.Load.Plan;
import chat.magpie.conformance.faults.Verdict.Rules;
import java.time.Duration;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Three nodes on a Redis that has replicas: its master is killed under load, then the owner of
/// replies, then a master that is paused until it has been replaced goes on.
@Tag("A-09")
@Tag("A-11")
@Tag("A-19")
@Tag("D-09")
@Tag("M-01")
class RedisFailOverTest {
  private static final Rules RULES = new Rules(Duration.ofMinutes(2), false);

  @Test
  void behindSentinels() {
    try (SentinelSet redis = SentinelSet.start()) {
      mastersAndAnOwnerAreLost(redis.url(), redis::master, redis::heal);
    }
  }

  @Test
  void inACluster() {
    try (RedisCluster redis = RedisCluster.start()) {
      mastersAndAnOwnerAreLost(redis.url(), () -> redis.master("reply:{b7}:any"), redis::heal);
    }
  }

  private static void mastersAndAnOwnerAreLost(
      String url, Supplier<RedisServer> master, Runnable heal) {
    try (Deployment deployment =
        Deployment.start(new Shape(Sql.POSTGRES, Relay.EMBEDDED, 3), Map.of("REDIS_URL", url))) {
      TakeOvers takeOvers = deployment.takeOvers();
      try (Load load = Load.start(deployment, new Plan(9, 0, "chunks=60 interval=50", 2), 8)) {
        load.awaitEvents(200);
        RedisServer killed = master.get();
        killed.kill();
        deployment.journal().happened("redis master killed", "runs: " + killed.runs());
        load.awaitEvents(load.events() + 300);
        heal.run();

        deployment.killWhileOwning(0, 2);
        assertThat(takeOvers.await(deployment.nodeId(0))).isPositive();
        deployment.restart(0);

        RedisServer stale = master.get();
        stale.pause();
        await()
            .atMost(Duration.ofSeconds(30))
            .ignoreExceptions()
            .until(() -> master.get().port() != stale.port());
        RedisServer successor = master.get();
        // The owners write to the new one before the old one goes on.
        load.awaitEvents(load.events() + 600);
        stale.resume();
        deployment.journal().happened("redis master replaced", "now " + successor.address());
        load.awaitEvents(load.events() + 200);
        heal.run();

        load.stop();
        load.awaitEnd();
      }
      deployment.assertKept(RULES);
    }
  }
}
