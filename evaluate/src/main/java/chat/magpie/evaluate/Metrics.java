package chat.magpie.evaluate;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

/// How good a ranking is.
final class Metrics {
  private Metrics() {}

  /// The share of a proof that was found; of several proofs, the best one's.
  static double recall(Stream<List<String>> proofs, Collection<String> found) {
    Set<String> set = new HashSet<>(found);
    return proofs
        .mapToDouble(proof -> proof.stream().filter(set::contains).count() / (double) proof.size())
        .max()
        .orElse(Double.NaN);
  }

  /// One over the place of the first that is right, from 1; 0 where none is.
  static <T> double reciprocalRank(List<T> ranked, Predicate<T> right) {
    int place = place(ranked, right);
    return place == 0 ? 0 : 1.0 / place;
  }

  /// The place of the first that is right, from 1; 0 where none is.
  static <T> int place(List<T> ranked, Predicate<T> right) {
    for (int i = 0; i < ranked.size(); i++) {
      if (right.test(ranked.get(i))) {
        return i + 1;
      }
    }
    return 0;
  }

  static <T> List<T> first(List<T> ranked, int count) {
    return ranked.subList(0, Math.min(count, ranked.size()));
  }

  /// Those that fit into a number of tokens, best first, up to the first that does not.
  static List<Wire.Recalled> within(List<Wire.Recalled> ranked, int tokens) {
    int sum = 0;
    for (int i = 0; i < ranked.size(); i++) {
      sum += ranked.get(i).tokens();
      if (sum > tokens) {
        return ranked.subList(0, i);
      }
    }
    return ranked;
  }

  /// How likely one of the first has a greater score than one of the second, a tie counting half; 1
  /// where the score tells them apart, .5 where it says nothing. NaN where either is empty.
  static double separation(List<Double> first, List<Double> second) {
    double won = 0;
    for (double a : first) {
      for (double b : second) {
        won += a > b ? 1 : a == b ? 0.5 : 0;
      }
    }
    return won / ((double) first.size() * second.size());
  }

  /// The nearest-rank quantile; NaN of nothing.
  static double quantile(List<Double> values, double share) {
    if (values.isEmpty()) {
      return Double.NaN;
    }
    List<Double> sorted = values.stream().sorted().toList();
    int index = (int) Math.ceil(share * sorted.size()) - 1;
    return sorted.get(Math.clamp(index, 0, sorted.size() - 1));
  }

  static double share(long part, long whole) {
    return whole == 0 ? Double.NaN : part / (double) whole;
  }

  /// A question with the score of the best answer to it.
  ///
  /// @param answerable whether there is an answer
  /// @param right whether the best one is it
  record Scored(double score, boolean answerable, boolean right) {}

  /// What happens when answers are given from a score on.
  ///
  /// @param coverage the share of the answerable questions that get an answer
  /// @param falseShare the share of all answers given that are false
  record Point(double score, double coverage, double falseShare) {}

  /// One point for each score that occurs, from the greatest to the least: coverage grows.
  static List<Point> curve(List<Scored> questions) {
    List<Scored> sorted =
        questions.stream().sorted(Comparator.comparingDouble(Scored::score).reversed()).toList();
    long answerable = questions.stream().filter(Scored::answerable).count();
    List<Point> points = new ArrayList<>();
    int covered = 0;
    int wrong = 0;
    for (int i = 0; i < sorted.size(); i++) {
      Scored one = sorted.get(i);
      covered += one.answerable() ? 1 : 0;
      wrong += one.answerable() && one.right() ? 0 : 1;
      if (i + 1 == sorted.size() || sorted.get(i + 1).score() < one.score()) {
        points.add(new Point(one.score(), share(covered, answerable), wrong / (double) (i + 1)));
      }
    }
    return points;
  }

  /// The area under the curve of false answers over coverage, divided by the coverage that is
  /// reached: the mean share of false answers. 0 is best.
  static double area(List<Point> curve) {
    double area = 0;
    double reached = 0;
    for (Point point : curve) {
      area += (point.coverage() - reached) * point.falseShare();
      reached = point.coverage();
    }
    return reached == 0 ? Double.NaN : area / reached;
  }
}
