package chat.magpie.memory.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class SentencesTest {
  private static List<String> of(String text) {
    return Sentences.of(text, 100);
  }

  @Test
  void sentencesEndWhereReadersSeeThemEnd() {
    assertThat(of("我叫小雨。你呢？“真的！”他说。好")).containsExactly("我叫小雨。", "你呢？", "“真的！”", "他说。", "好");
    assertThat(of("I moved. Did you know? Yes!  It was on 3.5. at no. 7.\nNew line"))
        .containsExactly(
            "I moved.", "Did you know?", "Yes!", "It was on 3.5. at no. 7.", "New line");
    assertThat(of("Dr. Smith and J. R. Hart met at 3 p.m. in St. Ives. They left."))
        .containsExactly("Dr. Smith and J. R. Hart met at 3 p.m. in St. Ives.", "They left.");
    assertThat(of("见 example.com 和 v1.2.3 版。OK.好的"))
        .containsExactly("见 example.com 和 v1.2.3 版。", "OK.", "好的");
  }

  @Test
  void marksOfListsAndEmptyOnesAreLeftOut() {
    assertThat(of("# Title\n\n- one\n* two\n> three\n---\n…\n1. four"))
        .containsExactly("Title", "one", "two", "three", "1. four");
    assertThat(of("")).isEmpty();
    assertThat(of(" \n。！？")).isEmpty();
  }

  @Test
  void eachIsAPartOfTheTextAndNoneIsLong() {
    for (String unit : List.of("a", "汉", "😀", "词，", "word ", ". ", "。", "\n", "\u200d", "1.")) {
      String text = unit.repeat(20_000 / unit.length());
      List<String> sentences = Sentences.of(text, 50);
      assertThat(sentences).hasSizeLessThanOrEqualTo(50);
      assertThat(sentences)
          .allSatisfy(sentence -> {
            assertThat(text).contains(sentence);
            assertThat(sentence.length()).isBetween(1, Sentences.LONGEST);
            assertThat(Character.isHighSurrogate(sentence.charAt(sentence.length() - 1))).isFalse();
          });
    }
  }
}
