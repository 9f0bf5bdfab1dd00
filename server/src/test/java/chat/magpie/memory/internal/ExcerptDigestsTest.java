package chat.magpie.memory.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.magpie.llm.ModelEvent;
import chat.magpie.llm.ModelFailure;
import chat.magpie.llm.ModelRequest;
import chat.magpie.llm.ModelStream;
import chat.magpie.llm.Models;
import chat.magpie.memory.Earlier;
import chat.magpie.sql.Database;
import chat.magpie.testing.TestDatabases;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("A-15")
class ExcerptDigestsTest {
  private static final Duration SOON = Duration.ofSeconds(60);

  private final Database database = TestDatabases.sqlite();
  private final SqlSummaries summaries = new SqlSummaries(database);
  private final DigestMessages messages = new DigestMessages();
  private final Scribe scribe = new Scribe();
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final String id = UUID.randomUUID().toString();
  private ExcerptDigests digests = node();

  @AfterEach
  void close() {
    digests.close();
    database.close();
  }

  private ExcerptDigests node() {
    TestMemoryConfig config = TestMemoryConfig.defaults();
    RoughTokens tokens = new RoughTokens();
    return new ExcerptDigests(
        messages,
        summaries,
        new Summarizer(
            scribe, summaries, messages, config, tokens, registry, InstantSource.system()),
        config,
        tokens);
  }

  private String digest(long question, long windowStart) {
    StringBuilder text = new StringBuilder();
    for (Earlier.Line line : digests.of("t", id, question).before(windowStart, 200, Set.of())) {
      assertThat(line.seq()).isLessThan(windowStart);
      text.append(line.speaker()).append(": ").append(line.text()).append('\n');
    }
    return text.toString();
  }

  private double outcomes(String outcome) {
    return registry.get("magpie.memory.summaries").tag("outcome", outcome).counter().count();
  }

  @Test
  void namesAndNumbersOfLongAgoStandInTheDigest() {
    messages.say(400);
    assertThat(digest(401, 351)).contains("Mochi", "+49 170 5550", "海鲜");
  }

  @Test
  void aLongConversationIsReadOnceAndThenWhatIsNew() {
    messages.say(10_000);
    String first = digest(10_001, 9_951);
    assertThat(first).contains("Mochi");
    assertThat(messages.reads.get()).isEqualTo(50);
    messages.reads.set(0);
    messages.say(10_002);
    assertThat(digest(10_003, 9_953)).contains("Mochi");
    assertThat(messages.reads.get()).isEqualTo(1);
    digests = node();
    assertThat(digest(10_001, 9_951)).as("on another node").isEqualTo(first);
  }

  @Test
  void whatHasBeenErasedElsewhereIsInNoDigest() {
    messages.say(400);
    assertThat(digest(401, 351)).contains("Mochi");
    messages.messages.remove(11L);
    messages.messages.replace(33L, DigestMessages.message(33, "[erased]"));
    assertThat(digest(401, 351)).doesNotContain("Mochi", "5550").contains("海鲜");
  }

  @Test
  void whatThePromptQuotesIsNotQuotedAgain() {
    messages.say(400);
    List<Earlier.Line> all = digests.of("t", id, 401).before(351, 200, Set.of());
    assertThat(all).extracting(Earlier.Line::seq).contains(11L);
    List<Earlier.Line> without = digests.of("t", id, 401).before(351, 200, Set.of(11L));
    assertThat(without).isNotEmpty().extracting(Earlier.Line::seq).doesNotContain(11L);
  }

  @Test
  void aModelSumsUpWhatHasLeftTheWindow() {
    messages.say(100);
    scribe.answers.add("The user has a cat, Mochi, 4 years old.");
    digests.grew("t", id, 100);
    await().atMost(SOON).until(() -> outcomes("made") == 1);
    await()
        .atMost(SOON)
        .untilAsserted(() ->
            assertThat(digest(101, 51))
                .contains("summary: The user has a cat, Mochi, 4 years old.")
                .doesNotContain("user: My cat"));
    assertThat(scribe.prompt).contains("My cat is called Mochi").doesNotContain("海鲜");
    digests.grew("t", id, 100);
    digests = node();
    assertThat(digest(101, 51)).as("on another node").contains("summary: The user has a cat");
    assertThat(scribe.asked.get()).isEqualTo(1);
  }

  @Test
  void anInventedNumberIsRefusedAndNotAskedForAgain() {
    messages.say(100);
    scribe.answers.add("The user has a cat, Mochi, 7 years old.");
    digests.grew("t", id, 100);
    await().atMost(SOON).until(() -> outcomes("refused") == 1);
    assertThat(digest(101, 51)).contains("user: My cat is called Mochi and she is 4 years old.");
    assertThat(summaries.of(id)).extracting(Summary::text).containsExactly("");
    digests = node();
    digests.grew("t", id, 100);
    assertThat(digest(101, 51)).doesNotContain("7 years");
    assertThat(scribe.asked.get()).isEqualTo(1);
  }

  @Test
  void aModelThatFailsChangesNothing() {
    messages.say(100);
    String before = digest(101, 51);
    digests.grew("t", id, 100); // the scribe has nothing to say
    await().atMost(SOON).until(() -> outcomes("failed") == 1);
    assertThat(digest(101, 51)).isEqualTo(before);
    assertThat(summaries.of(id)).isEmpty();
  }

  @Test
  void anAnswerWithoutEndIsCutOff() {
    messages.say(100);
    scribe.endless = "The user likes tea. ";
    digests.grew("t", id, 100);
    await().atMost(SOON).until(() -> outcomes("refused") == 1);
    assertThat(scribe.told.get()).isLessThan(1000);
  }

  @Test
  void aSummaryInTheMakingIsLostWhenAllIsForgotten() {
    messages.say(100);
    scribe.answers.add("The user has a cat, Mochi.");
    CountDownLatch gate = new CountDownLatch(1);
    scribe.gate = gate;
    digests.grew("t", id, 100);
    await().atMost(SOON).until(() -> scribe.asked.get() == 1);
    assertThat(digest(101, 51)).as("nothing waits for it").contains("user: My cat");
    digests.forget(id);
    gate.countDown();
    await().atMost(SOON).until(() -> outcomes("lost") == 1);
    assertThat(summaries.of(id)).isEmpty();
  }

  @Test
  void anotherNodeMakesWhatADeadOneLeft() {
    messages.say(100);
    assertThat(
            summaries.claim(
                id,
                1,
                InstantSource.system().instant().minusSeconds(200),
                InstantSource.system().instant().minusSeconds(80)))
        .isPresent();
    scribe.answers.add("The user has a cat, Mochi.");
    digests.grew("t", id, 100);
    await().atMost(SOON).until(() -> outcomes("made") == 1);
  }

  @Test
  void shortConversationsCostNothing() {
    messages.say(50);
    digests.grew("t", id, 50);
    assertThat(messages.reads.get()).isZero();
    messages.say(89);
    digests.grew("t", id, 89);
    await().atMost(SOON).until(() -> messages.reads.get() == 1);
    assertThat(digest(90, 40)).contains("Mochi");
    assertThat(scribe.asked.get()).isZero();
  }

  /// A model that writes what it is told to.
  private static final class Scribe implements Models {
    final Deque<String> answers = new ArrayDeque<>();
    final AtomicInteger asked = new AtomicInteger();
    final AtomicInteger told = new AtomicInteger();
    volatile String prompt = "";
    volatile @Nullable String endless;
    volatile CountDownLatch gate = new CountDownLatch(0);

    @Override
    public boolean available() {
      return true;
    }

    @Override
    public ModelStream ask(ModelRequest request) {
      prompt = request.messages().getLast().content();
      asked.incrementAndGet();
      Deque<ModelEvent> events = new ArrayDeque<>();
      String answer = answers.poll();
      if (answer != null) {
        events.add(new ModelEvent.Text(answer));
        events.add(new ModelEvent.Finished("stop"));
      }
      return new ModelStream() {
        @Override
        public ModelEvent next() throws InterruptedException {
          gate.await();
          String more = endless;
          if (more != null) {
            told.incrementAndGet();
            return new ModelEvent.Text(more);
          }
          ModelEvent event = events.poll();
          if (event == null) {
            throw new ModelFailure(ModelFailure.Kind.PROVIDER_ERROR, "scripted");
          }
          return event;
        }

        @Override
        public @Nullable ModelEvent poll() {
          return null;
        }

        @Override
        public void close() {}

        @Override
        public String provider() {
          return "scribe";
        }

        @Override
        public String model() {
          return "scribe";
        }
      };
    }

    @Override
    public List<String> providers() {
      return List.of("scribe");
    }

    @Override
    public List<String> failing() {
      return List.of();
    }
  }
}
