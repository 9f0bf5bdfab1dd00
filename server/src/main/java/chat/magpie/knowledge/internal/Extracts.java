package chat.magpie.knowledge.internal;

import chat.magpie.knowledge.KnowledgeBase.Extract;
import chat.magpie.knowledge.Passage;
import chat.magpie.knowledge.internal.Ranking.Ranked;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Makes an answer of passages alone: the answer to a known question as it stands, two such answers
/// where either may be meant, or passages of documents as quotations.
final class Extracts {
  private static final int MOST_PASSAGES = 3;

  /// A further passage must come this close to the best one.
  private static final double CLOSE = 0.75;

  private Extracts() {}

  static Optional<Extract> of(Ranking ranking, String locale) {
    boolean chinese = locale.toLowerCase(Locale.ROOT).startsWith("zh");
    return switch (ranking.outcome()) {
      case NONE -> Optional.empty();
      case CHOICE -> Optional.of(choice(ranking.all().subList(0, 2), chinese));
      case ANSWER -> {
        Ranked first = ranking.all().getFirst();
        yield Optional.of(first.isFaq() ? answer(first) : quotations(ranking, chinese));
      }
    };
  }

  private static Extract answer(Ranked one) {
    Passage passage = one.candidate().passage().passage(one.score());
    return new Extract(passage.text() + "\n\n[1] " + heading(passage), List.of(passage));
  }

  private static Extract choice(List<Ranked> both, boolean chinese) {
    StringBuilder text =
        new StringBuilder(chinese ? "您想问的可能是下面其中一个：" : "You may mean one of these:");
    List<Passage> passages = new ArrayList<>();
    for (Ranked one : both) {
      Passage passage = one.candidate().passage().passage(one.score());
      passages.add(passage);
      String question = one.candidate().passage().questions().getFirst();
      text.append("\n\n**")
          .append(question.replaceAll("[*\\s]+", " ").strip())
          .append("**\n\n")
          .append(passage.text())
          .append("\n\n[")
          .append(passages.size())
          .append("] ")
          .append(heading(passage));
    }
    return new Extract(text.toString(), List.copyOf(passages));
  }

  private static Extract quotations(Ranking ranking, boolean chinese) {
    double best = ranking.all().getFirst().score();
    List<Passage> passages =
        ranking.all().stream()
            .filter(one -> ranking.sure(one) && one.score() >= CLOSE * best)
            .limit(MOST_PASSAGES)
            .map(one -> one.candidate().passage().passage(one.score()))
            .toList();
    StringBuilder text =
        new StringBuilder(chinese ? "知识库中的相关内容如下：" : "This is what the knowledge base says:");
    for (int i = 0; i < passages.size(); i++) {
      Passage passage = passages.get(i);
      text.append("\n\n");
      passage
          .text()
          .lines()
          .forEach(line -> text.append(line.isEmpty() ? ">" : "> " + line).append('\n'));
      text.append("\n[").append(i + 1).append("] ").append(heading(passage));
    }
    return new Extract(text.toString(), passages);
  }

  private static String heading(Passage passage) {
    return passage.section().isEmpty()
        ? passage.title()
        : passage.title() + " › " + passage.section();
  }
}
