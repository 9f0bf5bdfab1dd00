package chat.magpie.memory.internal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToIntFunction;

/// Picks the sentences that say most: those of rare terms, densely, and not the same thing twice.
/// The same sentences in the same order give the same choice.
final class Selection {
  /// So many terms of no worth are added to each sentence: a short one is not dense by its being
  /// short.
  private static final int DAMPING = 6;

  /// How much worth counts against novelty.
  private static final double WORTH = 0.75;

  /// A sentence of fewer tokens hardly says anything, so there is no looking for one.
  private static final int LEAST_TOKENS = 6;

  private Selection() {}

  /// The best, at most `most`, in the order they came in; of those with the same terms the first.
  static List<Excerpt> best(List<Excerpt> excerpts, int most) {
    List<Excerpt> distinct = distinct(excerpts);
    if (distinct.size() <= most) {
      return distinct;
    }
    double[] worth = worth(distinct);
    Integer[] order = new Integer[distinct.size()];
    Arrays.setAll(order, i -> i);
    Arrays.sort(order, Comparator.<Integer>comparingDouble(i -> worth[i]).reversed());
    Arrays.sort(order, 0, most);
    List<Excerpt> best = new ArrayList<>(most);
    for (int i = 0; i < most; i++) {
      best.add(distinct.get(order[i]));
    }
    return best;
  }

  /// By maximal marginal relevance as many as fit into the tokens, the most important first.
  static List<Excerpt> within(List<Excerpt> excerpts, int maxTokens, ToIntFunction<Excerpt> cost) {
    List<Excerpt> left = distinct(excerpts);
    double[] worth = worth(left);
    double greatest = Arrays.stream(worth).max().orElse(0);
    double[] likeness = new double[left.size()];
    boolean[] gone = new boolean[left.size()];
    List<Excerpt> picked = new ArrayList<>();
    int room = maxTokens;
    while (room >= LEAST_TOKENS && greatest > 0) {
      int best = -1;
      double bestValue = 0;
      for (int i = 0; i < left.size(); i++) {
        double value = WORTH * worth[i] / greatest - (1 - WORTH) * likeness[i];
        if (!gone[i] && worth[i] > 0 && (best < 0 || value > bestValue)) {
          best = i;
          bestValue = value;
        }
      }
      if (best < 0) {
        break;
      }
      gone[best] = true;
      Excerpt chosen = left.get(best);
      int tokens = cost.applyAsInt(chosen);
      if (tokens > room) {
        continue;
      }
      room -= tokens;
      picked.add(chosen);
      for (int i = 0; i < left.size(); i++) {
        if (!gone[i]) {
          likeness[i] = Math.max(likeness[i], chosen.terms().likeness(left.get(i).terms()));
        }
      }
    }
    return picked;
  }

  private static List<Excerpt> distinct(List<Excerpt> excerpts) {
    Set<TermSet> seen = new HashSet<>();
    List<Excerpt> distinct = new ArrayList<>(excerpts.size());
    for (Excerpt excerpt : excerpts) {
      if (seen.add(excerpt.terms())) {
        distinct.add(excerpt);
      }
    }
    return distinct;
  }

  private static double[] worth(List<Excerpt> excerpts) {
    Map<Integer, Integer> frequency = new HashMap<>();
    for (Excerpt excerpt : excerpts) {
      excerpt.terms().forEach(term -> frequency.merge(term, 1, Integer::sum));
    }
    double[] worth = new double[excerpts.size()];
    for (int i = 0; i < worth.length; i++) {
      Excerpt excerpt = excerpts.get(i);
      double[] sum = {0};
      excerpt
          .terms()
          .forEach(term ->
              sum[0] += Math.log(1 + (double) worth.length / frequency.getOrDefault(term, 1)));
      worth[i] = excerpt.boost() * sum[0] / (excerpt.terms().size() + DAMPING);
    }
    return worth;
  }
}
