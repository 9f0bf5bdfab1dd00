package chat.magpie.admin;

import chat.magpie.api.Fields;
import chat.magpie.handover.BusinessHours;
import chat.magpie.handover.BusinessHours.Span;
import chat.magpie.kernel.ErrorCode;
import chat.magpie.kernel.MagpieException;
import java.time.DateTimeException;
import java.time.DayOfWeek;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// When a desk is open.
///
/// @param timeZone whose clocks the hours mean, such as `Asia/Shanghai`
/// @param weekly the hours of each day of the week; closed on those that are absent
/// @param exceptions the hours of single days, in place of the weekly ones
public record HoursView(
    @Nullable String timeZone,
    @Nullable List<DayView> weekly,
    @Nullable List<DateView> exceptions) {
  private static final Pattern TIME = Pattern.compile("(?:[01]\\d|2[0-3]):[0-5]\\d|24:00");

  /// The hours of a day of the week, such as `monday`.
  public record DayView(@Nullable String day, @Nullable List<SpanView> open) {}

  /// The hours of a date, such as `2026-10-01`; an empty list for closed.
  public record DateView(@Nullable String date, @Nullable List<SpanView> open) {}

  /// From `09:00` inclusive to `18:00` exclusive; `24:00` is the end of the day.
  public record SpanView(@Nullable String from, @Nullable String to) {
    static SpanView of(Span span) {
      return new SpanView(time(span.from()), time(span.to()));
    }

    private static String time(int minutes) {
      return String.format(Locale.ROOT, "%02d:%02d", minutes / 60, minutes % 60);
    }

    Span span() {
      try {
        return new Span(minutes("from", from), minutes("to", to));
      } catch (IllegalArgumentException e) {
        throw new MagpieException(ErrorCode.INVALID_FIELD, "to: must be later than from", e);
      }
    }

    private static int minutes(String field, @Nullable String time) {
      String given = Fields.required(field, time);
      if (!TIME.matcher(given).matches()) {
        throw new MagpieException(ErrorCode.INVALID_FIELD, field + ": a time such as 09:30");
      }
      return 60 * Integer.parseInt(given, 0, 2, 10) + Integer.parseInt(given, 3, 5, 10);
    }
  }

  static HoursView of(BusinessHours hours) {
    return new HoursView(
        hours.zone().getId(),
        Arrays.stream(DayOfWeek.values())
            .filter(hours.weekly()::containsKey)
            .map(day ->
                new DayView(
                    day.name().toLowerCase(Locale.ROOT),
                    spans(hours.weekly().getOrDefault(day, List.of()))))
            .toList(),
        hours.exceptions().entrySet().stream()
            .sorted(Map.Entry.comparingByKey())
            .map(entry -> new DateView(entry.getKey().toString(), spans(entry.getValue())))
            .toList());
  }

  private static List<SpanView> spans(List<Span> spans) {
    return spans.stream().map(SpanView::of).toList();
  }

  BusinessHours hours() {
    Map<DayOfWeek, List<Span>> days = new EnumMap<>(DayOfWeek.class);
    for (DayView day : weekly == null ? List.<DayView>of() : weekly) {
      DayView given = Fields.required("weekly", day);
      if (days.put(day(Fields.required("day", given.day())), parse(given.open())) != null) {
        throw new MagpieException(ErrorCode.INVALID_FIELD, "day: each at most once");
      }
    }
    Map<LocalDate, List<Span>> dates = new HashMap<>();
    for (DateView date : exceptions == null ? List.<DateView>of() : exceptions) {
      DateView given = Fields.required("exceptions", date);
      if (dates.put(date(Fields.required("date", given.date())), parse(given.open())) != null) {
        throw new MagpieException(ErrorCode.INVALID_FIELD, "date: each at most once");
      }
    }
    return new BusinessHours(zone(Fields.required("time_zone", timeZone)), days, dates);
  }

  private static List<Span> parse(@Nullable List<SpanView> open) {
    return Fields.required("open", open).stream()
        .map(span -> Fields.required("open", span).span())
        .toList();
  }

  private static DayOfWeek day(String name) {
    return Arrays.stream(DayOfWeek.values())
        .filter(day -> day.name().toLowerCase(Locale.ROOT).equals(name))
        .findFirst()
        .orElseThrow(
            () -> new MagpieException(ErrorCode.INVALID_FIELD, "day: from monday to sunday"));
  }

  private static LocalDate date(String text) {
    try {
      LocalDate date = LocalDate.parse(text);
      if (date.getYear() >= 1970 && date.getYear() <= 9999) {
        return date;
      }
    } catch (DateTimeException e) {
      // Refused below.
    }
    throw new MagpieException(ErrorCode.INVALID_FIELD, "date: such as 2026-10-01");
  }

  private static ZoneId zone(String name) {
    try {
      if (ZoneId.getAvailableZoneIds().contains(name)) {
        return ZoneId.of(name);
      }
    } catch (DateTimeException e) {
      // Refused below.
    }
    throw new MagpieException(
        ErrorCode.INVALID_FIELD, "time_zone: one of the IANA list, such as Asia/Shanghai");
  }
}
