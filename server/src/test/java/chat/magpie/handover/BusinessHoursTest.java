package chat.magpie.handover;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import chat.magpie.handover.BusinessHours.Span;
import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("C-11")
class BusinessHoursTest {
  private static final List<Span> OFFICE = List.of(new Span(9 * 60, 12 * 60), new Span(780, 1080));

  private static BusinessHours weekdays(String zone, Map<LocalDate, List<Span>> exceptions) {
    return new BusinessHours(
        ZoneId.of(zone),
        Arrays.stream(DayOfWeek.values())
            .filter(day -> day.getValue() <= 5)
            .collect(Collectors.toMap(day -> day, _ -> OFFICE)),
        exceptions);
  }

  private static Instant at(String text) {
    return Instant.parse(text);
  }

  @Test
  void theClocksOfItsZoneCountToTheMinute() {
    BusinessHours hours = weekdays("Asia/Shanghai", Map.of());
    // A Friday; Shanghai is eight hours ahead.
    assertThat(hours.openAt(at("2026-11-20T00:59:59.999Z"))).isFalse();
    assertThat(hours.openAt(at("2026-11-20T01:00:00Z"))).isTrue();
    assertThat(hours.openAt(at("2026-11-20T04:00:00Z"))).isFalse();
    assertThat(hours.opensAt(at("2026-11-20T04:00:00Z"))).contains(at("2026-11-20T05:00:00Z"));
    assertThat(hours.openAt(at("2026-11-20T09:59:59.999Z"))).isTrue();
    assertThat(hours.opensAt(at("2026-11-20T10:00:00Z"))).contains(at("2026-11-23T01:00:00Z"));
    assertThat(hours.opensAt(at("2026-11-23T02:00:00Z"))).contains(at("2026-11-23T02:00:00Z"));
  }

  @Test
  void singleDaysAreDifferent() {
    BusinessHours hours =
        weekdays(
            "Asia/Shanghai",
            Map.of(
                LocalDate.parse("2026-10-01"),
                List.of(),
                LocalDate.parse("2026-10-03"), // a Saturday
                List.of(new Span(0, 24 * 60))));
    assertThat(hours.openAt(at("2026-10-01T02:00:00Z"))).isFalse();
    assertThat(hours.opensAt(at("2026-10-01T02:00:00Z"))).contains(at("2026-10-02T01:00:00Z"));
    assertThat(hours.openAt(at("2026-10-02T16:00:00Z"))).isTrue();
    assertThat(hours.openAt(at("2026-10-03T15:59:59.999Z"))).isTrue();
    assertThat(hours.openAt(at("2026-10-03T16:00:00Z"))).isFalse();
  }

  @Test
  void whereTheClockIsPutForwardOrBackTheHoursAreThoseThatItShows() {
    BusinessHours nights =
        new BusinessHours(
            ZoneId.of("Europe/Berlin"),
            Map.of(DayOfWeek.SUNDAY, List.of(new Span(150, 180))), // 02:30 to 03:00
            Map.of());
    // On 2026-03-29 there is no 02:30: the clock goes from 02:00 to 03:00.
    assertThat(nights.openAt(at("2026-03-29T00:30:00Z"))).isFalse();
    assertThat(nights.openAt(at("2026-03-29T01:00:00Z"))).isFalse();
    // On 2026-10-25 there are two: at 00:30 and at 01:30 in UTC.
    assertThat(nights.openAt(at("2026-10-25T00:30:00Z"))).isTrue();
    assertThat(nights.openAt(at("2026-10-25T01:45:00Z"))).isTrue();
    assertThat(nights.openAt(at("2026-10-25T02:00:00Z"))).isFalse();
  }

  @Test
  void aDeskThatNeverOpensHasNoNextOpening() {
    BusinessHours never = new BusinessHours(ZoneId.of("UTC"), Map.of(), Map.of());
    assertThat(never.openAt(at("2026-11-20T12:00:00Z"))).isFalse();
    assertThat(never.opensAt(at("2026-11-20T12:00:00Z"))).isEmpty();
  }

  @Test
  void whatIsNoPartOfADayIsRefused() {
    for (int[] bad : new int[][] {{-1, 5}, {5, 5}, {6, 5}, {0, 1441}}) {
      assertThatIllegalArgumentException().isThrownBy(() -> new Span(bad[0], bad[1]));
    }
  }
}
