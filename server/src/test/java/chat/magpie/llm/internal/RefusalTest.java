package chat.magpie.llm.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import org.junit.jupiter.api.Test;

final class RefusalTest {
  @Test
  void aWaitMayBeANumberOfSeconds() {
    assertThat(Refusal.after("2.5", null)).isEqualTo(Duration.ofMillis(2_500));
    assertThat(Refusal.after("-1", null)).isNull();
    assertThat(Refusal.after("soon", null)).isNull();
  }

  /// Years away from every clock of ours.
  @Test
  void aWaitUntilADateIsByTheProvidersClock() {
    String now = "Sun, 06 Nov 1994 08:49:37 GMT";
    assertThat(Refusal.after("Sun, 06 Nov 1994 08:50:07 GMT", now))
        .isEqualTo(Duration.ofSeconds(30));
    assertThat(Refusal.after("Sun, 06 Nov 1994 08:49:00 GMT", now)).isZero();
  }

  @Test
  void withoutItsDateAWaitIsByOurClock() {
    String then =
        DateTimeFormatter.RFC_1123_DATE_TIME.format(
            ZonedDateTime.now(ZoneOffset.UTC).plusMinutes(10));
    assertThat(Refusal.after(then, null)).isBetween(Duration.ofMinutes(9), Duration.ofMinutes(10));
    assertThat(Refusal.after(then, "yesterday"))
        .isBetween(Duration.ofMinutes(9), Duration.ofMinutes(10));
  }
}
