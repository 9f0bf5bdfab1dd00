package chat.magpie.sql;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.LongSupplier;

/// The time of day as the database sees it, so that a wrong clock of this machine changes nothing
/// that other nodes see: times of messages, and how long tokens are valid.
///
/// Between two looks at the database it goes on with the monotonic clock. It is as exact as the
/// answer of the database was quick.
public final class DatabaseClock implements InstantSource {
  /// Differences below are the answer's way back rather than a wrong clock.
  private static final long TOLERANCE_NANOS = Duration.ofMillis(100).toNanos();

  private final LongSupplier nanoTime;
  private volatile Reading last;

  /// What the database said, and when on the monotonic clock.
  private record Reading(long epochNanos, long at) {}

  DatabaseClock(LongSupplier databaseMillis, LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    long before = nanoTime.getAsLong();
    this.last = reading(databaseMillis.getAsLong(), before, nanoTime.getAsLong());
  }

  /// The clock of a shared database; this machine's for SQLite, which nobody shares.
  public static InstantSource of(Database database) {
    return switch (database.dialect()) {
      case SQLITE -> InstantSource.system();
      case POSTGRES, MARIADB -> new DatabaseClock(() -> now(database), System::nanoTime);
    };
  }

  private static long now(Database database) {
    return database.read(sql -> sql.select(DatabaseTime.millis(sql)).fetchSingle().value1());
  }

  /// Sets the clock right by what the database has just said.
  ///
  /// @param epochMillis the database's time
  /// @param askedAt [System#nanoTime] before the question
  public void set(long epochMillis, long askedAt) {
    long now = nanoTime.getAsLong();
    Reading seen = reading(epochMillis, askedAt, now);
    long difference = Math.abs(epochNanos(now) - seen.epochNanos);
    if (difference > TOLERANCE_NANOS + (now - askedAt)) {
      last = seen;
    }
  }

  @Override
  public Instant instant() {
    long nanos = epochNanos(nanoTime.getAsLong());
    return Instant.ofEpochSecond(
        Math.floorDiv(nanos, 1_000_000_000L), Math.floorMod(nanos, 1_000_000_000L));
  }

  @Override
  public long millis() {
    return Math.floorDiv(epochNanos(nanoTime.getAsLong()), 1_000_000L);
  }

  private long epochNanos(long now) {
    Reading reading = last;
    return reading.epochNanos + (now - reading.at);
  }

  private static Reading reading(long epochMillis, long askedAt, long now) {
    return new Reading(epochMillis * 1_000_000L, askedAt + (now - askedAt) / 2);
  }
}
