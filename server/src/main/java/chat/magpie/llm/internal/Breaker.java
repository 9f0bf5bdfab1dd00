package chat.magpie.llm.internal;

import java.time.Duration;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;

/// Remembers whether a provider is known to be failing. Any thread may use it.
///
/// Closed, it lets everybody pass. A number of failures in a row opens it: nobody passes until a
/// pause is over. Then it is half open and lets one pass to try. When that one has heard the
/// provider it closes, but the next failure opens it again; only a whole answer makes it forget the
/// failures. When the trial fails it opens for twice as long, up to [#LONGEST] times the first
/// pause. A trial that does not report within a pause is replaced by another.
final class Breaker {
  /// How many times the first pause the longest one is.
  static final int LONGEST = 8;

  private static final double MOST_JITTER = 0.5;

  private final int threshold;
  private final long pauseNanos;
  private final LongSupplier nanoTime;
  private final DoubleSupplier random;

  private State state = State.CLOSED;
  private int failures;
  private int factor = 1;
  private long until;

  /// What it does.
  enum State {
    CLOSED,
    HALF_OPEN,
    OPEN
  }

  /// @param threshold failures in a row that open it
  /// @param pause how long it stays open at least at first; up to half as long again
  /// @param nanoTime a monotonic clock, as [System#nanoTime]
  /// @param random from 0 to below 1
  Breaker(int threshold, Duration pause, LongSupplier nanoTime, DoubleSupplier random) {
    this.threshold = threshold;
    this.pauseNanos = pause.toNanos();
    this.nanoTime = nanoTime;
    this.random = random;
  }

  /// Whether the provider may be asked; true at most once per pause while it is not closed.
  synchronized boolean pass() {
    if (state == State.CLOSED) {
      return true;
    }
    long now = nanoTime.getAsLong();
    if (now - until < 0) {
      return false;
    }
    state = State.HALF_OPEN;
    until = now + pauseNanos;
    return true;
  }

  /// The provider has said something sensible.
  synchronized void heard() {
    if (state != State.CLOSED) {
      state = State.CLOSED;
      failures = threshold - 1;
    }
  }

  /// The provider has given a whole answer.
  synchronized void succeeded() {
    state = State.CLOSED;
    failures = 0;
    factor = 1;
  }

  /// The provider has failed.
  synchronized void failed() {
    failures++;
    if (state == State.CLOSED && failures < threshold) {
      return;
    }
    if (state == State.HALF_OPEN) {
      factor = Math.min(factor * 2, LONGEST);
    }
    if (state != State.OPEN) {
      state = State.OPEN;
      double jitter = 1 + MOST_JITTER * random.getAsDouble();
      until = nanoTime.getAsLong() + (long) (pauseNanos * factor * jitter);
    }
  }

  /// Nothing has been learnt: whoever comes next may try instead.
  synchronized void released() {
    if (state == State.HALF_OPEN) {
      until = nanoTime.getAsLong();
    }
  }

  synchronized State state() {
    return state;
  }
}
