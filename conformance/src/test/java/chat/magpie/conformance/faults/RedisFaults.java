package chat.magpie.conformance.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.magpie.conformance.faults.Deployment.Relay;
import chat.magpie.conformance.faults.Deployment.Shape;
import chat.magpie.conformance.faults.Deployment.Sql;
import chat.magpie.conformance.faults.Journal.Read;
import chat.magpie.conformance.faults.Journal.Sent;
import chat.magpie.conformance.faults.Load.Plan;
import chat.magpie.conformance.faults.Verdict.Rules;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// Redis killed, stalled, filled, emptied and hard to reach, under one node that lives on: readers
/// notice nothing but a pause, and the log is whole again afterwards.
@Tag("A-19")
@Tag("D-07")
@Tag("D-08")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class RedisFaults {
  private static final Rules RULES = new Rules(Duration.ofMinutes(1), false);
  private static final Plan STEADY = new Plan(5, 1, "chunks=150 interval=20", 2);

  private final Deployment deployment;

  RedisFaults(Relay relay) {
    deployment = Deployment.start(new Shape(Sql.SQLITE, relay, 1), Map.of());
  }

  @AfterAll
  void end() {
    deployment.close();
  }

  @BeforeEach
  void newRun() {
    deployment.newRun();
  }

  private interface Fault {
    void strike(Load load) throws Exception;
  }

  /// Lets the fault strike replies that are under way, and sees that they end as if nothing had
  /// been.
  private void under(Fault fault) throws Exception {
    try (Load load = Load.start(deployment, STEADY, 7)) {
      load.awaitBegun(10);
      fault.strike(load);
      load.awaitEnd();
    }
    deployment.assertKept(RULES);
    assertThat(deployment.journal().read()).hasSize(10).allSatisfy(RedisFaults::assertUnbroken);
    assertThat(deployment.journal().faults()).isNotEmpty();
    awaitHealthy();
    assertLogsWhole();
  }

  /// 150 pieces and the end, none of them again and none anew.
  private static void assertUnbroken(Read read) {
    assertThat(read.resets()).isZero();
    assertThat(read.ids()).hasSize(151);
  }

  /// The owner has given Redis whatever it missed.
  private void assertLogsWhole() {
    await()
        .atMost(Duration.ofSeconds(10))
        .untilAsserted(() -> {
          Map<String, List<LogLine>> logs = deployment.logs();
          for (Read read : deployment.journal().read()) {
            assertThat(logs).containsKey(read.reply());
            assertThat(logs.get(read.reply()))
                .extracting(LogLine::position)
                .startsWith("1-0", "1-1")
                .hasSize(152);
          }
        });
  }

  /// A new reply is not degraded any more.
  private void awaitHealthy() {
    Recorder user =
        Recorder.guest(deployment.journal(), deployment.onlyNode(0), Duration.ofSeconds(10));
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> {
          String text = "[[chunks=2 interval=1]] healthy again? " + System.nanoTime();
          Sent sent = user.say(text, text);
          String reply = sent.acks().getFirst().reply();
          deployment.settled(Duration.ofSeconds(10));
          return deployment.stored().replies().stream()
              .anyMatch(r -> r.id().equals(reply) && r.degraded().isEmpty());
        });
  }

  @Test
  void killedAndStartedAgain() throws Exception {
    under(load -> {
      deployment.journal().happened("redis killed", deployment.redis().kill());
      load.awaitEvents(load.events() + 100);
      deployment.redis().restart();
    });
  }

  @Test
  void stalled() throws Exception {
    under(load -> {
      deployment.journal().happened("redis stalled", deployment.redis().pause());
      int before = load.events();
      load.awaitEvents(before + 300);
      deployment.redis().resume();
    });
    assertThat(deployment.journal().read())
        .allSatisfy(read -> assertThat(read.longestSilenceMillis()).isLessThan(2_000));
  }

  @Test
  void full() throws Exception {
    try {
      under(load -> {
        deployment.journal().happened("redis full", deployment.redis().full(true));
        load.awaitEvents(load.events() + 300);
        deployment.redis().full(false);
      });
    } finally {
      deployment.redis().full(false);
    }
  }

  @Test
  void emptied() throws Exception {
    under(load -> {
      deployment.journal().happened("redis emptied", deployment.redis().wipe());
      load.awaitEvents(load.events() + 100);
      deployment.journal().happened("redis emptied", deployment.redis().wipe());
    });
  }

  @Test
  void theLinkIsSlowAndThin() throws Exception {
    under(load -> {
      deployment.redisLink().delay(Duration.ofMillis(30));
      deployment.redisLink().slice(5);
      load.awaitEvents(load.events() + 300);
      FaultProxy.Counts counts = deployment.redisLink().counts();
      deployment.redisLink().restore();
      assertThat(counts.delayed()).isGreaterThan(20);
      assertThat(counts.sliced()).isGreaterThan(20);
      deployment.journal().happened("link slow", counts.toString());
    });
  }

  @Test
  void theLinkIsCutAgainAndAgain() throws Exception {
    under(load -> {
      long before = deployment.redisLink().counts().cuts();
      for (int cut = 0; cut < 5; cut++) {
        load.awaitEvents(load.events() + 50);
        // Each time there has to be something to cut.
        await().pollInterval(Duration.ofMillis(1)).until(() -> deployment.redisLink().open() > 0);
        deployment.redisLink().cut();
      }
      FaultProxy.Counts counts = deployment.redisLink().counts();
      assertThat(counts.cuts() - before).isGreaterThanOrEqualTo(5);
      deployment.journal().happened("link cut", counts.toString());
    });
  }

  @Test
  void nothingComesBack() throws Exception {
    under(load -> {
      long before = deployment.redisLink().counts().swallowed();
      deployment.redisLink().blackHole(FaultProxy.Way.BACK);
      load.awaitEvents(load.events() + 300);
      FaultProxy.Counts counts = deployment.redisLink().counts();
      deployment.redisLink().restore();
      assertThat(counts.swallowed()).isGreaterThan(before);
      deployment.journal().happened("link deaf", counts.toString());
    });
  }

  @Test
  @Tag("A-09")
  void emptiedAndTheOwnerKilledWithinASecond() {
    try (Load load = Load.start(deployment, STEADY, 8)) {
      load.awaitBegun(10);
      deployment.journal().happened("redis emptied", deployment.redis().wipe());
      deployment.kill(0);
      deployment.restart(0);
      load.awaitEnd();
    }
    deployment.assertKept(RULES);
    List<Integer> resets = deployment.journal().read().stream().map(Read::resets).toList();
    assertThat(resets).hasSize(10).allMatch(count -> count == 1);
  }
}
