package chat.magpie.knowledge.internal;

import chat.magpie.knowledge.KnowledgeBase.Outcome;
import chat.magpie.knowledge.internal.Candidate.Meaning;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// Puts candidates into an order and says whether the first of them is an answer.
///
/// The weights and gates were found on the dev split of the project's own questions
/// (`evaluate/data/faq`); how, and what each is worth, is in `docs/decisions/0015`.
final class Ranking {
  /// Weights of the cosines of an answer that knows its questions; together 1.
  private static final double ASKED = 0.25;

  private static final double ASKED_TWO = 0.35;
  private static final double WHOLE = 0.25;
  private static final double ANSWER = 0.15;

  /// What it weighs, beside meaning, that the words of the question occur.
  private static final double COVERAGE = 0.2;

  /// How much nearer a passage has to be than an answer that knows its questions: a long text is
  /// near to many questions.
  private static final double PASSAGE = 0.03;

  /// What is believed of the meaning of a passage that has no vector: as near as one that shares as
  /// many words with the question is on average.
  private static final double NEAR_WITHOUT_WORDS = 0.5;

  private static final double NEAR_WITH_WORDS = 0.3;

  /// From where on an answer that knows its questions, or a passage, is an answer: with meaning, by
  /// the score; by words alone, by how much of the question is covered.
  private static final double SURE_MEANING = 0.64;

  private static final double SURE_WORDS = 0.5;

  /// How much less than the best one the second may have for both to be offered.
  private static final double CLOSE_MEANING = 0.012;

  private static final double CLOSE_WORDS = 0.03;

  /// From where on a passage is worth showing to a model, which reads it with its own eyes.
  private static final double RELEVANT_MEANING = 0.45;

  private static final double RELEVANT_WORDS = 0.3;

  private final boolean byMeaning;
  private final List<Ranked> ranked;

  /// A candidate and how well it answers, 0 to 1; comparable across questions of the same kind.
  record Ranked(Candidate candidate, double score) {
    boolean isFaq() {
      return !candidate.passage().questions().isEmpty();
    }
  }

  /// @param byMeaning whether the question has a vector
  Ranking(List<Candidate> candidates, boolean byMeaning) {
    this.byMeaning = byMeaning;
    double best = candidates.stream().mapToDouble(Candidate::words).max().orElse(0);
    List<Ranked> all = new ArrayList<>(candidates.size());
    for (Candidate candidate : candidates) {
      all.add(new Ranked(candidate, byMeaning ? meaning(candidate) : words(candidate, best)));
    }
    all.sort(
        Comparator.comparingDouble((Ranked one) -> -one.score())
            .thenComparingInt(one -> one.candidate().passage().number()));
    this.ranked = List.copyOf(all);
  }

  private static double meaning(Candidate candidate) {
    double near =
        switch (candidate.meaning()) {
          case Meaning.Unknown() -> NEAR_WITHOUT_WORDS + NEAR_WITH_WORDS * candidate.coverage();
          case Meaning.Known known when candidate.passage().questions().isEmpty() ->
              known.whole() - PASSAGE;
          case Meaning.Known known ->
              ASKED * known.asked()
                  + ASKED_TWO * known.askedTwo()
                  + WHOLE * known.whole()
                  + ANSWER * known.answer();
        };
    return (near + COVERAGE * candidate.coverage()) / (1 + COVERAGE);
  }

  private static double words(Candidate candidate, double best) {
    return best == 0 ? 0 : candidate.words() / best * candidate.coverage() * candidate.coverage();
  }

  /// All of them, best first.
  List<Ranked> all() {
    return ranked;
  }

  /// Those that are worth a look, best first.
  List<Ranked> relevant() {
    return ranked.stream().filter(this::relevant).toList();
  }

  private boolean relevant(Ranked one) {
    return one.candidate().coverage() >= RELEVANT_WORDS
        || (byMeaning && one.score() >= RELEVANT_MEANING);
  }

  /// Whether one is sure enough to be given as an answer.
  boolean sure(Ranked one) {
    return byMeaning ? one.score() >= SURE_MEANING : one.candidate().coverage() >= SURE_WORDS;
  }

  /// What the first of them are.
  Outcome outcome() {
    if (ranked.isEmpty() || !sure(ranked.getFirst())) {
      return Outcome.NONE;
    }
    if (ranked.size() == 1) {
      return Outcome.ANSWER;
    }
    Ranked first = ranked.getFirst();
    Ranked second = ranked.get(1);
    boolean close = first.score() - second.score() < (byMeaning ? CLOSE_MEANING : CLOSE_WORDS);
    return first.isFaq() && second.isFaq() && close && sure(second)
        ? Outcome.CHOICE
        : Outcome.ANSWER;
  }
}
