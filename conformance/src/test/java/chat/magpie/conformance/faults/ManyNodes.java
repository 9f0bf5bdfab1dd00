package chat.magpie.conformance.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.magpie.conformance.faults.Deployment.Shape;
import chat.magpie.conformance.faults.Journal.Ending;
import chat.magpie.conformance.faults.Journal.Read;
import chat.magpie.conformance.faults.Journal.Sent;
import chat.magpie.conformance.faults.Load.Plan;
import chat.magpie.conformance.faults.Verdict.Rules;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// Three nodes on one database and one Redis: any node takes a message, serves a reader and stops a
/// reply, and the loss of one is a pause for those who read what it was making.
@Tag("A-09")
@Tag("A-11")
@Tag("A-19")
@Tag("A-21")
@Tag("M-01")
@Tag("M-04")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class ManyNodes {
  private static final Rules RULES = new Rules(Duration.ofMinutes(2), false);
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration TAKE_OVER = Duration.ofSeconds(5);
  private static final Duration HAND_OVER = Duration.ofSeconds(20);

  private static final int KILLS = 6;

  private final Deployment deployment;

  ManyNodes(Shape shape) {
    deployment = Deployment.start(shape, Map.of());
  }

  @AfterAll
  void end() {
    deployment.close();
  }

  @BeforeEach
  void newRun() {
    deployment.newRun();
  }

  /// Whatever a failed test left behind.
  @AfterEach
  void restore() {
    deployment.healNodes();
  }

  private Recorder guest(int node) {
    return Recorder.guest(deployment.journal(), deployment.onlyNode(node), PATIENCE);
  }

  private static String reply(Sent sent) {
    return sent.acks().getFirst().reply();
  }

  @Test
  @Tag("A-10")
  void readersAreCutAndComeBackAnywhere() {
    for (int i = 0; i < deployment.nodes(); i++) {
      deployment.node(i).link().cutRandomly(i, 4_000);
      deployment.node(i).link().slice(7);
    }
    long before = cuts();
    try (Load load = Load.start(deployment, new Plan(4, 0, "chunks=80 interval=10", 4), 1)) {
      await().atMost(Duration.ofMinutes(2)).until(() -> cuts() - before > 200);
      load.stop();
      load.awaitEnd();
    } finally {
      deployment.healNodes();
    }
    int connections = deployment.journal().read().stream().mapToInt(Read::connections).sum();
    assertThat(connections).isGreaterThan(deployment.journal().read().size());
    deployment.assertKept(deployment.rulesWithLogs(RULES.deadline()));
  }

  private long cuts() {
    return IntStream.range(0, deployment.nodes())
        .mapToLong(i -> deployment.node(i).link().counts().cuts())
        .sum();
  }

  @Test
  void theOwnerIsKilled() {
    Random random = new Random(2);
    TakeOvers takeOvers = deployment.takeOvers();
    try (Load load = Load.start(deployment, new Plan(12, 0, "chunks=40 interval=50", 2), 2)) {
      for (int kill = 0; kill < KILLS; kill++) {
        int node = kill % deployment.nodes();
        load.awaitEvents(load.events() + 200 + random.nextInt(200));
        deployment.killWhileOwning(node, 2);
        assertThat(takeOvers.await(deployment.nodeId(node))).isPositive();
        deployment.restart(node);
      }
      load.stop();
      load.awaitEnd();
    }
    deployment.assertKept(deployment.rulesWithLogs(RULES.deadline()));
    List<Duration> taken = takeOvers.sorted();
    assertThat(taken).hasSizeGreaterThanOrEqualTo(KILLS);
    assertThat(TakeOvers.percentile(taken, 95)).isLessThanOrEqualTo(TAKE_OVER);
  }

  @Test
  @Tag("M-12")
  void nodesAreReplacedOneAfterTheOther() {
    try (Load load = Load.start(deployment, new Plan(12, 0, "chunks=40 interval=50", 2), 3)) {
      for (int node = 0; node < deployment.nodes(); node++) {
        load.awaitRead(load.read() + 3);
        deployment.awaitOwned(node, 1);
        assertThat(deployment.terminate(node)).isLessThan(HAND_OVER);
        deployment.restart(node);
      }
      load.awaitRead(load.read() + 3);
      load.stop();
      load.awaitEnd();
    }
    deployment.assertKept(deployment.rulesWithLogs(RULES.deadline()));
    assertThat(deployment.journal().read()).extracting(Read::ending).containsOnly(Ending.DONE);
  }

  @Test
  void aPausedOwnerIsRefusedWhenItGoesOn() {
    Recorder user = guest(0);
    String reply = reply(user.say("zombie", "[[chunks=200 interval=40]] a paused owner"));
    try (Reader here = new Reader(user, reply);
        Reader there = new Reader(user.elsewhere(deployment.onlyNode(1)), reply)) {
      there.awaitEvents(20);
      deployment.pause(0);
      TakeOvers takeOvers = deployment.takeOvers();
      assertThat(takeOvers.await(deployment.nodeId(0))).isEqualTo(1);
      there.awaitEvents(60);
      deployment.resume(0);
      assertThat(there.awaitEnd().ending()).isEqualTo(Ending.DONE);
      assertThat(here.awaitEnd().ending()).isEqualTo(Ending.DONE);
    }
    deployment.assertKept(deployment.rulesWithLogs(RULES.deadline()));
  }

  @Test
  void aReplyIsStoppedFromAnotherNode() throws IOException {
    Recorder user = guest(0);
    String reply = reply(user.say("endless", "[[chunks=3000 interval=20]] stop me elsewhere"));
    try (Reader reader = new Reader(user.elsewhere(deployment.onlyNode(1)), reply)) {
      reader.awaitEvents(10);
      long asked = System.nanoTime();
      Wire.Answer stopped =
          Wire.exchange(
              deployment.node(2).link().port(),
              Duration.ofSeconds(5),
              "POST",
              "/chat/stop/" + user.user(),
              user.token(),
              "{}");
      assertThat(stopped.status()).isEqualTo(200);
      reader.awaitEnd();
      assertThat(Duration.ofNanos(System.nanoTime() - asked)).isLessThan(Duration.ofSeconds(3));
    }
    deployment.assertKept(deployment.rulesWithLogs(RULES.deadline()));
    assertThat(deployment.stored().replies())
        .anyMatch(r -> r.id().equals(reply) && r.status().equals("STOPPED"));
  }

  @Test
  void aHundredRetriesAreOneTurn() throws Exception {
    Recorder user = guest(0);
    List<Integer> statuses = new ArrayList<>();
    List<String> turns = new ArrayList<>();
    String text = "[[chunks=5]] a hundred times";
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Recorder[] devices = new Recorder[deployment.nodes()];
      for (int node = 0; node < devices.length; node++) {
        devices[node] = user.elsewhere(deployment.onlyNode(node));
      }
      List<Future<Wire.Answer>> answers = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        String sent = i % 10 == 7 ? text + " changed" : text;
        Recorder device = devices[i % devices.length];
        answers.add(threads.submit(() -> device.sendOnce("again", sent)));
      }
      for (Future<Wire.Answer> answer : answers) {
        statuses.add(answer.get().status());
        turns.add(answer.get().json().path("turn_id").asText());
      }
    }
    long accepted = statuses.stream().filter(status -> status == 202).count();
    assertThat(statuses).containsOnly(202, 422);
    // Whichever body came first is the one.
    assertThat(accepted).isIn(10L, 90L);
    assertThat(turns.stream().filter(turn -> !turn.isEmpty()).distinct()).hasSize(1);
    Sent sent = user.say("again", accepted == 90 ? text : text + " changed");
    user.follow("reader", reply(sent));
    deployment.assertKept(deployment.rulesWithLogs(RULES.deadline()));
    assertThat(
            deployment.stored().turns().stream()
                .filter(turn -> turn.user().equals(user.user()))
                .count())
        .isEqualTo(1);
  }

  @Test
  @Tag("A-10")
  void twoDevicesSendAtOnce() throws Exception {
    Recorder phone = guest(0);
    Recorder desk = phone.elsewhere(deployment.onlyNode(1));
    reply(phone.say("hello", "[[chunks=2]] two devices say hello"));
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Sent>> sent = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        Recorder device = i % 2 == 0 ? phone : desk;
        String text = "[[chunks=3 interval=5]] two devices at once " + i;
        sent.add(threads.submit(() -> device.say(text, text)));
      }
      for (Future<Sent> message : sent) {
        String reply = reply(message.get());
        phone.follow("phone", reply);
        desk.follow("desk", reply);
      }
    }
    deployment.assertKept(deployment.rulesWithLogs(RULES.deadline()));
    assertThat(messages(phone, 0)).isEqualTo(messages(phone, 1)).isEqualTo(messages(phone, 2));
  }

  private String messages(Recorder user, int node) throws IOException {
    String conversation =
        deployment.stored().turns().stream()
            .filter(turn -> turn.user().equals(user.user()))
            .findFirst()
            .orElseThrow()
            .conversation();
    Wire.Answer answer =
        Wire.exchange(
            deployment.node(node).link().port(),
            Duration.ofSeconds(5),
            "GET",
            "/conversations/" + conversation + "/messages?limit=100",
            user.token(),
            null);
    assertThat(answer.status()).isEqualTo(200);
    return answer.text();
  }

  @Test
  void redisIsEmptiedAndTheOwnerKilledWithinASecond() {
    Recorder user = guest(0);
    // The next owner has to wait for its first word, too, while the reader keeps the old text.
    String text = "[[chunks=100 interval=40 first=1500]] wiped and killed";
    String reply = reply(user.say("wiped", text));
    try (Reader reader = new Reader(user.elsewhere(deployment.onlyNode(1)), reply)) {
      reader.awaitEvents(20);
      deployment.journal().happened("redis emptied", deployment.redis().wipe());
      deployment.kill(0);
      deployment.takeOvers().await(deployment.nodeId(0));
      assertThat(reader.awaitEnd().resets()).isEqualTo(1);
    }
    deployment.restart(0);
    deployment.assertKept(RULES);
  }

  @Test
  @Tag("D-08")
  void redisIsKilledUnderLoad() {
    try (Load load = Load.start(deployment, new Plan(8, 2, "chunks=60 interval=30", 2), 5)) {
      load.awaitEvents(200);
      deployment.journal().happened("redis killed", deployment.redis().kill());
      int before = load.events();
      load.awaitEvents(before + 50);
      deployment.redis().restart();
      load.awaitEnd();
    }
    deployment.assertKept(RULES);
  }

  @Test
  void theDatabaseIsStartedAgainUnderLoad() {
    try (Load load = Load.start(deployment, new Plan(8, 0, "chunks=30 interval=20", 2), 6)) {
      load.awaitRead(5);
      deployment.journal().happened("database down", deployment.sql().stop());
      deployment.sql().restart();
      load.awaitRead(load.read() + 10);
      load.stop();
      load.awaitEnd();
    }
    deployment.assertKept(RULES);
  }

  /// A node that reaches nobody is replaced, and its readers find the answer elsewhere.
  @Test
  void aNodeIsCutOffFromItsClients() {
    try (Load load = Load.start(deployment, new Plan(8, 0, "chunks=30 interval=20", 2), 7)) {
      load.awaitRead(5);
      FaultProxy link = deployment.node(1).link();
      await().pollInterval(Duration.ofMillis(1)).until(() -> link.open() > 0);
      link.takeDown();
      load.awaitRead(load.read() + 10);
      link.restore();
      load.stop();
      load.awaitEnd();
    }
    FaultProxy.Counts counts = deployment.node(1).link().counts();
    assertThat(counts.cuts() + counts.refused()).isPositive();
    deployment.assertKept(deployment.rulesWithLogs(RULES.deadline()));
  }
}
