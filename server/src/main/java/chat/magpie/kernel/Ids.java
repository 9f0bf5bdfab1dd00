package chat.magpie.kernel;

import java.security.SecureRandom;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;

/// Makes the ids of everything stored: UUIDv7 (RFC 9562), so that ids of one node sort by creation.
///
/// They are made by the node's own clock: ids of different nodes say nothing about what came first.
/// Whoever needs that order takes a `seq`, or a time by the database's clock.
public final class Ids {
  private static final SecureRandom RANDOM = new SecureRandom();

  /// Milliseconds << 12 | counter: strictly increasing within the process, also within one
  /// millisecond and when the wall clock steps back.
  private static final AtomicLong LAST = new AtomicLong();

  private Ids() {}

  /// A new UUIDv7, greater than every id this process made before.
  public static String next() {
    long now = System.currentTimeMillis() << 12;
    long stamp = LAST.updateAndGet(last -> Math.max(last + 1, now));
    long high = ((stamp >>> 12) << 16) | 0x7000L | (stamp & 0xFFFL);
    long low = (RANDOM.nextLong() & 0x3FFFFFFFFFFFFFFFL) | 0x8000000000000000L;
    return new UUID(high, low).toString();
  }
}
