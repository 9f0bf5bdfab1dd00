package chat.magpie.memory.internal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.List;

/// What a model may write instead of a summary, and what people may have said before it.
class SummaryFuzzTest {
  private static final int ROOM = 60;

  /// The first line is the answer, the rest what was said. A usable answer is short and keeps to
  /// what was said; what is picked keeps to its room and is part of what was said.
  @FuzzTest
  void summaries(byte[] data) {
    String[] both = new String(data, UTF_8).split("\n", 2);
    String answer = both[0];
    String source = both.length > 1 ? both[1] : "";
    String usable = Summarizer.usable(answer, source);
    assertThat(usable.length()).isLessThanOrEqualTo(answer.length());
    assertThat(usable.lines().count()).isLessThanOrEqualTo(8);
    if (!usable.isEmpty()) {
      assertThat(Faithfulness.holds(usable, source)).isTrue();
    }

    List<String> sentences = Sentences.of(source, 20);
    assertThat(sentences).hasSizeLessThanOrEqualTo(20);
    for (String sentence : sentences) {
      assertThat(source).contains(sentence);
      assertThat(sentence.length()).isBetween(1, Sentences.LONGEST);
    }

    Excerpts excerpts = new Excerpts(2, 4);
    for (int seq = 1; seq <= 12; seq++) {
      excerpts.add(DigestMessages.message(seq, seq % 3 == 0 ? answer : source));
    }
    excerpts.add(new Summary(1, 4, DigestMessages.message(4, "").createdAt(), usable));
    List<Excerpt> picked =
        Selection.within(excerpts.before(11), ROOM, excerpt -> excerpt.text().length());
    assertThat(picked.stream().mapToInt(excerpt -> excerpt.text().length()).sum())
        .isLessThanOrEqualTo(ROOM);
    assertThat(picked)
        .allSatisfy(excerpt -> {
          assertThat(excerpt.through()).isLessThan(11);
          assertThat(excerpt.text()).isNotEmpty();
        });
  }
}
