package chat.magpie.llm.internal;

import chat.magpie.llm.LlmConfig;
import java.time.Duration;
import java.util.function.DoubleSupplier;

/// How often a provider is asked for one answer, and how long is waited in between.
///
/// @param tries calls to one provider at most
/// @param longestRetryAfter what a provider may ask us to wait
/// @param total no call begins when the answer has been under way for longer
record Patience(int tries, Duration longestRetryAfter, Duration total) {
  private static final long FIRST_PAUSE_NANOS = Duration.ofMillis(100).toNanos();

  static Patience of(LlmConfig config) {
    return new Patience(config.tries(), config.longestRetryAfter(), config.totalTimeout());
  }

  /// A pause before a provider is asked again: 50 to 150 ms after its first try, twice that after
  /// the second, and so on.
  long pauseNanos(int triesSoFar, DoubleSupplier random) {
    return (long)
        ((FIRST_PAUSE_NANOS << Math.min(triesSoFar - 1, 4)) * (0.5 + random.getAsDouble()));
  }
}
