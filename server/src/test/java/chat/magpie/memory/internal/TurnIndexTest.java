package chat.magpie.memory.internal;

import static org.assertj.core.api.Assertions.assertThat;

import chat.magpie.memory.RememberedTurn;
import chat.magpie.memory.internal.TurnIndex.Asked;
import chat.magpie.memory.internal.TurnIndex.Scored;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// What is told to a model, and in which order.
@Tag("A-16")
class TurnIndexTest {
  private static final Instant START = Instant.parse("2026-01-04T10:00:00Z");

  private final TurnIndex index = new TurnIndex(Weights.TUNED);

  @BeforeEach
  void smallTalk() {
    for (int i = 0; i < 60; i++) {
      say(true, "and so on, then");
      say(false, "Noted.");
    }
  }

  private void say(boolean byUser, String text) {
    say(byUser, text, null);
  }

  private void say(boolean byUser, String text, @Nullable Vector vector) {
    int number = index.size();
    index.add(
        new RememberedTurn(
            "m" + number,
            "m" + number,
            "c" + number / 20,
            number % 20 + 1,
            byUser,
            "",
            START.plus(Duration.ofHours(number)),
            text,
            10,
            List.of()),
        vector);
  }

  private List<Scored> rank(String question) {
    return rank(question, Map.of());
  }

  private List<Scored> rank(String question, Map<String, float[]> vectors) {
    return index.rank(
        Asked.of(question, START.plus(Duration.ofDays(365)), ZoneOffset.UTC, vectors));
  }

  private static List<String> relevant(List<Scored> ranked) {
    return ranked.stream().filter(Scored::relevant).map(scored -> scored.turn().text()).toList();
  }

  @Test
  void whatHasNothingToDoWithTheQuestionIsNotRelevant() {
    say(true, "My cat Mochi weighs four kilos and my flat is in Lisbon");
    say(false, "Noted.");
    smallTalk();
    assertThat(relevant(rank("What does my cat weigh?")))
        .containsExactly("My cat Mochi weighs four kilos and my flat is in Lisbon");
    assertThat(rank("What does my cat weigh?")).hasSize(index.size());
  }

  @Test
  void ofWordsThatWereNeverSaidOnlyWhatSaysMostIsRelevant() {
    String much =
        "In Lisbon my flat above the bakery costs nine hundred euros, and Mochi weighs four kilos";
    say(true, much);
    say(true, "A plain sentence");
    assertThat(relevant(rank("Which reptile wanders in?"))).containsExactly(much);
  }

  @Test
  void whatIsAboutNothingFindsNothingRelevant() {
    say(true, "In Lisbon my flat above the bakery costs nine hundred euros, and Mochi weighs four");
    assertThat(relevant(rank("And you?"))).isEmpty();
    assertThat(relevant(rank("你呢？"))).isEmpty();
    assertThat(rank("And you?")).isNotEmpty();
  }

  @Test
  void aTurnThatHasNoVectorYetIsComparedByItsWords() {
    Vector far = Vector.of("space", new float[] {0, 1});
    Vector near = Vector.of("space", new float[] {1, 0});
    say(true, "Something about the weather in Porto today", far);
    say(true, "Mochi was at the doctor, and four kilos it is", near);
    say(true, "My cat Mochi weighs four kilos and my flat is in Lisbon");
    assertThat(relevant(rank("What does my cat weigh?", Map.of("space", new float[] {1, 0}))))
        .contains(
            "My cat Mochi weighs four kilos and my flat is in Lisbon",
            "Mochi was at the doctor, and four kilos it is")
        .doesNotContain("Something about the weather in Porto today");
  }

  @Test
  void whatWasSaidLaterAboutTheSameThingComesFirst() {
    String once = "I take my coffee with milk, coffee without milk is a punishment";
    String now = "The doctor says no more milk, so coffee is black from today on, it is a pity";
    say(true, once);
    smallTalk();
    say(true, now);
    assertThat(places("How do I take my coffee, with milk?", now, once)).isSorted();
    assertThat(places("我的 coffee 加 milk 吗", now, once)).isSorted();
    assertThat(places("How did I take my coffee, with milk?", once, now)).isSorted();
    assertThat(places("以前我的 coffee 加 milk 吗", once, now)).isSorted();
  }

  private List<Integer> places(String question, String... texts) {
    List<String> ranked = rank(question).stream().map(scored -> scored.turn().text()).toList();
    return Arrays.stream(texts).map(ranked::indexOf).toList();
  }

  @Test
  void aLaterQuestionIsNoNews() {
    String said = "I take my coffee with milk, coffee without milk is a punishment";
    String asked = "It is late and I forget: with milk, is that my coffee? Strange old world";
    say(true, said);
    smallTalk();
    say(true, asked);
    assertThat(places("How do I take my coffee, with milk?", said, asked)).isSorted();
  }

  @Test
  void whatIsAboutSomethingElseStaysBehind() {
    String asked = "My sister Priya works as an engineer in Newcastle";
    say(true, asked);
    smallTalk();
    say(true, "I work nights again and the ward is full");
    assertThat(rank("Where does my sister Priya work as an engineer?"))
        .extracting(scored -> scored.turn().text())
        .startsWith(asked);
  }
}
