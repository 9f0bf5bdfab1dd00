package chat.magpie.knowledge.internal;

import chat.magpie.text.StopWords;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import java.util.regex.Matcher;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.cjk.CJKBigramFilter;
import org.apache.lucene.analysis.tokenattributes.CharTermAttribute;
import org.apache.lucene.analysis.tokenattributes.OffsetAttribute;
import org.apache.lucene.analysis.tokenattributes.TypeAttribute;

/// What a question is about: its words and characters without those that say nothing, clause by
/// clause.
///
/// Scores of BM25 do not compare across questions, so that they cannot tell whether a passage
/// answers one. How much of what the question is about occurs in the passage can: each word and
/// each character counts as much as it is rare ([#coverage]).
final class Question {
  private static final int MOST_CHARACTERS = 4000;
  private static final int MOST_TERMS = 128;

  /// What a Chinese character counts for where the passage has it, but beside another one than the
  /// question.
  private static final double APART = 0.25;

  /// A clause speaks for the question if it has so many words or characters, or so much of the
  /// question's weight.
  private static final int ENOUGH_UNITS = 4;

  private static final double ENOUGH_WEIGHT = 0.2;

  private final List<Unit> units;
  private final Set<String> pairs;

  /// A word, or a character with the pairs it is part of.
  private record Unit(String term, int clause, List<String> pairs) {}

  private Question(List<Unit> units, Set<String> pairs) {
    this.units = units;
    this.pairs = pairs;
  }

  static Question of(String text, Analyzer analyzer) {
    String asked = beginning(text);
    BitSet idle = idle(asked);
    List<Unit> units = new ArrayList<>();
    Set<String> pairs = new LinkedHashSet<>();
    Map<Integer, List<String>> pairsAt = new HashMap<>();
    Set<String> distinct = new HashSet<>();
    try (TokenStream tokens = analyzer.tokenStream("body", asked)) {
      CharTermAttribute term = tokens.addAttribute(CharTermAttribute.class);
      TypeAttribute type = tokens.addAttribute(TypeAttribute.class);
      OffsetAttribute offset = tokens.addAttribute(OffsetAttribute.class);
      tokens.reset();
      while (distinct.size() < MOST_TERMS && tokens.incrementToken()) {
        boolean pair = type.type().equals(CJKBigramFilter.DOUBLE_TYPE);
        boolean single = type.type().equals(CJKBigramFilter.SINGLE_TYPE);
        int start = offset.startOffset();
        int end = offset.endOffset();
        int firstIdle = idle.nextSetBit(start);
        if ((pair || single) && firstIdle >= 0 && firstIdle < end) {
          continue;
        }
        String value = term.toString();
        distinct.add(value);
        if (pair) {
          pairs.add(value);
          int second = asked.offsetByCodePoints(start, 1);
          pairsAt.computeIfAbsent(start, at -> new ArrayList<>(2)).add(value);
          pairsAt.computeIfAbsent(second, at -> new ArrayList<>(2)).add(value);
        } else {
          List<String> around =
              single ? pairsAt.computeIfAbsent(start, at -> new ArrayList<>(2)) : List.of();
          units.add(new Unit(value, clause(asked, start), around));
        }
      }
      tokens.end();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new Question(units, pairs);
  }

  /// What is read of the text; halves of characters, which the cut may leave, become spaces.
  private static String beginning(String text) {
    int[] points = text.codePoints().limit(MOST_CHARACTERS).toArray();
    for (int i = 0; i < points.length; i++) {
      if (points[i] >= Character.MIN_SURROGATE && points[i] <= Character.MAX_SURROGATE) {
        points[i] = ' ';
      }
    }
    return new String(points, 0, points.length);
  }

  boolean isEmpty() {
    return units.isEmpty();
  }

  /// Words and single characters.
  Set<String> terms() {
    Set<String> terms = new LinkedHashSet<>();
    units.forEach(unit -> terms.add(unit.term()));
    return terms;
  }

  /// Pairs of neighbouring characters.
  Set<String> pairs() {
    return pairs;
  }

  /// Words, and the characters that no pair speaks for.
  Set<String> lone() {
    Set<String> lone = new LinkedHashSet<>();
    for (Unit unit : units) {
      if (unit.pairs().isEmpty()) {
        lone.add(unit.term());
      }
    }
    return lone;
  }

  /// How much of the question, or of its best clause, a passage with these terms covers, 0 to 1.
  ///
  /// @param passage the words, characters and pairs of the question that it has
  /// @param worth what each of them counts for there, 0 to 1
  /// @param rarity the weight of a word or single character
  double coverage(
      Set<String> passage, ToDoubleFunction<String> worth, ToDoubleFunction<String> rarity) {
    Map<Integer, double[]> clauses = new HashMap<>();
    double all = 0;
    double covered = 0;
    for (Unit unit : units) {
      double weight = rarity.applyAsDouble(unit.term());
      double found = weight * presence(unit, passage, worth);
      double[] clause = clauses.computeIfAbsent(unit.clause(), c -> new double[3]);
      clause[0] += weight;
      clause[1] += found;
      clause[2]++;
      all += weight;
      covered += found;
    }
    double best = all == 0 ? 0 : covered / all;
    for (double[] clause : clauses.values()) {
      if (clause[0] > 0 && (clause[2] >= ENOUGH_UNITS || clause[0] >= ENOUGH_WEIGHT * all)) {
        best = Math.max(best, clause[1] / clause[0]);
      }
    }
    return best;
  }

  /// The pairs that may be written wrongly: neither of their characters is part of a pair that is
  /// known.
  ///
  /// @param known whether any passage has a pair
  Set<String> doubtful(Predicate<String> known) {
    Set<String> once = new HashSet<>();
    Set<String> twice = new LinkedHashSet<>();
    for (Unit unit : units) {
      if (unit.pairs().stream().noneMatch(known)) {
        for (String pair : unit.pairs()) {
          if (!once.add(pair)) {
            twice.add(pair);
          }
        }
      }
    }
    return twice;
  }

  /// How much of the question is about what nobody knows, 0 to 1.
  ///
  /// @param known whether any passage has a word, a character or a pair
  /// @param rarity the weight of a word or single character
  double unknown(Predicate<String> known, ToDoubleFunction<String> rarity) {
    double all = 0;
    double unknown = 0;
    for (Unit unit : units) {
      double weight = rarity.applyAsDouble(unit.term());
      all += weight;
      if (!known.test(unit.term()) && unit.pairs().stream().noneMatch(known)) {
        unknown += weight;
      }
    }
    return all == 0 ? 0 : unknown / all;
  }

  private static double presence(Unit unit, Set<String> passage, ToDoubleFunction<String> worth) {
    double best = 0;
    for (String pair : unit.pairs()) {
      if (passage.contains(pair)) {
        best = Math.max(best, worth.applyAsDouble(pair));
      }
    }
    if (best > 0 || !passage.contains(unit.term())) {
      return best;
    }
    return unit.pairs().isEmpty() ? worth.applyAsDouble(unit.term()) : APART;
  }

  /// The characters that stop phrases take.
  private static BitSet idle(String text) {
    BitSet idle = new BitSet(text.length());
    if (text.chars().noneMatch(c -> c >= StopWords.FIRST_CHINESE)) {
      return idle;
    }
    Matcher phrase = StopWords.CHINESE.matcher(text);
    while (phrase.find()) {
      idle.set(phrase.start(), phrase.end());
    }
    return idle;
  }

  private static int clause(String text, int at) {
    int start = at;
    while (start > 0 && ",.;!?，。；！？\n".indexOf(text.charAt(start - 1)) < 0) {
      start--;
    }
    return start;
  }
}
