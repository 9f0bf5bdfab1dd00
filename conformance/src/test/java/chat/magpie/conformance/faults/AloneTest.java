package chat.magpie.conformance.faults;

import static org.awaitility.Awaitility.await;

import chat.magpie.conformance.faults.Deployment.Shape;
import chat.magpie.conformance.faults.Load.Plan;
import chat.magpie.conformance.faults.Verdict.Rules;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Faults of one node on its embedded defaults.
@Tag("A-09")
@Tag("A-19")
@Tag("A-21")
@Tag("M-04")
class AloneTest {
  /// A reply may be interrupted by every kill, and each restart takes its time.
  private static final Rules RULES = new Rules(Duration.ofMinutes(2), false);

  private static final Deployment deployment = Deployment.start(Shape.ALONE, Map.of());

  @AfterAll
  static void end() {
    deployment.close();
  }

  @BeforeEach
  void newRun() {
    deployment.newRun();
  }

  @Test
  void readersThatAreCutAtRandom() {
    FaultProxy link = deployment.node(0).link();
    long before = link.counts().cuts();
    link.cutRandomly(1, 4_000);
    link.slice(7);
    try (Load load = Load.start(deployment, new Plan(4, 0, "chunks=80 interval=5", 4), 1)) {
      await().atMost(Duration.ofMinutes(1)).until(() -> link.counts().cuts() - before > 200);
      load.stop();
      load.awaitEnd();
    } finally {
      link.restore();
    }
    deployment.journal().happened("links cut", link.counts().toString());
    deployment.assertKept(RULES);
  }

  @Test
  void theNodeIsKilledAgainAndAgain() {
    Random random = new Random(2);
    try (Load load = Load.start(deployment, new Plan(6, 0, "chunks=15 interval=10", 2), 2)) {
      for (int kill = 0; kill < 3; kill++) {
        load.awaitRead(load.read() + 1 + random.nextInt(6));
        load.awaitEvents(load.events() + random.nextInt(100));
        deployment.killWhileOwning(0, 1);
        deployment.restart(0);
      }
      load.stop();
      load.awaitEnd();
    }
    deployment.assertKept(RULES);
  }
}
