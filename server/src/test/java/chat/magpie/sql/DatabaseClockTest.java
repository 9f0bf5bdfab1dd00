package chat.magpie.sql;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class DatabaseClockTest {
  private static final long DATABASE = Instant.parse("2026-11-21T12:00:00Z").toEpochMilli();

  private long nanos = 77;
  private final DatabaseClock clock = new DatabaseClock(() -> DATABASE, () -> nanos);

  private void pass(Duration time) {
    nanos += time.toNanos();
  }

  @Test
  void itIsTheDatabasesTimeCarriedOnByTheMonotonicClock() {
    assertThat(clock.millis()).isEqualTo(DATABASE);
    pass(Duration.ofMinutes(90));
    assertThat(clock.millis()).isEqualTo(DATABASE + TimeUnit.MINUTES.toMillis(90));
    assertThat(clock.instant()).isEqualTo(Instant.parse("2026-11-21T13:30:00Z"));
  }

  @Test
  void smallDifferencesAreTheAnswersWayAndChangeNothing() {
    pass(Duration.ofSeconds(1));
    clock.set(DATABASE + 1_080, nanos);
    assertThat(clock.millis()).isEqualTo(DATABASE + 1_000);
  }

  @Test
  void itFollowsWhereTheMonotonicClockStoodStill() {
    pass(Duration.ofSeconds(1));
    clock.set(DATABASE + 3_600_000, nanos);
    assertThat(clock.millis()).isEqualTo(DATABASE + 3_600_000);
  }

  @Test
  void aSlowAnswerIsNoReasonToGoWrong() {
    long asked = nanos;
    pass(Duration.ofSeconds(4));
    clock.set(DATABASE + 100, asked);
    assertThat(clock.millis()).isEqualTo(DATABASE + 4_000);
  }
}
