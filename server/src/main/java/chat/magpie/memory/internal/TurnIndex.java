package chat.magpie.memory.internal;

import chat.magpie.memory.Days;
import chat.magpie.memory.RememberedTurn;
import chat.magpie.text.Terms;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Everything that one user and one character said to each other, in the order of its time, to be
/// searched. Turns are added at the end only. Not safe for several threads.
final class TurnIndex {
  private static final int MAX_TERMS = 400;
  private static final int MAX_FEEDBACK_TERMS = 40;

  /// A turn that says as much has half of what there is to have for it.
  private static final double SAYS_MUCH = 40;

  private final Weights weights;
  private final List<RememberedTurn> turns = new ArrayList<>();
  private final List<int[]> terms = new ArrayList<>();
  private final List<@Nullable Vector> vectors = new ArrayList<>();
  private final Map<String, Integer> vocabulary = new HashMap<>();
  private final List<String> words = new ArrayList<>();
  private final List<Postings> postings = new ArrayList<>();
  private final Map<String, Integer> conversations = new HashMap<>();
  private int[] conversation = new int[16];
  private int[] lengths = new int[16];
  private long totalLength;
  private int embedded;
  private final Set<String> spaces = new HashSet<>();

  TurnIndex(Weights weights) {
    this.weights = weights;
  }

  /// Where a term stands, and how often.
  private static final class Postings {
    int[] turns = new int[2];
    byte[] counts = new byte[2];
    int size;

    void add(int turn, int count) {
      if (size == turns.length) {
        turns = Arrays.copyOf(turns, size * 2);
        counts = Arrays.copyOf(counts, size * 2);
      }
      turns[size] = turn;
      counts[size++] = (byte) Math.min(count, Byte.MAX_VALUE);
    }
  }

  int size() {
    return turns.size();
  }

  List<RememberedTurn> turns() {
    return turns;
  }

  void add(RememberedTurn turn, @Nullable Vector vector) {
    int number = turns.size();
    turns.add(turn);
    vectors.add(vector);
    if (vector != null) {
      note(vector);
    }
    if (number == lengths.length) {
      lengths = Arrays.copyOf(lengths, number * 2);
      conversation = Arrays.copyOf(conversation, number * 2);
    }
    Integer known = conversations.putIfAbsent(turn.conversationId(), conversations.size());
    conversation[number] = known == null ? conversations.size() - 1 : known;
    Map<Integer, Integer> counts = new LinkedHashMap<>();
    int length = 0;
    for (String term : limited(Terms.of(turn.text()))) {
      counts.merge(id(term), 1, Integer::sum);
      length++;
    }
    lengths[number] = length;
    totalLength += length;
    terms.add(counts.keySet().stream().mapToInt(Integer::intValue).toArray());
    counts.forEach((term, count) -> postings.get(term).add(number, count));
  }

  /// How many turns have no vector.
  int pending() {
    return turns.size() - embedded;
  }

  /// In which spaces there are vectors.
  Set<String> spaces() {
    return spaces;
  }

  /// Those that have none, the newest first.
  List<RememberedTurn> withoutVector(int most) {
    List<RememberedTurn> found = new ArrayList<>();
    for (int i = turns.size() - 1; i >= 0 && found.size() < most; i--) {
      if (vectors.get(i) == null) {
        found.add(turns.get(i));
      }
    }
    return found;
  }

  /// Gives vectors to turns, by message id.
  void learn(Map<String, Vector> made) {
    for (int i = 0; i < turns.size(); i++) {
      Vector vector = made.get(turns.get(i).messageId());
      if (vector != null && vectors.get(i) == null) {
        vectors.set(i, vector);
        note(vector);
      }
    }
  }

  private void note(Vector vector) {
    embedded++;
    spaces.add(vector.space());
  }

  private static List<String> limited(List<String> found) {
    return found.size() > MAX_TERMS ? found.subList(0, MAX_TERMS) : found;
  }

  private int id(String term) {
    Integer known = vocabulary.get(term);
    if (known != null) {
      return known;
    }
    int id = words.size();
    vocabulary.put(term, id);
    words.add(term);
    postings.add(new Postings());
    return id;
  }

  /// A turn and what speaks for it.
  ///
  /// @param relevant whether that is enough to take up a model's time
  record Scored(
      RememberedTurn turn, double score, double lexical, double dense, boolean relevant) {}

  /// All turns before the moment, best first.
  List<Scored> rank(Asked asked) {
    int n = upTo(asked);
    if (n == 0) {
      return List.of();
    }
    Map<Integer, Double> query = query(asked.text());
    double[] lexical = lexical(query, n);
    boolean known = Arrays.stream(lexical).anyMatch(fits -> fits > 0);
    if (weights.feedback() > 0 && !query.isEmpty()) {
      lexical = lexical(withFeedback(query, lexical), n);
    }
    double[] dense = dense(asked, n);
    double max = Math.max(Arrays.stream(lexical).max().orElse(0), 1e-9);
    double[] score = new double[n];
    double[] sessions = new double[conversations.size()];
    for (int i = 0; i < n; i++) {
      lexical[i] /= max;
      score[i] = lexical[i] + weights.dense() * dense[i];
      sessions[conversation[i]] = Math.max(sessions[conversation[i]], score[i]);
    }
    double[] rarity = rarity(n);
    double[] said = new double[n];
    boolean[] compared = new boolean[n];
    for (int i = 0; i < n; i++) {
      said[i] = said(i, rarity);
      compared[i] = isCompared(asked, vectors.get(i));
      score[i] +=
          weights.session() * sessions[conversation[i]]
              + weights.substance() * said[i] / (said[i] + SAYS_MUCH)
              + signs(asked, turns.get(i), i, n);
    }
    boolean dated = !asked.windows().isEmpty();
    Relevance relevance =
        Relevance.of(
            dated || QuestionWords.asksAnything(asked.text()),
            dated || known,
            score,
            dense,
            weights.dense());
    if (!asked.ofThePast()) {
      putNewerFirst(score, query, rarity);
    }
    List<Scored> ranked = new ArrayList<>(n);
    for (int i : best(score)) {
      boolean says = Relevance.says(lexical[i], said[i] / Math.log(1.0 + n), turns.get(i).byUser());
      boolean relevant = says && relevance.reaches(score[i], dense[i], compared[i]);
      ranked.add(new Scored(turns.get(i), score[i], lexical[i], dense[i], relevant));
    }
    return ranked;
  }

  private void putNewerFirst(double[] score, Map<Integer, Double> query, double[] rarity) {
    int[] best = best(score);
    List<NewerFirst.Turn> top = new ArrayList<>();
    for (int i : Arrays.copyOf(best, Math.min(best.length, NewerFirst.AMONG))) {
      if (turns.get(i).byUser() && !QuestionWords.asks(turns.get(i).text())) {
        Set<Integer> about = new HashSet<>();
        for (int term : terms.get(i)) {
          if (query.containsKey(term)) {
            about.add(term);
          }
        }
        top.add(new NewerFirst.Turn(i, score[i], about));
      }
    }
    new NewerFirst(term -> rarity[term], query.keySet())
        .ordered(top)
        .forEach(turn -> score[turn.number()] = turn.score());
  }

  /// The turns from the best on; of equal ones the newest first.
  private static int[] best(double[] score) {
    long[] keys = new long[score.length];
    for (int i = 0; i < score.length; i++) {
      int bits = Float.floatToIntBits((float) score[i]);
      int ordered = bits < 0 ? bits ^ Integer.MAX_VALUE : bits;
      keys[i] = (long) ordered << 32 | i;
    }
    Arrays.sort(keys);
    int[] best = new int[keys.length];
    for (int i = 0; i < best.length; i++) {
      best[i] = (int) keys[best.length - 1 - i];
    }
    return best;
  }

  private int upTo(Asked asked) {
    int n = turns.size();
    while (n > 0 && !turns.get(n - 1).at().isBefore(asked.before())) {
      n--;
    }
    return n;
  }

  private double signs(Asked asked, RememberedTurn turn, int i, int n) {
    double sum = weights.recency() * i / n;
    if (turn.byUser()) {
      sum += weights.byUser();
    }
    if (asked.wantsDate() && !turn.dates().isEmpty()) {
      sum += weights.date();
    }
    if (!asked.windows().isEmpty()) {
      LocalDate day = LocalDate.ofInstant(turn.at(), asked.zone());
      Days said = Days.of(day);
      double best = 0;
      for (Days window : asked.windows()) {
        double narrow = window.count() <= 31 ? 1 : .4;
        if (turn.dates().stream().anyMatch(days -> days.count() <= 31 && days.meets(window))) {
          best = Math.max(best, narrow);
        } else if (said.meets(window)) {
          best = Math.max(best, .6 * narrow);
        } else if (said.meets(new Days(window.to(), window.to().plusDays(7)))) {
          best = Math.max(best, .25 * narrow);
        }
      }
      sum += weights.window() * best;
    }
    if (!turn.speaker().isEmpty() && asked.names(turn.speaker())) {
      sum += weights.speaker();
    }
    return sum;
  }

  /// How rare each term is.
  private double[] rarity(int n) {
    double[] rarity = new double[words.size()];
    for (int term = 0; term < rarity.length; term++) {
      rarity[term] = Math.log(1 + (double) n / postings.get(term).size);
    }
    return rarity;
  }

  /// The rarer its words, the more a turn says.
  private double said(int i, double[] rarity) {
    double sum = 0;
    for (int term : terms.get(i)) {
      sum += rarity[term];
    }
    return sum;
  }

  private Map<Integer, Double> query(String text) {
    Map<Integer, Double> query = new LinkedHashMap<>();
    for (String term : new HashSet<>(limited(QuestionWords.terms(text)))) {
      Integer id = vocabulary.get(term);
      if (id != null) {
        query.merge(id, 1.0, Math::max);
      } else if (weights.fuzzy() > 0) {
        near(term).forEach(other -> query.merge(other, weights.fuzzy(), Math::max));
      }
    }
    return query;
  }

  /// The words that a misspelt one may have been meant for.
  private Set<Integer> near(String term) {
    if (term.length() < 4 || term.charAt(0) > 0x2E80) {
      return Set.of();
    }
    int allowed = term.length() < 8 ? 1 : 2;
    Set<Integer> found = new HashSet<>();
    for (int id = 0; id < words.size(); id++) {
      String word = words.get(id);
      if (word.charAt(0) < 0x2E80
          && word.length() >= 4
          && Math.abs(word.length() - term.length()) <= allowed
          && Edits.within(term, word, allowed)) {
        found.add(id);
      }
    }
    return found;
  }

  private double[] lexical(Map<Integer, Double> query, int n) {
    double[] score = new double[n];
    double average =
        Math.max(1, totalLength * (1 + weights.previous() + weights.next()) / turns.size());
    double[] weighted = new double[n];
    int[] touched = new int[n];
    query.forEach((term, weight) -> {
      Postings found = postings.get(term);
      double idf = Math.log(1 + (n - Math.min(found.size, n) + .5) / (found.size + .5));
      int count = 0;
      for (int p = 0; p < found.size && found.turns[p] < n; p++) {
        int i = found.turns[p];
        for (int j = Math.max(0, i - 1); j <= Math.min(n - 1, i + 1); j++) {
          if (conversation[i] == conversation[j]) {
            if (weighted[j] == 0) {
              touched[count++] = j;
            }
            weighted[j] +=
                found.counts[p] * (j == i ? 1 : j > i ? weights.previous() : weights.next());
          }
        }
      }
      for (int t = 0; t < count; t++) {
        int i = touched[t];
        double tf = weighted[i];
        weighted[i] = 0;
        score[i] +=
            weight
                * idf
                * tf
                * (weights.k1() + 1)
                / (tf + weights.k1() * (1 - weights.b() + weights.b() * length(i, n) / average));
      }
    });
    return score;
  }

  /// With what counts of its neighbours.
  private double length(int i, int n) {
    double length = lengths[i];
    if (i > 0 && together(i - 1, i)) {
      length += weights.previous() * lengths[i - 1];
    }
    if (i + 1 < n && together(i, i + 1)) {
      length += weights.next() * lengths[i + 1];
    }
    return length;
  }

  private boolean together(int i, int j) {
    return conversation[i] == conversation[j];
  }

  private Map<Integer, Double> withFeedback(Map<Integer, Double> query, double[] first) {
    int[] best = Arrays.copyOf(best(first), Math.min(first.length, weights.feedbackTurns()));
    if (best.length == 0 || first[best[0]] == 0) {
      return query;
    }
    Map<Integer, Double> more = new HashMap<>();
    double max = first[best[0]];
    for (int i : best) {
      for (int term : terms.get(i)) {
        more.merge(
            term, first[i] / max * weights.feedback() / weights.feedbackTurns(), Double::sum);
      }
    }
    Map<Integer, Double> all = new LinkedHashMap<>(query);
    more.entrySet().stream()
        .sorted(
            Comparator.<Map.Entry<Integer, Double>>comparingDouble(
                entry -> -entry.getValue() / Math.sqrt(postings.get(entry.getKey()).size)))
        .limit(MAX_FEEDBACK_TERMS)
        .forEach(entry -> all.merge(entry.getKey(), entry.getValue(), Double::sum));
    return all;
  }

  private double[] dense(Asked asked, int n) {
    double[] dense = new double[n];
    if (asked.vectors().isEmpty()) {
      return dense;
    }
    double[] own = new double[n];
    for (int i = 0; i < n; i++) {
      own[i] = cosine(asked, vectors.get(i));
    }
    double[] sums = new double[conversations.size()];
    int[] counts = new int[conversations.size()];
    for (int i = 0; i < n; i++) {
      sums[conversation[i]] += own[i];
      counts[conversation[i]]++;
    }
    for (int i = 0; i < n; i++) {
      double pair = i > 0 && together(i - 1, i) ? (own[i] + .7 * own[i - 1]) / 1.7 : own[i];
      dense[i] =
          weights.denseTurn() * own[i]
              + weights.densePair() * pair
              + weights.denseSession() * sums[conversation[i]] / counts[conversation[i]];
    }
    return dense;
  }

  private static boolean isCompared(Asked asked, @Nullable Vector vector) {
    return vector != null && asked.vectors().containsKey(vector.space());
  }

  private static double cosine(Asked asked, @Nullable Vector vector) {
    if (vector == null) {
      return 0;
    }
    float[] question = asked.vectors().get(vector.space());
    return question == null ? 0 : vector.cosine(question);
  }

  /// What is asked, and what was found out about it.
  ///
  /// @param before only turns before this moment
  /// @param windows the days that it names
  /// @param wantsDate it asks when something is or was
  /// @param ofThePast it asks how something was, not how it is
  record Asked(
      String text,
      java.time.Instant before,
      ZoneId zone,
      List<Days> windows,
      boolean wantsDate,
      boolean ofThePast,
      Map<String, float[]> vectors) {
    static Asked of(
        String text, java.time.Instant before, ZoneId zone, Map<String, float[]> vectors) {
      LocalDate day = LocalDate.ofInstant(before, zone);
      List<Days> windows =
          SaidDates.inQuestion(text, day).stream().map(SaidDates.Said::days).toList();
      return new Asked(
          text,
          before,
          zone,
          windows,
          QuestionWords.asksWhen(text),
          !windows.isEmpty() || QuestionWords.asksOfThePast(text),
          vectors);
    }

    boolean names(String speaker) {
      return text.contains(speaker);
    }
  }
}
