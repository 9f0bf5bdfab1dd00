package chat.magpie.memory.internal;

import static org.assertj.core.api.Assertions.assertThat;

import chat.magpie.conversation.Message;
import java.time.Instant;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("A-15")
class ExcerptsTest {
  private static final Instant START = Instant.parse("2026-03-01T10:00:00Z");

  private static Excerpts of(long through) {
    Excerpts excerpts = new Excerpts(50, 40);
    LongStream.rangeClosed(1, through)
        .forEach(seq -> excerpts.add(DigestMessages.message(seq, DigestMessages.chat(seq))));
    return excerpts;
  }

  private static List<String> picked(Excerpts excerpts, long before) {
    return Selection.within(excerpts.before(before), 400, e -> 20).stream()
        .map(e -> e.seq() + " " + e.text())
        .toList();
  }

  @Test
  void whatMattersIsPickedAndTheSameTwice() {
    Excerpts excerpts = of(300);
    List<String> picked = picked(excerpts, 250);
    assertThat(picked).hasSize(20).isEqualTo(picked(of(300), 250));
    assertThat(String.join("\n", picked)).contains("Mochi", "+49 170 5550", "海鲜");
    assertThat(picked)
        .allSatisfy(line -> {
          long seq = Long.parseLong(line.substring(0, line.indexOf(' ')));
          assertThat(seq).isLessThan(250);
        });
  }

  @Test
  void whatIsPickedDoesNotDependOnHowItGrew() {
    Excerpts stepwise = new Excerpts(50, 40);
    for (long seq = 1; seq <= 500; seq++) {
      stepwise.add(DigestMessages.message(seq, DigestMessages.chat(seq)));
      if (seq % 7 == 0) {
        picked(stepwise, seq - 20);
      }
    }
    assertThat(picked(stepwise, 450)).isEqualTo(picked(of(500), 450));
  }

  @Test
  void itsSizeDoesNotGrowWithTheConversation() {
    Excerpts excerpts = of(400);
    int small = excerpts.size();
    for (long seq = 401; seq <= 10_000; seq++) {
      excerpts.add(DigestMessages.message(seq, DigestMessages.chat(seq)));
      assertThat(excerpts.size()).isLessThan(3 * small + Excerpts.KEPT);
    }
    assertThat(String.join("\n", picked(excerpts, 9_900))).contains("Mochi");
  }

  @Test
  void aHugeMessageIsOneOfMany() {
    Excerpts excerpts = new Excerpts(50, 40);
    excerpts.add(DigestMessages.message(1, "word. ".repeat(200_000)));
    excerpts.add(DigestMessages.message(2, "x".repeat(1_000_000)));
    excerpts.add(DigestMessages.message(3, "My name is Ada Lovelace."));
    assertThat(excerpts.size()).isLessThanOrEqualTo(2 * Excerpts.PER_MESSAGE + 1);
    assertThat(picked(excerpts, 10)).anyMatch(line -> line.contains("Ada"));
  }

  @Test
  void aSummaryTakesThePlaceOfItsBlockWheneverItComes() {
    Summary summary = new Summary(1, 40, START, "The user has a cat, Mochi.");
    Excerpts early = new Excerpts(50, 40);
    early.add(summary);
    LongStream.rangeClosed(1, 200)
        .forEach(seq -> early.add(DigestMessages.message(seq, DigestMessages.chat(seq))));
    Excerpts late = of(200);
    late.add(summary);
    for (Excerpts excerpts : List.of(early, late)) {
      assertThat(excerpts.before(41))
          .extracting(Excerpt::speaker, Excerpt::text)
          .containsExactly(org.assertj.core.groups.Tuple.tuple("summary", summary.text()));
      assertThat(excerpts.before(40)).as("a summary of more than that").isEmpty();
      assertThat(excerpts.sumsUp(1)).isTrue();
    }
  }

  @Test
  void aSummaryThatCouldNotBeUsedChangesNothing() {
    Excerpts excerpts = of(200);
    List<String> before = picked(excerpts, 150);
    excerpts.add(new Summary(1, 40, START, ""));
    assertThat(picked(excerpts, 150)).isEqualTo(before);
    assertThat(excerpts.sumsUp(1)).isTrue();
  }

  @Test
  void notesOfTheSystemAreNotPicked() {
    Excerpts excerpts = new Excerpts(50, 40);
    Message said = DigestMessages.message(1, "Agent Smith joined at 10:00.");
    excerpts.add(
        new Message(
            said.id(),
            said.conversationId(),
            1,
            said.turnId(),
            Message.Role.SYSTEM,
            said.authorId(),
            said.content(),
            said.status(),
            said.citations(),
            said.tokenCount(),
            said.createdAt()));
    assertThat(excerpts.before(10)).isEmpty();
    assertThat(excerpts.loaded()).isEqualTo(1);
  }
}
