package chat.magpie.conformance.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.magpie.conformance.faults.Deployment.Relay;
import chat.magpie.conformance.faults.Deployment.Shape;
import chat.magpie.conformance.faults.Deployment.Sql;
import chat.magpie.conformance.faults.Journal.Afterwards;
import chat.magpie.conformance.faults.Journal.Ending;
import chat.magpie.conformance.faults.Journal.Read;
import chat.magpie.conformance.faults.Journal.Sent;
import chat.magpie.conformance.upstream.Behaviour;
import chat.magpie.conformance.upstream.Upstream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.DoublePredicate;
import java.util.function.IntSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Two providers of models, of which one or both fail while three nodes are under load.
@Tag("C-07")
class ProviderFaultsTest {
  private static final Duration WAIT = Duration.ofMinutes(1);
  private static final Duration DEADLINE = Duration.ofMinutes(1);

  private static final String FIRST = "first";

  /// The provider that `OPENAI_BASE_URL` makes.
  private static final String SECOND = "openai";

  /// One way to fail, and what the server's metric calls it.
  private record Fault(String directives, String outcome) {}

  private static final List<Fault> FAULTS =
      List.of(
          new Fault("status=500", "provider_error"),
          new Fault("status=429 retry_after=1", "rate_limited"),
          new Fault("status=429 retry_after=30", "rate_limited"),
          new Fault("mode=cut after=0", "cut"),
          new Fault("mode=cut after=5", "cut"),
          new Fault("mode=no_done", "cut"),
          new Fault("mode=malformed after=5", "malformed"),
          new Fault("mode=html", "malformed"),
          new Fault("mode=error_event after=5", "provider_error"),
          new Fault("mode=empty", "empty"),
          new Fault("mode=silent", "timeout"),
          new Fault("mode=stall after=5", "timeout"),
          new Fault("mode=drip interval=100", "timeout"));

  private static final Upstream first = Upstream.start(0);
  private static final FaultProxy firstLink = FaultProxy.to(first.port());
  private static final Deployment deployment = start();
  private static final Upstream second = deployment.upstream();

  /// When a question reached any provider the last time, in milliseconds of this machine's clock.
  private static final Map<String, Long> lastAsked = new ConcurrentHashMap<>();

  private static Deployment start() {
    try {
      Path config = Files.createTempDirectory("magpie-faults-").resolve("magpie.yaml");
      Files.writeString(
          config,
          """
          llm:
            default_provider: first
            fallbacks: openai
            first_token_timeout: 2s
            idle_timeout: 1500ms
            breaker_failures: 3
            breaker_pause: 1s
            providers:
              first:
                base_url: http://127.0.0.1:%d/v1
                model: first-model
          """
              .formatted(firstLink.port()));
      return Deployment.start(
          new Shape(Sql.POSTGRES, Relay.AOF, 3), Map.of("MAGPIE_CONFIG", config.toString()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @BeforeAll
  static void listen() {
    deployment.count(first);
    for (Upstream provider : List.of(first, second)) {
      provider.listen(asked -> lastAsked.put(asked.question(), System.currentTimeMillis()));
    }
  }

  @AfterAll
  static void end() {
    deployment.close();
    firstLink.close();
    first.close();
  }

  /// Whatever the last test left behind, every node asks the first provider again, and knows that
  /// the second answers.
  @BeforeEach
  void calm() {
    first.reset();
    second.reset();
    firstLink.restore();
    if (!everyBreaker(SECOND, state -> state == 0)) {
      first.behave(Behaviour.DEFAULT.with("status", "500"));
      closeBreakers(SECOND);
      first.reset();
    }
    closeBreakers(FIRST);
    deployment.newRun();
    first.reset();
    second.reset();
  }

  /// Asks every node until it has found out that a provider answers.
  private static void closeBreakers(String provider) {
    for (int i = 0; i < deployment.nodes(); i++) {
      int node = i;
      Recorder user = Recorder.guest(deployment.journal(), deployment.onlyNode(node), WAIT);
      AtomicInteger asked = new AtomicInteger();
      await()
          .atMost(WAIT)
          .until(() -> {
            if (breaker(node, provider) == 0) {
              return true;
            }
            String key = "trial " + asked.incrementAndGet();
            Sent sent = user.say(key, key + " at node " + node + " by " + user.user());
            user.follow("reader", sent.acks().getFirst().reply());
            return false;
          });
    }
  }

  private static double breaker(int node, String provider) {
    String name = "magpie_llm_breaker{provider=\"" + provider + "\"}";
    return metric(node, name)
        .orElseThrow(() -> new AssertionError("node " + node + " has no " + name));
  }

  private static boolean everyBreaker(String provider, DoublePredicate wanted) {
    return IntStream.range(0, deployment.nodes())
        .mapToDouble(node -> breaker(node, provider))
        .allMatch(wanted);
  }

  /// Calls to the first provider that ended so, on all nodes.
  private static int calls(String outcome) {
    String name = "magpie_llm_calls_total{outcome=\"" + outcome + "\",provider=\"first\"}";
    return (int)
        IntStream.range(0, deployment.nodes())
            .mapToDouble(node -> metric(node, name).orElse(0))
            .sum();
  }

  /// What a node says of itself now; empty where it has nothing to say of it.
  private static OptionalDouble metric(int node, String name) {
    try {
      int port = deployment.node(node).process().port();
      String text = Wire.exchange(port, WAIT, "GET", "/metrics", null, null).text();
      Matcher line =
          Pattern.compile("^" + Pattern.quote(name) + " (\\S+)$", Pattern.MULTILINE).matcher(text);
      return line.find()
          ? OptionalDouble.of(Double.parseDouble(line.group(1)))
          : OptionalDouble.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Every reply of this run has been answered whole.
  private static void assertAllDone() {
    assertThat(deployment.journal().read())
        .filteredOn(read -> read.ending() != Ending.DONE)
        .isEmpty();
  }

  @Test
  void aProviderThatFailsInEveryWayCostsNoAnswer() {
    Map<String, Integer> before = new TreeMap<>();
    Map<String, Integer> meant = new TreeMap<>();
    // Each twice, so that many meet the same answer; then once none, so that the provider is not
    // passed over for ever longer.
    for (Fault fault : FAULTS) {
      first.behaveOnce(Behaviour.DEFAULT.with("[[" + fault.directives() + "]]"));
      first.behaveOnce(Behaviour.DEFAULT.with("[[" + fault.directives() + "]]"));
      first.behaveOnce(Behaviour.DEFAULT);
      before.computeIfAbsent(fault.outcome(), ProviderFaultsTest::calls);
      meant.merge(fault.outcome(), 2, Integer::sum);
    }
    try (Load load = Load.start(deployment, new Load.Plan(9, 0, "chunks=10", 2), 71)) {
      await().atMost(WAIT).until(() -> first.unclaimed() == 0);
      load.stop();
      load.awaitEnd();
    }
    meant.forEach((outcome, times) -> {
      int happened = calls(outcome) - before.getOrDefault(outcome, 0);
      assertThat(happened).as(outcome).isGreaterThanOrEqualTo(times);
      deployment.journal().happened("provider failed: " + outcome, happened + " calls");
    });
    assertThat(second.count()).as("the other one has answered").isPositive();
    assertAllDone();
    deployment.assertKept(deployment.rulesWithLogs(DEADLINE));
  }

  @Test
  void aProviderThatIsGoneIsPassedOverByEveryNodeUntilItIsBack() {
    try (Load load = Load.start(deployment, new Load.Plan(9, 0, "chunks=10 interval=10", 2), 72)) {
      load.awaitRead(9);
      firstLink.takeDown();
      await().atMost(WAIT).until(() -> everyBreaker(FIRST, state -> state > 0));
      int asked = first.count();
      assertThat(asked).as("it was asked before").isPositive();
      long refused = firstLink.counts().refused();
      assertThat(refused).as("each node has met that it is gone").isGreaterThanOrEqualTo(3);
      int read = load.read();
      load.awaitRead(read + 60);
      long tried = firstLink.counts().refused() - refused;
      deployment.journal().happened("provider down", firstLink.counts().toString());
      assertThat(tried).as("it is hardly asked any more").isLessThan(60);
      assertThat(first.count()).as("nor does it hear of anything").isEqualTo(asked);

      firstLink.restore();
      await().atMost(WAIT).until(() -> everyBreaker(FIRST, state -> state == 0));
      await().atMost(WAIT).until(() -> first.count() > asked + 9);
      load.stop();
      load.awaitEnd();
    }
    assertAllDone();
    deployment.assertKept(deployment.rulesWithLogs(DEADLINE));
  }

  @Test
  void anOwnerThatIsReplacedWhileItWaitsForItsProviderLeadsItsReadersOn() {
    first.behaveOnce(Behaviour.DEFAULT.with("[[status=429 retry_after=2]]"));
    Recorder user = Recorder.guest(deployment.journal(), deployment.onlyNode(0), WAIT);
    String id = user.say("busy", "come back later, says " + user.user()).acks().getFirst().reply();
    await().atMost(WAIT).until(() -> first.count() == 1);
    deployment.pause(0);
    await()
        .atMost(WAIT)
        .until(() ->
            deployment.stored().replies().stream()
                .anyMatch(reply -> reply.id().equals(id) && reply.epoch() > 1));
    deployment.resume(0);
    // The old owner learns from the database that the reply is no longer its own.
    assertThat(user.follow("reader", id).ending()).isEqualTo(Ending.DONE);
    assertThat(user.follow("late reader", id).ending()).isEqualTo(Ending.DONE);
    deployment.assertKept(deployment.rulesWithLogs(DEADLINE));
  }

  @Test
  void withAllProvidersDownRepliesFailSoonAndTheirConversationsGoOn() {
    first.behave(Behaviour.DEFAULT.with("[[mode=cut after=3]]"));
    second.behave(Behaviour.DEFAULT.with("status", "503"));
    List<Recorder> users = new ArrayList<>();
    List<Sent> failed = new ArrayList<>();
    for (int i = 0; i < 9; i++) {
      IntSupplier node = deployment.onlyNode(i % deployment.nodes());
      Recorder user = Recorder.guest(deployment.journal(), node, WAIT);
      users.add(user);
      failed.add(user.say("down", "is anybody there? asks " + user.user()));
    }
    int partial = 0;
    for (int i = 0; i < users.size(); i++) {
      Sent sent = failed.get(i);
      String id = sent.acks().getFirst().reply();
      Read read = users.get(i).follow("reader", id);
      assertThat(read.ending()).isEqualTo(Ending.ERROR);
      Afterwards afterwards = read.afterwards().orElseThrow();
      assertThat(afterwards.status()).isEqualTo("failed");
      assertThat(afterwards.content()).as("what was said is kept").isEqualTo(read.text());
      partial += read.text().isEmpty() ? 0 : 1;
      long finished =
          deployment.stored().replies().stream()
              .filter(one -> one.id().equals(id))
              .findFirst()
              .orElseThrow()
              .finishedMillis();
      assertThat(lastAsked).containsKey(sent.text());
      assertThat(finished - lastAsked.getOrDefault(sent.text(), 0L))
          .as("milliseconds from the last try to the end")
          .isLessThan(3_000L);
    }
    assertThat(partial).as("replies that had begun").isPositive();
    assertThat(second.count()).isPositive();
    deployment.journal().happened("all providers down", second.count() + " times 503");

    first.reset();
    second.reset();
    for (int i = 0; i < users.size(); i++) {
      Sent next = users.get(i).say("back", "and now? asks " + users.get(i).user());
      assertThat(next.acks().getFirst().conversation())
          .isEqualTo(failed.get(i).acks().getFirst().conversation());
      assertThat(users.get(i).follow("reader", next.acks().getFirst().reply()).ending())
          .isEqualTo(Ending.DONE);
    }
    deployment.assertKept(deployment.rulesWithLogs(DEADLINE));
  }
}
