package chat.magpie.memory.internal;

/// How much has to speak for a turn before a model is told of it: a part of what speaks for the
/// best, since what scores mean depends on the question. Found by trials, like [Weights].
///
/// @param asks whether the question is about anything
/// @param known whether any of its words was ever said
/// @param best the highest score
/// @param bestByWords the highest without what meaning adds
/// @param denseWeight what the nearness in meaning adds
record Relevance(boolean asks, boolean known, double best, double bestByWords, double denseWeight) {
  /// With less in common with the question, a turn has to say something by itself.
  private static final double WORDS = 0.02;

  /// As much as so many words that occur in no other turn; and it has to be by the user.
  private static final double MANY_WORDS = 3.8;

  /// What is beside a good turn has to do with the question, but may say nothing.
  private static final double LEAST_WORDS = 0.8;

  private static final double OF_THE_BEST = 0.46;
  private static final double OF_THE_BEST_BY_WORDS = 0.22;

  /// Only what says most of all, where neither words nor meaning tell.
  private static final double OF_THE_BEST_BY_NOTHING = 0.9;

  static Relevance of(
      boolean asks, boolean known, double[] score, double[] dense, double denseWeight) {
    double best = 0;
    double bestByWords = 0;
    for (int i = 0; i < score.length; i++) {
      best = Math.max(best, score[i]);
      bestByWords = Math.max(bestByWords, score[i] - denseWeight * dense[i]);
    }
    return new Relevance(asks, known, best, bestByWords, denseWeight);
  }

  /// Whether a turn says anything that could be of use.
  ///
  /// @param words that it has of its own; one that others have too counts less
  static boolean says(double lexical, double words, boolean byUser) {
    return lexical > WORDS ? words >= LEAST_WORDS : byUser && words >= MANY_WORDS;
  }

  /// Whether it has enough to do with the question.
  ///
  /// @param compared whether the turn has a vector; the words alone have to do where it has none
  boolean reaches(double score, double dense, boolean compared) {
    if (!asks) {
      return false;
    }
    if (compared) {
      return score >= OF_THE_BEST * best;
    }
    double part = known ? OF_THE_BEST_BY_WORDS : OF_THE_BEST_BY_NOTHING;
    return score - denseWeight * dense >= part * bestByWords;
  }
}
