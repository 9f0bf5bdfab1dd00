package chat.magpie.knowledge.internal;

import chat.magpie.knowledge.KnowledgeBase.Extract;
import chat.magpie.knowledge.Passage;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Makes an answer of passages alone.
final class Extracts {
  /// How much of a question a passage must cover to count as an answer.
  static final double ANSWERS = 0.5;

  private static final int MOST_PASSAGES = 3;

  /// A further passage must come this close to the best one.
  private static final double CLOSE = 0.75;

  private Extracts() {}

  /// @param hits best first
  static Optional<Extract> of(List<PassageIndex.Hit> hits, String locale) {
    List<Passage> passages = new ArrayList<>(MOST_PASSAGES);
    for (PassageIndex.Hit hit : hits) {
      boolean close =
          passages.isEmpty() || hit.passage().score() >= CLOSE * passages.getFirst().score();
      if (hit.coverage() >= ANSWERS && close && passages.size() < MOST_PASSAGES) {
        passages.add(hit.passage());
      }
    }
    if (passages.isEmpty()) {
      return Optional.empty();
    }
    boolean chinese = locale.toLowerCase(Locale.ROOT).startsWith("zh");
    StringBuilder text =
        new StringBuilder(chinese ? "知识库中的相关内容如下：" : "This is what the knowledge base says:");
    for (int i = 0; i < passages.size(); i++) {
      Passage passage = passages.get(i);
      text.append("\n\n");
      passage
          .text()
          .lines()
          .forEach(line -> text.append(line.isEmpty() ? ">" : "> " + line).append('\n'));
      text.append("\n[").append(i + 1).append("] ").append(passage.title());
      if (!passage.section().isEmpty()) {
        text.append(" › ").append(passage.section());
      }
    }
    return Optional.of(new Extract(text.toString(), List.copyOf(passages)));
  }
}
