package chat.magpie.conformance.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import chat.magpie.conformance.client.Api;
import chat.magpie.conformance.faults.Deployment.Relay;
import chat.magpie.conformance.faults.Deployment.Shape;
import chat.magpie.conformance.faults.Deployment.Sql;
import chat.magpie.conformance.faults.Journal.Ending;
import chat.magpie.conformance.faults.Journal.Read;
import chat.magpie.conformance.faults.Journal.Sent;
import chat.magpie.conformance.faults.Load.Plan;
import com.fasterxml.jackson.databind.JsonNode;
import io.lettuce.core.KeyScanArgs;
import io.lettuce.core.api.sync.RedisCommands;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// Three nodes, the clock of one of them an hour wrong: nothing changes.
@Tag("A-09")
@Tag("A-11")
@Tag("A-19")
@Tag("M-04")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ClockTest {
  private static final Duration HOUR = Duration.ofHours(1);

  /// How far a time that is right may be from this machine's.
  private static final Duration NOW = Duration.ofSeconds(5);

  private static final Duration LEASE = Duration.ofSeconds(3);
  private static final Duration TAKE_OVER = Duration.ofSeconds(5);
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration LOG_TTL = Duration.ofMinutes(20);
  private static final Duration MEMORY_TTL = Duration.ofMinutes(30);

  private static final int WRONG = 0;
  private static final int RIGHT = 1;

  private final Path shift = shift(Duration.ZERO);
  private final Deployment deployment =
      Deployment.start(
          new Shape(Sql.POSTGRES, Relay.AOF, 3),
          // Shorter than the clock is wrong: a token would be worthless, a key gone at once.
          Map.of(
              "MAGPIE_IDENTITY_GUEST_TOKEN_TTL", "10m",
              "MAGPIE_REPLY_STREAM_TTL", LOG_TTL.toSeconds() + "s",
              "MAGPIE_MEMORY_TTL", MEMORY_TTL.toSeconds() + "s"),
          List.of(Saboteur.clock(shift)));

  @AfterAll
  void end() {
    deployment.close();
  }

  /// While it runs, as if somebody set the clock.
  @Test
  void aClockThatIsPutForward() {
    deployment.newRun();
    deployment.healNodes();
    wrong(HOUR);
    assertNothingChanges(HOUR);
  }

  /// From the start of the process on.
  @Test
  void aClockThatIsBehind() {
    deployment.newRun();
    if (deployment.node(WRONG).process().runs()) {
      deployment.kill(WRONG);
    }
    wrong(HOUR.negated());
    deployment.healNodes();
    assertNothingChanges(HOUR.negated());
  }

  private void assertNothingChanges(Duration by) {
    Set<String> before =
        deployment.stored().replies().stream().map(Stored.Reply::id).collect(Collectors.toSet());
    // Ids of requests begin with the time of their node.
    await().atMost(PATIENCE).until(() -> clockOf(WRONG).minus(by).abs().compareTo(NOW) < 0);
    assertThat(clockOf(RIGHT)).isBetween(NOW.negated(), NOW);

    tokensAreGoodEverywhere();
    theNewestIsTheLastOne(WRONG, RIGHT);
    theNewestIsTheLastOne(RIGHT, WRONG);

    TakeOvers takeOvers = deployment.takeOvers();
    try (Load load = Load.start(deployment, new Plan(8, 0, "chunks=30 interval=30", 2), 11)) {
      load.awaitRead(12);
      // Nobody takes a reply from a node that is there.
      List<Stored.Reply> begun =
          deployment.stored().replies().stream()
              .filter(reply -> !before.contains(reply.id()))
              .toList();
      assertThat(begun).hasSizeGreaterThan(12);
      assertThat(begun.stream().filter(reply -> reply.epoch() > 1)).isEmpty();
      assertThat(deployment.leases().values())
          .hasSize(deployment.nodes())
          .allSatisfy(left -> assertThat(left).isBetween(Duration.ofSeconds(-1), LEASE.plus(NOW)));

      // Nobody is left to take over but the node with the wrong clock.
      deployment.killWhileOwning(1, 1);
      deployment.killWhileOwning(2, 1);
      assertThat(takeOvers.await(deployment.nodeId(1))).isPositive();
      takeOvers.await(deployment.nodeId(2));
      deployment.restart(1);
      deployment.restart(2);

      load.awaitRead(load.read() + 4);
      deployment.killWhileOwning(WRONG, 1);
      assertThat(takeOvers.await(deployment.nodeId(WRONG))).isPositive();
      load.stop();
      load.awaitEnd();
    }
    assertThat(TakeOvers.percentile(takeOvers.sorted(), 95)).isLessThanOrEqualTo(TAKE_OVER);
    assertThat(deployment.journal().read()).extracting(Read::ending).containsOnly(Ending.DONE);
    whatExpiresDoesSoInTime();
    deployment.assertKept(deployment.rulesWithLogs(Duration.ofMinutes(2)));
  }

  private void tokensAreGoodEverywhere() {
    Recorder ours = guest(RIGHT);
    read(ours.elsewhere(deployment.onlyNode(WRONG)), "a token of a right clock");
    Recorder theirs = guest(WRONG);
    read(theirs.elsewhere(deployment.onlyNode(RIGHT)), "a token of a wrong clock");
  }

  /// Messages of one user on one node and then another; without an id a reader gets the last reply.
  private void theNewestIsTheLastOne(int first, int second) {
    Instant begun = Instant.now();
    Recorder user = guest(first);
    read(user, "first");
    Recorder there = user.elsewhere(deployment.onlyNode(second));
    Sent last = read(there, "second");
    read(guest(first), "somebody else's");
    String reply = last.acks().getFirst().reply();
    for (int node = 0; node < deployment.nodes(); node++) {
      assertThat(get(node, user, "/chat/stream/" + user.user()).text()).contains(reply);
      JsonNode messages =
          get(node, user, "/conversations/" + last.acks().getFirst().conversation() + "/messages")
              .json()
              .path("items");
      assertThat(messages).hasSize(4);
      assertThat(messages)
          .extracting(message -> Instant.parse(message.path("created_at").asText()))
          .isSorted()
          .allSatisfy(at -> assertThat(at).isBetween(begun.minus(NOW), Instant.now().plus(NOW)));
    }
    Map<String, String> notes =
        deployment.redis().on(redis -> redis.hgetall(memory(redis, user.user()) + ":meta"));
    for (String time : List.of("session_start", "last_active_at")) {
      assertThat(Instant.ofEpochSecond(Long.parseLong(notes.get(time))))
          .isCloseTo(Instant.now(), within(Duration.between(begun, Instant.now()).plus(NOW)));
    }
  }

  private static String memory(RedisCommands<String, String> redis, String user) {
    String list = redis.keys("chat:" + user + ":*:messages").getFirst();
    return list.substring(0, list.lastIndexOf(':'));
  }

  private void whatExpiresDoesSoInTime() {
    deployment
        .redis()
        .on(redis -> {
          assertLeft(redis, "chat:*", MEMORY_TTL, MEMORY_TTL);
          // That of an owner killed right at the end has still the time of a log that nobody ends.
          assertLeft(redis, "reply:*", LOG_TTL, Duration.ofHours(24));
          return 0;
        });
  }

  /// All of them were written in this run.
  private static void assertLeft(
      RedisCommands<String, String> redis, String keys, Duration ttl, Duration most) {
    List<String> found = redis.scan(KeyScanArgs.Builder.matches(keys).limit(100_000)).getKeys();
    assertThat(found).isNotEmpty();
    assertThat(found)
        .extracting(key -> Duration.ofMillis(redis.pttl(key)))
        .allSatisfy(left -> assertThat(left).isBetween(ttl.minusMinutes(5), most));
  }

  private Recorder guest(int node) {
    return Recorder.guest(deployment.journal(), deployment.onlyNode(node), PATIENCE);
  }

  private static Sent read(Recorder user, String text) {
    Sent sent = user.say(text, "[[chunks=2 interval=5]] " + text + " of " + user.user());
    assertThat(sent.acks()).hasSize(1);
    user.follow("reader", sent.acks().getFirst().reply());
    return sent;
  }

  private Wire.Answer get(int node, Recorder user, String path) {
    try {
      int port = deployment.node(node).link().port();
      Wire.Answer answer = Wire.exchange(port, PATIENCE, "GET", path, user.token(), null);
      assertThat(answer.status()).isEqualTo(200);
      return answer;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// How far the clock of a node is ahead of this machine's.
  private Duration clockOf(int node) {
    String id =
        Api.anonymous(deployment.node(node).process().uri("/"))
            .get("/status")
            .header("X-Request-Id");
    long millis = UUID.fromString(id).getMostSignificantBits() >>> 16;
    return Duration.ofMillis(millis - System.currentTimeMillis());
  }

  private void wrong(Duration by) {
    write(shift, by);
    deployment.journal().happened("clock wrong", "by " + by);
  }

  private static Path shift(Duration by) {
    try {
      Path file = Files.createTempFile("magpie-clock-", ".millis");
      write(file, by);
      return file;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void write(Path file, Duration by) {
    try {
      Path whole = Files.createTempFile(file.getParent(), "magpie-clock-", ".next");
      Files.writeString(whole, Long.toString(by.toMillis()));
      Files.move(whole, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
