package chat.magpie.evaluate;

import chat.magpie.evaluate.Dataset.Days;
import chat.magpie.evaluate.Dataset.Dialogue;
import chat.magpie.evaluate.Dataset.MemoryQuestion;
import chat.magpie.evaluate.Dataset.Turn;
import chat.magpie.evaluate.Measured.Case;
import chat.magpie.evaluate.Measured.Headline;
import chat.magpie.evaluate.Measured.Target;
import chat.magpie.evaluate.Wire.Recall;
import chat.magpie.evaluate.Wire.Recalled;
import java.nio.charset.StandardCharsets;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.CRC32;

/// How much of what was said is found again: one retrieval per question, of a user who said what
/// the dialogue says, with the time of the question.
final class MemorySuite {
  static final String EVIDENCE = "evidence within 2,000 tokens";
  static final String TEMPORAL = "temporal: evidence within 2,000 tokens";

  /// What a prompt is given by default, and whether the answer can be told from it.
  static final String CONTEXT = "context relevance: a whole proof in what a prompt recalls";

  static final int BUDGET = 2000;
  private static final String WITHIN = "≤ 2,000 tokens";
  private static final List<String> COLUMNS =
      List.of("recall@5", "recall@10", "recall@20", "MRR", "≤ 1,000 tokens", WITHIN);

  private final Map<String, Dialogue> dialogues;
  private final Map<String, Turn> turns;
  private final Averages averages = new Averages("Memory: the share of the evidence", COLUMNS);
  private final List<Case> cases = new ArrayList<>();
  private final List<Double> bestOfAnswerable = new ArrayList<>();
  private final List<Double> bestOfAbstain = new ArrayList<>();
  private final Map<String, List<Days>> resolved = new HashMap<>();
  private int dense;
  private int early;
  private int asked;
  private int contextWhole;
  private long toldTurns;
  private long toldTokens;
  private int outdatedAsked;
  private int newestFirst;
  private int datesAsked;
  private int datesCovered;
  private int datesExact;

  MemorySuite(Dataset data) {
    dialogues = data.dialoguesById();
    turns =
        data.dialogues().stream()
            .flatMap(Dialogue::turns)
            .collect(Collectors.toMap(Turn::id, Function.identity()));
  }

  /// Takes what was recalled for a question.
  ///
  /// @param recall the best turns, whatever their length
  /// @param thousand those of 1,000 tokens
  /// @param budgeted those of 2,000 tokens
  void add(MemoryQuestion question, Recall recall, Recall thousand, Recall budgeted) {
    asked++;
    dense += recall.dense() ? 1 : 0;
    early += recall.turns().stream().anyMatch(turn -> isLater(turn, question)) ? 1 : 0;
    Stream.concat(recall.turns().stream(), budgeted.turns().stream())
        .forEach(turn -> resolved.put(turn.id(), turn.dates()));
    List<Recalled> prompt =
        Metrics.within(recall.turns().stream().filter(Recalled::relevant).toList(), BUDGET);
    toldTurns += prompt.size();
    toldTokens += prompt.stream().mapToInt(Recalled::tokens).sum();
    double best = recall.turns().isEmpty() ? 0 : recall.turns().getFirst().score();
    if (!question.answerable()) {
      bestOfAbstain.add(best);
      return;
    }
    bestOfAnswerable.add(best);
    contextWhole += Metrics.recall(question.proofs(), ids(prompt)) == 1 ? 1 : 0;
    List<String> ranked = ids(recall.turns());
    List<String> within = ids(Metrics.within(budgeted.turns(), BUDGET));
    Set<String> proving = question.proofs().flatMap(List::stream).collect(Collectors.toSet());
    double share = Metrics.recall(question.proofs(), within);
    averages.add(
        Averages.groupsOf(question),
        Metrics.recall(question.proofs(), Metrics.first(ranked, 5)),
        Metrics.recall(question.proofs(), Metrics.first(ranked, 10)),
        Metrics.recall(question.proofs(), Metrics.first(ranked, 20)),
        Metrics.reciprocalRank(ranked, proving::contains),
        Metrics.recall(question.proofs(), ids(Metrics.within(thousand.turns(), BUDGET / 2))),
        share);
    String told = told(question, ranked);
    cases.add(caseOf(EVIDENCE, question, share, told));
    if (question.kind().equals("temporal")) {
      cases.add(caseOf(TEMPORAL, question, share, told));
    }
    outdated(question, ranked);
    question.answerDays().ifPresent(days -> dates(question, days, new HashSet<>(within)));
  }

  private boolean isLater(Recalled recalled, MemoryQuestion question) {
    Turn turn = turns.get(recalled.id());
    return turn == null || !turn.at().isBefore(question.askedAt());
  }

  private static Case caseOf(String headline, MemoryQuestion question, double value, String told) {
    return new Case(headline, question.id(), question.split(), question.kind(), value, told);
  }

  private static String told(MemoryQuestion question, List<String> ranked) {
    String places =
        question.evidence().stream()
            .map(turn -> {
              int place = ranked.indexOf(turn) + 1;
              return turn + (place == 0 ? " not found" : " at " + place);
            })
            .collect(Collectors.joining(", "));
    return question.question() + " [" + places + "]";
  }

  /// Whether the newest turn that proves the answer comes before all that no longer do.
  private void outdated(MemoryQuestion question, List<String> ranked) {
    if (question.outdated().isEmpty()) {
      return;
    }
    outdatedAsked++;
    String newest =
        question.evidence().stream()
            .filter(turns::containsKey)
            .max((a, b) -> at(a).compareTo(at(b)))
            .orElse("");
    int place = ranked.indexOf(newest);
    int outdated = Metrics.place(ranked, question.outdated()::contains);
    newestFirst += place >= 0 && (outdated == 0 || place + 1 < outdated) ? 1 : 0;
  }

  private OffsetDateTime at(String turn) {
    return Optional.ofNullable(turns.get(turn)).map(Turn::at).orElse(OffsetDateTime.MIN);
  }

  /// Whether the days that are asked for are among those that the server resolved for the evidence
  /// that it found, or are the day on which such a turn was said.
  private void dates(MemoryQuestion question, Days wanted, Set<String> within) {
    datesAsked++;
    List<Days> known =
        question
            .proofs()
            .flatMap(List::stream)
            .filter(within::contains)
            .distinct()
            .flatMap(turn ->
                Stream.concat(
                    resolved.getOrDefault(turn, List.of()).stream(),
                    Stream.ofNullable(turns.get(turn))
                        .map(t -> new Days(t.at().toLocalDate(), t.at().toLocalDate()))))
            .toList();
    datesCovered += known.stream().anyMatch(days -> days.contains(wanted)) ? 1 : 0;
    datesExact += known.contains(wanted) ? 1 : 0;
  }

  /// @param embeddings whether embeddings shall have had a part in it
  Measured measured(boolean embeddings) {
    List<Headline> headlines = new ArrayList<>();
    headlines.add(
        new Headline(
            EVIDENCE,
            averages.of("all", WITHIN),
            averages.count("all", WITHIN),
            Target.atLeast(embeddings ? 0.92 : 0.85)));
    headlines.add(
        new Headline(
            CONTEXT,
            Metrics.share(contextWhole, bestOfAnswerable.size()),
            bestOfAnswerable.size(),
            Target.atLeast(0.90)));
    int temporal = averages.count("kind: temporal", WITHIN);
    if (temporal > 0) {
      headlines.add(
          new Headline(
              TEMPORAL, averages.of("kind: temporal", WITHIN), temporal, Target.atLeast(0.85)));
    }
    add(headlines, "date asked for is among those of the evidence found", datesCovered, datesAsked);
    add(headlines, "the same, those days exactly", datesExact, datesAsked);
    add(
        headlines,
        "updated: the newest evidence before what is outdated",
        newestFirst,
        outdatedAsked);
    long annotated = annotated().count();
    add(headlines, "dates in the turns found, resolved to those days", resolvedRight(), annotated);
    if (!bestOfAbstain.isEmpty()) {
      headlines.add(
          new Headline(
              "abstain: how well the best score tells them apart",
              Metrics.separation(bestOfAnswerable, bestOfAbstain),
              bestOfAbstain.size(),
              Optional.empty()));
    }
    return new Measured("memory", headlines, List.of(averages.table()), notes(), cases);
  }

  private static void add(List<Headline> headlines, String name, long part, long whole) {
    if (whole > 0) {
      headlines.add(new Headline(name, Metrics.share(part, whole), (int) whole, Optional.empty()));
    }
  }

  /// The expressions in turns that came back whose days the data set tells.
  private Stream<Map.Entry<String, Days>> annotated() {
    return turns.values().stream()
        .filter(turn -> resolved.containsKey(turn.id()))
        .flatMap(turn -> turn.dates().stream().map(dated -> Map.entry(turn.id(), dated.days())));
  }

  private long resolvedRight() {
    return annotated()
        .filter(one -> resolved.getOrDefault(one.getKey(), List.of()).contains(one.getValue()))
        .count();
  }

  private List<String> notes() {
    List<String> notes = new ArrayList<>();
    notes.add("Embeddings had a part in %d of %d retrievals.".formatted(dense, asked));
    notes.add(
        "A prompt recalls %.1f turns of %,.0f tokens on average, of %,d that it may."
            .formatted(
                (double) toldTurns / Math.max(1, asked),
                (double) toldTokens / Math.max(1, asked),
                BUDGET));
    if (!bestOfAbstain.isEmpty()) {
      notes.add(
          "Best score, p10 / p50 / p90: %s where there is an answer, %s where there is none."
              .formatted(spread(bestOfAnswerable), spread(bestOfAbstain)));
    }
    notes.add(
        early == 0
            ? "No turn came back that had not been said when the question was asked."
            : "%d retrievals brought turns that had not been said then.".formatted(early));
    notes.add("%d dialogues with %,d turns.".formatted(dialogues.size(), turns.size()));
    return notes;
  }

  private static String spread(List<Double> values) {
    return "%.3f / %.3f / %.3f"
        .formatted(
            Metrics.quantile(values, 0.1),
            Metrics.quantile(values, 0.5),
            Metrics.quantile(values, 0.9));
  }

  private static List<String> ids(List<Recalled> turns) {
    return turns.stream().map(Recalled::id).toList();
  }

  /// The id of the user who said what a dialogue says; another when the dialogue is another.
  static String userOf(Dialogue dialogue) {
    CRC32 sum = new CRC32();
    dialogue
        .turns()
        .map(turn -> turn.id() + turn.at() + turn.speaker() + turn.text())
        .forEach(text -> sum.update(text.getBytes(StandardCharsets.UTF_8)));
    String plain = dialogue.id().toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
    return "evaluate-%s-%08x"
        .formatted(plain.substring(0, Math.min(60, plain.length())), sum.getValue());
  }
}
