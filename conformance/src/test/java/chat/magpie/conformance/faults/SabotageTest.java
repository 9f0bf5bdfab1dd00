package chat.magpie.conformance.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.magpie.conformance.faults.Deployment.Relay;
import chat.magpie.conformance.faults.Deployment.Shape;
import chat.magpie.conformance.faults.Deployment.Sql;
import chat.magpie.conformance.faults.Journal.Sent;
import chat.magpie.conformance.faults.Load.Plan;
import chat.magpie.conformance.faults.SabotageAgent.Sabotage;
import chat.magpie.conformance.faults.Verdict.Rules;
import chat.magpie.conformance.faults.Verdict.Violation;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// The judge finds what a server with a broken promise does, under the fault that brings it to
/// light, and has nothing to say about the same fault on the server as it is.
@Tag("A-19")
class SabotageTest {
  private static final Rules RULES = new Rules(Duration.ofMinutes(1), true);

  private interface Scenario {
    void play(Deployment deployment);
  }

  private static void assertCaught(
      Shape shape, Sabotage sabotage, int rule, String what, Scenario scenario) {
    try (Deployment deployment = Deployment.start(shape, Map.of())) {
      scenario.play(deployment);
      deployment.assertKept(RULES);
    }
    try (Deployment deployment = Deployment.start(shape, Saboteur.breaking(sabotage))) {
      scenario.play(deployment);
      List<Violation> found = deployment.judge(RULES);
      assertThat(deployment.node(0).process().output())
          .contains("SABOTAGED chat/magpie/")
          .doesNotContain("SABOTAGE FAILED");
      assertThat(found)
          .as(deployment.node(0).process().folder().toString())
          .anySatisfy(violation -> {
            assertThat(violation.rule()).isEqualTo(rule);
            assertThat(violation.what()).contains(what);
          });
    }
  }

  /// An answer whose first acknowledgement is lost on its way is sent again with the same key.
  @Test
  void aRetryThatIsTakenForANewMessage() {
    assertCaught(
        Shape.ALONE,
        Sabotage.NO_IDEMPOTENCY,
        1,
        "stored 2 times",
        deployment -> {
          Recorder user =
              Recorder.guest(deployment.journal(), deployment.onlyNode(0), Duration.ofSeconds(30));
          FaultProxy link = deployment.node(0).link();
          link.cutAfter(1);
          assertThat(user.sendOnce("key", "[[chunks=3]] once").status()).isZero();
          await()
              .atMost(Duration.ofSeconds(10))
              .until(() -> deployment.stored().turns().size() == 1);
          link.restore();
          Sent sent = user.say("key", "[[chunks=3]] once");
          user.follow("reader", sent.acks().getFirst().reply());
        });
  }

  /// While commits take their time, whoever sees the end looks for the answer at once.
  @Test
  void anEndThatIsShownBeforeItsCommit() {
    assertCaught(
        new Shape(Sql.POSTGRES, Relay.EMBEDDED, 1),
        Sabotage.CLOSED_BEFORE_COMMIT,
        3,
        "saw the end before the answer was stored",
        deployment -> {
          try (Load load = Load.start(deployment, new Plan(3, 1, "chunks=10 interval=20", 1), 1)) {
            load.awaitEvents(6);
            deployment.sqlLink().delay(Duration.ofMillis(30));
            load.awaitEnd();
          }
          deployment.sqlLink().restore();
        });
  }

  /// What the node sends to Redis is swallowed for a moment, and then the node is killed.
  @Test
  void aChunkThatIsShownBeforeTheLogHasIt() {
    assertCaught(
        new Shape(Sql.SQLITE, Relay.AOF, 1),
        Sabotage.SHOWN_BEFORE_LOGGED,
        3,
        "which its log does not have",
        deployment -> {
          Recorder user =
              Recorder.guest(deployment.journal(), deployment.onlyNode(0), Duration.ofSeconds(60));
          Sent sent = user.say("key", "[[chunks=200 interval=10]] go");
          String reply = sent.acks().getFirst().reply();
          try (Reader reader = new Reader(user, reply)) {
            reader.awaitEvents(50);
            FaultProxy link = deployment.redisLink();
            link.blackHole(FaultProxy.Way.THERE);
            await()
                .atMost(Duration.ofSeconds(5))
                .pollInterval(Duration.ofMillis(5))
                .until(() -> link.counts().swallowed() > 1_000);
            deployment.kill(0);
            link.restore();
            deployment.restart(0);
            reader.awaitEnd();
          }
        });
  }

  /// The owner stands still until another has taken its reply over, and goes on while that one is
  /// still at it.
  @Test
  @Tag("M-01")
  void aZombieThatIsNotRefused() {
    assertCaught(
        new Shape(Sql.POSTGRES, Relay.AOF, 2),
        Sabotage.NO_FENCING,
        4,
        "log and store differ",
        deployment -> {
          Recorder user =
              Recorder.guest(deployment.journal(), deployment.onlyNode(0), Duration.ofSeconds(60));
          Sent sent = user.say("key", "[[chunks=300 interval=30]] go");
          String reply = sent.acks().getFirst().reply();
          try (Reader reader = new Reader(user.elsewhere(deployment.onlyNode(1)), reply)) {
            reader.awaitEvents(20);
            deployment.pause(0);
            awaitLogged(deployment, reply, "2-3");
            // By now the model has said to the first owner what there is to say.
            awaitLogged(deployment, reply, "2-150");
            deployment.resume(0);
            reader.awaitEnd();
          }
        });
  }

  private static void awaitLogged(Deployment deployment, String reply, String position) {
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() ->
            deployment.logs().getOrDefault(reply, List.of()).stream()
                .anyMatch(line -> line.position().equals(position)));
  }
}
