package chat.magpie.conformance.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.magpie.conformance.faults.Deployment.Relay;
import chat.magpie.conformance.faults.Deployment.Shape;
import chat.magpie.conformance.faults.Deployment.Sql;
import chat.magpie.conformance.faults.Journal.Ending;
import chat.magpie.conformance.faults.Verdict.Rules;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Many at the same moment: messages, and readers that come back. Runs after all others, since it
/// takes the whole machine; by name with `-Dtest=CrowdTest -DfailIfNoTests=false`.
@Tag("alone")
@Tag("A-09")
@Tag("A-12")
@Tag("A-19")
class CrowdTest {
  private static final Rules RULES = new Rules(Duration.ofMinutes(2), false);
  private static final Shape ALONE = new Shape(Sql.SQLITE, Relay.EMBEDDED, 1);
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  @Test
  @Tag("C-24")
  void fiveThousandReadersComeBackAtOnce() {
    int crowd = 5_000;
    try (Deployment deployment = Deployment.start(ALONE, Map.of("MAGPIE_LIVE_HEARTBEAT", "2s"))) {
      Recorder user = Recorder.guest(deployment.journal(), deployment.onlyNode(0), PATIENCE);
      String reply =
          user.say("crowd", "[[chunks=60 interval=1000]] for everybody").acks().getFirst().reply();
      List<Reader> readers = new ArrayList<>();
      for (int i = 0; i < crowd; i++) {
        readers.add(new Reader(user, reply));
      }
      await().atMost(PATIENCE).until(() -> readers.stream().allMatch(r -> r.events() > 2));

      List<Integer> before = readers.stream().map(Reader::events).toList();
      FaultProxy link = deployment.node(0).link();
      link.cut();
      assertThat(link.counts().cuts()).isGreaterThanOrEqualTo(crowd);
      deployment.journal().happened("readers cut", link.counts().toString());
      await()
          .atMost(Duration.ofSeconds(30))
          .until(() ->
              IntStream.range(0, crowd).allMatch(i -> readers.get(i).events() > before.get(i)));
      readers.forEach(reader -> assertThat(reader.awaitEnd().ending()).isEqualTo(Ending.DONE));
      readers.forEach(Reader::close);
      deployment.assertKept(RULES);
    }
  }

  @Test
  void whatIsTooMuchIsRefusedAndTheRestIsAnswered() throws Exception {
    int capacity = 40;
    Map<String, String> limits =
        Map.of("MAGPIE_REPLY_MAX_CONCURRENT", "20", "MAGPIE_REPLY_MAX_WAITING", "20");
    try (Deployment deployment = Deployment.start(ALONE, limits)) {
      List<Recorder> users =
          IntStream.range(0, 10 * capacity)
              .mapToObj(_ -> Recorder.guest(deployment.journal(), deployment.onlyNode(0), PATIENCE))
              .toList();
      Map<Integer, Integer> answers = new TreeMap<>();
      List<Callable<Integer>> sends = new ArrayList<>();
      for (Recorder user : users) {
        sends.add(
            () -> user.sendOnce("burst", "[[chunks=20 interval=50]] " + user.user()).status());
      }
      try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
        for (Future<Integer> answer : threads.invokeAll(sends)) {
          answers.merge(answer.get(), 1, Integer::sum);
        }
      }
      assertThat(answers).as("accepted or told to come back").containsOnlyKeys(202, 503);
      assertThat(answers.get(202)).isGreaterThanOrEqualTo(capacity);
      deployment.journal().happened("burst", answers.toString());

      // Everybody asks again until there is room, and all are answered once.
      try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
        List<Future<?>> done = new ArrayList<>();
        for (Recorder user : users) {
          done.add(
              threads.submit(() -> {
                Journal.Sent sent = user.say("burst", "[[chunks=20 interval=50]] " + user.user());
                assertThat(user.follow("reader", sent.acks().getFirst().reply()).ending())
                    .isEqualTo(Ending.DONE);
              }));
        }
        for (Future<?> one : done) {
          one.get();
        }
      }
      deployment.assertKept(RULES);
    }
  }
}
