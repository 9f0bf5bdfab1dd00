package chat.magpie.handover;

import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// When the desk is open: the same hours every week, but for single days.
///
/// @param zone whose clocks the hours mean
/// @param weekly the hours of each day of the week; closed on those that are missing
/// @param exceptions the hours of single days, in place of the weekly ones; none for closed
public record BusinessHours(
    ZoneId zone, Map<DayOfWeek, List<Span>> weekly, Map<LocalDate, List<Span>> exceptions) {
  private static final int MINUTES_OF_DAY = 24 * 60;
  private static final int DAYS_AHEAD = 400;

  public BusinessHours {
    weekly = Map.copyOf(weekly);
    exceptions = Map.copyOf(exceptions);
  }

  /// A part of a day.
  ///
  /// @param from minutes since midnight on the clock, inclusive
  /// @param to minutes since midnight on the clock, exclusive; 1440 for the end of the day
  public record Span(int from, int to) {
    public Span {
      if (from < 0 || to <= from || to > MINUTES_OF_DAY) {
        throw new IllegalArgumentException("not a part of a day: " + from + " to " + to);
      }
    }
  }

  /// Whether the desk is open at that moment.
  public boolean openAt(Instant moment) {
    LocalDate today = moment.atZone(zone).toLocalDate();
    return on(today).stream()
        .anyMatch(span ->
            !moment.isBefore(start(today, span.from())) && moment.isBefore(end(today, span.to())));
  }

  /// When it opens next, seen from a moment at which it is closed; the moment itself where it is
  /// open. Empty where it stays closed for more than a year.
  public Optional<Instant> opensAt(Instant moment) {
    if (openAt(moment)) {
      return Optional.of(moment);
    }
    LocalDate first = moment.atZone(zone).toLocalDate();
    return first
        .datesUntil(first.plusDays(DAYS_AHEAD))
        .flatMap(day ->
            on(day).stream()
                .map(span -> start(day, span.from()))
                .filter(start -> start.isAfter(moment) && openAt(start))
                .sorted(Comparator.naturalOrder()))
        .findFirst();
  }

  private List<Span> on(LocalDate day) {
    List<Span> exception = exceptions.get(day);
    return exception != null ? exception : weekly.getOrDefault(day.getDayOfWeek(), List.of());
  }

  /// Where the clock goes back the desk opens the first time it shows the hour; where it goes
  /// forward over it, when it has.
  private Instant start(LocalDate day, int minute) {
    return at(day, minute).withEarlierOffsetAtOverlap().toInstant();
  }

  private Instant end(LocalDate day, int minute) {
    return at(day, minute).withLaterOffsetAtOverlap().toInstant();
  }

  private ZonedDateTime at(LocalDate day, int minute) {
    return minute == MINUTES_OF_DAY
        ? day.plusDays(1).atStartOfDay(zone)
        : day.atTime(minute / 60, minute % 60).atZone(zone);
  }
}
