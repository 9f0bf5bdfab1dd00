package chat.magpie.knowledge.internal;

import static org.assertj.core.api.Assertions.assertThat;

import chat.magpie.kernel.WellFormed;
import chat.magpie.text.BilingualAnalyzer;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.Set;
import java.util.stream.Collectors;

/// Documents of any content, and questions about them.
class SplitterFuzzTest {
  /// Passages keep to their length, hold no half of a code point, and, all together, every letter
  /// and digit of a plain text in its order. Repeated, the document is longer than a passage.
  @FuzzTest
  void documents(byte[] data) {
    if (!(TextFile.of(data) instanceof TextFile.Text(String text))) {
      return;
    }
    check(text);
    if (!text.isEmpty() && text.length() < 200) {
      check(text.repeat(1 + 2 * Splitter.MOST / text.length()));
    }
  }

  private static void check(String text) {
    Splitter.Split plain = Splitter.split(text, "name", false);
    assertThat(
            letters(
                plain.pieces().stream().map(Splitter.Piece::text).collect(Collectors.joining())))
        .isEqualTo(letters(text));
    bounds(plain);
    bounds(Splitter.split(text, "name", true));
  }

  private static void bounds(Splitter.Split split) {
    assertThat(WellFormed.test(split.title())).isTrue();
    for (Splitter.Piece piece : split.pieces()) {
      assertThat(piece.text()).isNotBlank();
      assertThat(piece.text().length()).isLessThanOrEqualTo(Splitter.MOST);
      assertThat(piece.section().length()).isLessThanOrEqualTo(6 * Splitter.LONGEST_HEADING + 15);
      assertThat(WellFormed.test(piece.text())).isTrue();
      assertThat(WellFormed.test(piece.section())).isTrue();
    }
  }

  private static String letters(String text) {
    StringBuilder letters = new StringBuilder();
    text.codePoints().filter(Character::isLetterOrDigit).forEach(letters::appendCodePoint);
    return letters.toString();
  }

  /// A question about itself is covered whole, one about nothing is covered not at all.
  @FuzzTest
  void questions(byte[] data) {
    // As characters, so that there are lone surrogates too.
    StringBuilder text = new StringBuilder();
    for (int i = 0; i + 1 < data.length; i += 2) {
      text.append((char) ((data[i] & 0xFF) << 8 | (data[i + 1] & 0xFF)));
    }
    try (BilingualAnalyzer analyzer = new BilingualAnalyzer()) {
      Question question = Question.of(text.toString(), analyzer);
      Set<String> all = new java.util.HashSet<>(question.terms());
      all.addAll(question.pairs());
      assertThat(question.coverage(all, _ -> 1, _ -> 1))
          .isBetween(question.isEmpty() ? 0.0 : 0.99, 1.001);
      assertThat(question.coverage(Set.of(), _ -> 1, _ -> 1)).isZero();
    }
  }
}
