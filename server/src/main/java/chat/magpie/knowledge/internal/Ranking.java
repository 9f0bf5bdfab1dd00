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

  /// By words alone, how much it takes off a passage that words of the question are missing in it,
  /// beside 1 for an answer that knows its questions.
  private static final double PASSAGE_WORDS = 2;

  /// What is believed of the meaning of a passage that has no vector: as near as one that shares as
  /// many words with the question is on average.
  private static final double NEAR_WITHOUT_WORDS = 0.5;

  private static final double NEAR_WITH_WORDS = 0.3;

  /// How much farther an answer seems that was compared in the space of the other language.
  private static final double FOREIGN = 0.06;

  /// From where on a passage is an answer: with meaning, by the score; by words alone, by how much
  /// of the question is covered.
  private static final double SURE_MEANING = 0.64;

  private static final double SURE_WORDS = 0.5;

  private static final Gate GATE_MEANING = new Gate(0.1, 1.4, 0.9, 0.45, 0.76, 0.66);
  private static final Gate GATE_WORDS = new Gate(0.3, 0.7, 0.4, 0.6, 0.82, 0.56);

  /// When an answer that knows its questions is sure. The farther the others are behind, the surer.
  ///
  /// @param most from here on it does not matter how far the others are behind
  /// @param lead the weight of how far the next one is behind the first
  /// @param leadOfTwo the weight of how far the third one is behind the first
  /// @param unknown what it weighs against it that no passage mentions what the question is about
  /// @param alone from where on the first of them is an answer
  /// @param either from where on one of the first two is
  private record Gate(
      double most, double lead, double leadOfTwo, double unknown, double alone, double either) {}

  /// From where on a passage is worth showing to a model, which reads it with its own eyes.
  private static final double RELEVANT_MEANING = 0.45;

  private static final double RELEVANT_WORDS = 0.3;

  private final boolean byMeaning;
  private final double unknown;
  private final List<Ranked> ranked;

  /// A candidate and how well it answers, 0 to 1; comparable across questions of the same kind.
  record Ranked(Candidate candidate, double score) {
    boolean isFaq() {
      return !candidate.passage().questions().isEmpty();
    }
  }

  /// @param byMeaning whether the question has a vector
  Ranking(TenantIndex.Found found, boolean byMeaning) {
    this.byMeaning = byMeaning;
    this.unknown = found.unknown();
    List<Candidate> candidates = found.candidates();
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
    double unknown = NEAR_WITHOUT_WORDS + NEAR_WITH_WORDS * candidate.coverage();
    double near =
        switch (candidate.meaning()) {
          case Meaning.Unknown() -> unknown;
          case Meaning.Known known when known.foreign() ->
              Math.max(unknown, near(candidate, known) - FOREIGN);
          case Meaning.Known known -> near(candidate, known);
        };
    return (near + COVERAGE * candidate.coverage()) / (1 + COVERAGE);
  }

  private static double near(Candidate candidate, Meaning.Known known) {
    return candidate.passage().questions().isEmpty()
        ? known.whole() - PASSAGE
        : ASKED * known.asked()
            + ASKED_TWO * known.askedTwo()
            + WHOLE * known.whole()
            + ANSWER * known.answer();
  }

  /// Whoever knows its questions need not say much of the words of this one.
  private static double words(Candidate candidate, double best) {
    double power = candidate.passage().questions().isEmpty() ? PASSAGE_WORDS : 1;
    return best == 0 ? 0 : candidate.words() / best * Math.pow(candidate.coverage(), power);
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

  /// Whether a passage is sure enough to be quoted as an answer.
  boolean sure(Ranked one) {
    return byMeaning ? one.score() >= SURE_MEANING : one.candidate().coverage() >= SURE_WORDS;
  }

  /// What the first of them are.
  Outcome outcome() {
    if (ranked.isEmpty()) {
      return Outcome.NONE;
    }
    Ranked first = ranked.getFirst();
    if (!first.isFaq()) {
      return sure(first) ? Outcome.ANSWER : Outcome.NONE;
    }
    Gate gate = byMeaning ? GATE_MEANING : GATE_WORDS;
    double sure = first.score() - gate.unknown() * unknown;
    if (sure + gate.lead() * lead(1, gate) >= gate.alone()) {
      return Outcome.ANSWER;
    }
    boolean either = sure + gate.leadOfTwo() * lead(2, gate) >= gate.either();
    return !either
        ? Outcome.NONE
        : ranked.size() > 1 && ranked.get(1).isFaq() ? Outcome.CHOICE : Outcome.ANSWER;
  }

  /// How far the answer at this place among those that know their questions is behind the first.
  private double lead(int place, Gate gate) {
    return ranked.stream()
        .filter(Ranked::isFaq)
        .skip(place)
        .findFirst()
        .map(other -> Math.min(gate.most(), ranked.getFirst().score() - other.score()))
        .orElse(gate.most());
  }
}
