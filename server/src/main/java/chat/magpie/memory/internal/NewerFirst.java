package chat.magpie.memory.internal;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.function.IntToDoubleFunction;

/// Puts what a user said later before what they said earlier about the same thing, as far as a
/// question tells what the thing is. Found by trials, like [Weights].
///
/// @param rarity of a term
/// @param asked the terms of the question
record NewerFirst(IntToDoubleFunction rarity, Set<Integer> asked) {
  /// Only so many of the best are compared.
  static final int AMONG = 10;

  /// Of what the earlier turn shares with the question, the later one shares this much.
  private static final double OF_THE_EARLIER = 0.34;

  /// And of the whole question this much.
  private static final double OF_THE_QUESTION = 0.2;

  /// A turn that is further behind is not lifted.
  private static final double BEHIND = 0.7;

  private static final double JUST_BEFORE = 1e-4;

  /// A turn of the user.
  ///
  /// @param number the greater, the later
  /// @param about the terms that it shares with the question
  record Turn(int number, double score, Set<Integer> about) {}

  /// The turns with scores that let the later come first.
  List<Turn> ordered(List<Turn> turns) {
    double whole = sum(asked);
    List<Turn> inTime = turns.stream().sorted(Comparator.comparingInt(Turn::number)).toList();
    List<Turn> lifted = new ArrayList<>();
    for (Turn later : inTime) {
      double score = later.score();
      for (int i = 0; i < lifted.size(); i++) {
        double before = inTime.get(i).score();
        if (before > later.score()
            && before - later.score() <= BEHIND
            && sameThing(inTime.get(i), later, whole)) {
          score = Math.max(score, lifted.get(i).score() + JUST_BEFORE);
        }
      }
      lifted.add(new Turn(later.number(), score, later.about()));
    }
    return lifted;
  }

  private boolean sameThing(Turn earlier, Turn later, double whole) {
    double both = sum(earlier.about().stream().filter(later.about()::contains).toList());
    return both > 0
        && both >= OF_THE_EARLIER * sum(earlier.about())
        && both >= OF_THE_QUESTION * whole;
  }

  private double sum(Iterable<Integer> terms) {
    double sum = 0;
    for (int term : terms) {
      sum += rarity.applyAsDouble(term);
    }
    return sum;
  }
}
