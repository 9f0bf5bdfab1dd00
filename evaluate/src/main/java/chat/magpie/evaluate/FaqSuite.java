package chat.magpie.evaluate;

import chat.magpie.evaluate.Dataset.FaqQuestion;
import chat.magpie.evaluate.Dataset.PassageQuestion;
import chat.magpie.evaluate.Measured.Case;
import chat.magpie.evaluate.Measured.Headline;
import chat.magpie.evaluate.Measured.Target;
import chat.magpie.evaluate.Metrics.Point;
import chat.magpie.evaluate.Metrics.Scored;
import chat.magpie.evaluate.Wire.Found;
import chat.magpie.evaluate.Wire.Passage;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// How often the right answer is found, and how often a wrong one is given: one search per
/// question.
final class FaqSuite {
  static final String FIRST = "FAQ recall@1";
  static final String FALSE = "false answers, of those given";
  static final String COVERAGE = "coverage: answerable questions that get an answer";

  /// How many are offered where the server cannot decide.
  private static final int CHOICES = 2;

  private final Averages ranks =
      new Averages(
          "FAQ: how often a right entry is among the first",
          List.of("recall@1", "recall@3", "recall@5", "MRR", "or acceptable @1"));
  private final Averages outcomes =
      new Averages(
          "FAQ: what was answered",
          List.of("answer", "choice", "none", "false", "right, or acceptable"));
  private final Averages sections =
      new Averages(
          "Pages: how often the right section is among the first",
          List.of("@1", "@5", "MRR", "answered"));
  private final List<Case> cases = new ArrayList<>();
  private final List<Scored> scored = new ArrayList<>();
  private int compared;
  private int given;
  private int wrong;
  private int answerable;
  private int covered;
  private int unanswerable;
  private int made;
  private int together;
  private int togetherFirst;
  private int pageFirst;

  void add(FaqQuestion question, Found found) {
    List<String> ranked = documents(found.passages());
    compared += found.passages().stream().anyMatch(Passage::compared) ? 1 : 0;
    Set<String> right = new HashSet<>(question.expected());
    Set<String> fine = new HashSet<>(question.acceptable());
    fine.addAll(right);
    boolean offered =
        switch (found.outcome()) {
          case "answer" -> any(Metrics.first(ranked, 1), fine);
          case "choice" -> any(documents(Metrics.first(found.passages(), CHOICES)), fine);
          default -> false;
        };
    boolean isFalse = found.answers() && !offered;
    double best = found.passages().isEmpty() ? 0 : found.passages().getFirst().score();
    boolean firstFine = any(Metrics.first(ranked, 1), fine);
    scored.add(new Scored(best, question.answerable(), firstFine));
    given += found.answers() ? 1 : 0;
    wrong += isFalse ? 1 : 0;
    outcomes.add(
        Averages.groupsOf(question),
        of(found.outcome().equals("answer")),
        of(found.outcome().equals("choice")),
        of(!found.answers()),
        of(isFalse),
        question.answerable() ? of(offered) : of(!found.answers()));
    String told =
        "%s [%s: %s; right: %s]"
            .formatted(
                question.question(),
                found.outcome(),
                String.join(", ", Metrics.first(ranked, CHOICES)),
                right.isEmpty() ? "none" : String.join(", ", right));
    cases.add(
        new Case(FALSE, question.id(), question.split(), question.kind(), of(!isFalse), told));
    if (question.answerable()) {
      answerable++;
      covered += found.answers() ? 1 : 0;
      int place = Metrics.place(ranked, right::contains);
      ranks.add(
          Averages.groupsOf(question),
          of(place == 1),
          of(place >= 1 && place <= 3),
          of(place >= 1 && place <= 5),
          Metrics.reciprocalRank(ranked, right::contains),
          of(firstFine));
      cases.add(
          new Case(
              FIRST,
              question.id(),
              question.split(),
              question.kind(),
              Metrics.reciprocalRank(ranked, right::contains),
              told));
      cases.add(
          new Case(
              COVERAGE,
              question.id(),
              question.split(),
              question.kind(),
              of(found.answers()),
              told));
    } else {
      unanswerable++;
      made += found.answers() ? 1 : 0;
    }
  }

  /// Takes what was found where entries and pages lie together.
  ///
  /// @param entries the ids of the entries; all else is a page
  void addTogether(FaqQuestion question, Found found, Set<String> entries) {
    if (!question.answerable()) {
      return;
    }
    together++;
    List<String> ranked = documents(found.passages());
    togetherFirst += any(Metrics.first(ranked, 1), new HashSet<>(question.expected())) ? 1 : 0;
    pageFirst += !ranked.isEmpty() && !entries.contains(ranked.getFirst()) ? 1 : 0;
  }

  /// @param pages the documents' ids by the paths of the pages
  void add(PassageQuestion question, Found found, Map<String, String> pages) {
    List<String> ranked =
        found.passages().stream()
            .map(passage -> passage.documentId() + "\n" + heading(passage.section()))
            .distinct()
            .toList();
    String right = pages.getOrDefault(question.page(), "") + "\n" + question.heading();
    int place = Metrics.place(ranked, right::equals);
    sections.add(
        Averages.groupsOf(question),
        of(place == 1),
        of(place >= 1 && place <= 5),
        Metrics.reciprocalRank(ranked, right::equals),
        of(found.answers()));
  }

  /// The innermost of the headings above a passage.
  private static String heading(String section) {
    String last = section;
    for (String separator : List.of(" › ", " > ", " / ", "\n")) {
      int at = last.lastIndexOf(separator);
      last = at < 0 ? last : last.substring(at + separator.length());
    }
    return last.strip();
  }

  private static List<String> documents(List<Passage> passages) {
    return passages.stream().map(Passage::documentId).distinct().toList();
  }

  private static boolean any(List<String> ranked, Set<String> right) {
    return ranked.stream().anyMatch(right::contains);
  }

  private static double of(boolean holds) {
    return holds ? 1 : 0;
  }

  /// @param embeddings whether embeddings shall have had a part in it
  Measured measured(boolean embeddings) {
    List<Headline> headlines = new ArrayList<>();
    List<Measured.Table> tables = new ArrayList<>();
    List<String> notes = new ArrayList<>();
    if (!scored.isEmpty()) {
      faq(embeddings, headlines, tables, notes);
    }
    if (sections.count("all", "@1") > 0) {
      tables.add(sections.table());
      int count = sections.count("all", "@1");
      headlines.add(
          new Headline(
              "pages: right section first", sections.of("all", "@1"), count, Optional.empty()));
      headlines.add(
          new Headline(
              "pages: right section among five",
              sections.of("all", "@5"),
              count,
              Optional.empty()));
    }
    return new Measured("faq", headlines, tables, notes, cases);
  }

  private void faq(
      boolean embeddings,
      List<Headline> headlines,
      List<Measured.Table> tables,
      List<String> notes) {
    headlines.add(
        new Headline(
            FIRST,
            ranks.of("all", "recall@1"),
            answerable,
            Target.atLeast(embeddings ? 0.90 : 0.65)));
    headlines.add(
        new Headline(
            COVERAGE, Metrics.share(covered, answerable), answerable, Target.atLeast(0.9)));
    headlines.add(new Headline(FALSE, Metrics.share(wrong, given), given, Target.atMost(0.02)));
    headlines.add(
        new Headline(
            "false answers, of all questions",
            Metrics.share(wrong, scored.size()),
            scored.size(),
            Optional.empty()));
    if (unanswerable > 0) {
      headlines.add(
          new Headline(
              "false answers, of questions without an answer",
              Metrics.share(made, unanswerable),
              unanswerable,
              Optional.empty()));
    }
    List<Point> curve = Metrics.curve(scored);
    headlines.add(
        new Headline(
            "false answers over coverage, mean by score",
            Metrics.area(curve),
            scored.size(),
            Optional.empty()));
    if (together > 0) {
      headlines.add(
          new Headline(
              "FAQ recall@1 with the pages beside the entries",
              Metrics.share(togetherFirst, together),
              together,
              Optional.empty()));
      notes.add(
          "With the pages beside the entries, a page comes first for %d of %d answerable questions."
              .formatted(pageFirst, together));
    }
    notes.add("Embeddings had a part in %d of %d searches.".formatted(compared, scored.size()));
    notes.add(
        curve.stream()
            .filter(point -> point.coverage() >= 0.9)
            .findFirst()
            .map(point ->
                "Answering from the score %.3f on would cover %.3f of the answerable questions; %.3f of the answers would be false."
                    .formatted(point.score(), point.coverage(), point.falseShare()))
            .orElse("From no score on would 90 % of the answerable questions be covered."));
    tables.add(ranks.table());
    tables.add(outcomes.table());
    tables.add(shortened(curve));
  }

  /// The curve at each twentieth of coverage.
  private static Measured.Table shortened(List<Point> curve) {
    List<Measured.Row> rows = new ArrayList<>();
    for (int twentieth = 10; twentieth <= 20; twentieth++) {
      double least = twentieth / 20.0;
      curve.stream()
          .filter(point -> point.coverage() >= least - 1e-9)
          .findFirst()
          .ifPresent(point ->
              rows.add(
                  new Measured.Row(
                      "coverage ≥ %.2f".formatted(least),
                      0,
                      List.of(point.score(), point.coverage(), point.falseShare()))));
    }
    return new Measured.Table(
        "FAQ: if answers were given from a score on",
        List.of("score", "coverage", "false, of those given"),
        rows);
  }
}
