package chat.magpie.kernel;

import java.time.Duration;

/// A point on the process's monotonic clock by which something has to be done. Wall-clock steps do
/// not move it.
public final class Deadline {
  private final long nanos;

  private Deadline(long nanos) {
    this.nanos = nanos;
  }

  public static Deadline after(Duration span) {
    return new Deadline(System.nanoTime() + span.toNanos());
  }

  /// The nanoseconds that are left; 0 or less once it has passed.
  public long nanosLeft() {
    return nanos - System.nanoTime();
  }

  public boolean passed() {
    return nanosLeft() <= 0;
  }

  /// The earlier of the two.
  public Deadline earlier(Deadline other) {
    return nanos - other.nanos <= 0 ? this : other;
  }
}
