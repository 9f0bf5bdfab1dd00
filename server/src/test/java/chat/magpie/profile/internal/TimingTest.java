package chat.magpie.profile.internal;

import static org.assertj.core.api.Assertions.assertThat;

import chat.magpie.memory.internal.SpokenDates;
import chat.magpie.profile.Slot;
import chat.magpie.profile.SpokenDays.Span;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TimingTest {
  private final Timing timing =
      new Timing(
          ZoneOffset.UTC,
          (text, said) ->
              SpokenDates.in(text, said).stream()
                  .map(days -> new Span(days.from(), days.to()))
                  .toList());

  @Test
  void aDayIsThatOfWhereTheUserIs() {
    long evening = Instant.parse("2026-03-01T20:00:00Z").toEpochMilli();
    assertThat(timing.day(evening, null)).isEqualTo("2026-03-01");
    assertThat(timing.day(evening, "Asia/Shanghai")).isEqualTo("2026-03-02");
    assertThat(timing.day(evening, "America/Los_Angeles")).isEqualTo("2026-03-01");
    assertThat(timing.day(evening, "Mars/Olympus")).isEqualTo("2026-03-01");
  }

  /// 2026-03-12 is a Thursday.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          place  | false | I moved to Porto on Monday           | 2026-03-09
          place  | false | 我前天搬到了杭州                       | 2026-03-10
          habits | true  | 上周五我戒烟了                         | 2026-03-06
          place  | false | I moved to Porto last month          | 2026-02-28
          place  | false | I moved to Porto                     | 2026-03-12
          place  | false | I moved to Porto in 2019             | 2026-03-12
          place  | false | I live in Porto, we met on Monday    | 2026-03-12
          place  | false | I moved here Monday, left on Tuesday | 2026-03-12
          plans  | false | I've booked a trip, starting 20 May  | 2026-03-12
          plans  | true  | I cancelled the trip yesterday       | 2026-03-11
          """)
  void aChangeIsDatedByItsSentenceAndNothingElseIs(
      String slot, boolean negated, String sentence, String day) {
    Claim claim = new Claim(Slot.of(slot).orElseThrow(), "x", sentence, negated, 90);
    assertThat(timing.since(claim, "2026-03-12")).isEqualTo(day);
  }
}
