package chat.magpie.memory.internal;

import static chat.magpie.memory.internal.SaidDates.date;
import static chat.magpie.memory.internal.SaidDates.ordinal;
import static chat.magpie.memory.internal.SaidDates.season;
import static chat.magpie.memory.internal.SaidDates.third;
import static chat.magpie.memory.internal.SaidDates.whole;
import static chat.magpie.memory.internal.SaidDates.year;
import static chat.magpie.memory.internal.SaidDates.yearly;

import chat.magpie.memory.Days;
import chat.magpie.memory.internal.SaidDates.Rule;
import chat.magpie.memory.internal.SaidDates.Spoken;
import java.time.DayOfWeek;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.temporal.TemporalAdjusters;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.MatchResult;
import org.jspecify.annotations.Nullable;

/// How English speaks of days. The earlier rule wins where two fit.
final class EnglishDates {
  private static final String WEEKDAY = "(mon|tues|wednes|thurs|fri|satur|sun)day";
  private static final String MONTH =
      "(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
          + "|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\\b\\.?";

  /// "may", "march" and the short forms by themselves are other words too.
  private static final String ALONE =
      "(january|february|march|april|may|june|july|august|september|october|november|december)\\b";

  private static final String YEAR =
      "(?:,?\\s+(?:of\\s+)?((?:19|20)[0-9]{2}|last year|this year|next year)\\b)?";
  private static final String DAY = "([0-3]?[0-9])(?:st|nd|rd|th)?\\b";
  private static final String ORDINAL =
      "(first|second|third|fourth|fifth|last|1st|2nd|3rd|4th|5th)";
  private static final String NUMBER =
      "([0-9]{1,3}|a|an|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|a couple of|couple of)";
  private static final String UNIT = "(day|week|fortnight|month|year)s?";

  private static final List<String> NUMBERS =
      List.of(
          "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
          "eleven", "twelve");

  static final List<Rule> RULES =
      List.of(
          Rule.of(
              "\\b" + ORDINAL + "\\s+" + WEEKDAY + "\\s+(?:of|in)\\s+" + MONTH + YEAR,
              (m, s) ->
                  ordinal(
                      month(m.group(3), m.group(4), s), weekday(m.group(2)), nth(m.group(1)), 1)),
          Rule.of(
              "\\b" + ORDINAL + "\\s+weekend\\s+(?:of|in)\\s+" + MONTH + YEAR,
              (m, s) ->
                  ordinal(
                      month(m.group(2), m.group(3), s), DayOfWeek.SATURDAY, nth(m.group(1)), 2)),
          Rule.of(
              "\\b" + ORDINAL + "\\s+(?:full\\s+)?week\\s+(?:of|in)\\s+" + MONTH + YEAR,
              (m, s) -> fullWeek(month(m.group(2), m.group(3), s), nth(m.group(1)))),
          Rule.of(
              "\\b(?:the\\s+)?last\\s+day\\s+of\\s+" + MONTH + YEAR,
              (m, s) -> Optional.of(Days.of(month(m.group(1), m.group(2), s).atEndOfMonth()))),
          Rule.of(
              "\\b(early|mid(?:dle of)?|late|(?:the )?(?:beginning|start|end) of)[\\s-]+"
                  + MONTH
                  + YEAR,
              (m, s) -> Optional.of(third(month(m.group(2), m.group(3), s), part(m.group(1))))),
          Rule.of(
              "\\b" + MONTH + "\\s+(?:the\\s+)?" + DAY + "(?!:)" + YEAR,
              (m, s) -> date(month(m.group(1), m.group(3), s), Integer.parseInt(m.group(2)))),
          Rule.of(
              "\\b(?:the\\s+)?" + DAY + "\\s+(?:of\\s+)?" + MONTH + YEAR,
              (m, s) -> date(month(m.group(2), m.group(3), s), Integer.parseInt(m.group(1)))),
          Rule.of(
              "\\b(?:(christmas eve)|(christmas|xmas)(?: day)?|(new year'?s eve)|(new year'?s)(?: day)?|(hallowe'?en)"
                  + "|(valentine'?s)(?: day)?|(boxing day))\\b"
                  + YEAR,
              EnglishDates::feast),
          Rule.of(
              "\\b(last|this|next)\\s+(spring|summer|autumn|fall|winter)\\b",
              EnglishDates::seasonOf),
          Rule.of(
              "\\b(?:in|during|over)\\s+(?:the\\s+)?()(spring|summer|autumn|winter)\\b",
              EnglishDates::seasonOf),
          Rule.of(
              "\\ba\\s+week\\s+(?:on|from|this)\\s+" + WEEKDAY,
              (m, s) ->
                  Optional.of(
                      Days.of(
                          s.day().with(TemporalAdjusters.next(weekday(m.group(1)))).plusWeeks(1)))),
          Rule.of(
              "\\b" + WEEKDAY + "\\s+week\\b",
              (m, s) ->
                  Optional.of(
                      Days.of(
                          s.day().with(TemporalAdjusters.next(weekday(m.group(1)))).plusWeeks(1)))),
          Rule.of(
              "\\b(?:last|this past|past)\\s+" + WEEKDAY,
              (m, s) ->
                  Optional.of(
                      Days.of(s.day().with(TemporalAdjusters.previous(weekday(m.group(1))))))),
          Rule.of(
              "\\bnext\\s+" + WEEKDAY,
              (m, s) -> Optional.of(Days.of(s.weekday(weekday(m.group(1)), 1)))),
          Rule.of(
              "\\b(?:this(?:\\s+coming)?|coming)\\s+" + WEEKDAY,
              (m, s) -> Optional.of(Days.of(thisWeekday(s, weekday(m.group(1)))))),
          Rule.of(
              "\\b" + WEEKDAY + "\\s+before\\s+last\\b",
              (m, s) ->
                  Optional.of(
                      Days.of(
                          s.day()
                              .with(TemporalAdjusters.previous(weekday(m.group(1))))
                              .minusWeeks(1)))),
          Rule.of("\\b(?:the\\s+)?day\\s+before\\s+yesterday\\b", (m, s) -> s.at(-2)),
          Rule.of("\\b(?:the\\s+)?day\\s+after\\s+tomorrow\\b", (m, s) -> s.at(2)),
          Rule.of("\\byesterday\\b|\\blast\\s+night\\b|\\byday\\b", (m, s) -> s.at(-1)),
          Rule.of("\\btomorrow\\b|\\btmrw?\\b", (m, s) -> s.at(1)),
          Rule.of(
              "\\b(?:today|tonight|this\\s+(?:morning|afternoon|evening))\\b", (m, s) -> s.at(0)),
          Rule.of(
              "\\bthe\\s+(week|month|year)\\s+before\\s+last\\b",
              (m, s) -> relative(m.group(1), -2, s)),
          Rule.of(
              "\\b(last|this past|this|next)\\s+(week|weekend|month|year)\\b(?!\\s+of\\s+(?:her|his|my|their|the)\\b)",
              (m, s) ->
                  relative(
                      m.group(2),
                      m.group(1).startsWith("last") || m.group(1).endsWith("past")
                          ? -1
                          : m.group(1).equalsIgnoreCase("next") ? 1 : 0,
                      s)),
          Rule.of(
              "\\b" + NUMBER + "\\s+" + UNIT + "\\s+ago\\b",
              (m, s) -> span(m.group(1), m.group(2), s, -1)),
          Rule.of(
              "\\bin\\s+" + NUMBER + "\\s+" + UNIT + "(?:['’]\\s+time)?\\b",
              (m, s) -> span(m.group(1), m.group(2), s, 1)),
          Rule.of(
              "\\b" + NUMBER + "\\s+" + UNIT + "\\s+(?:from\\s+now|later)\\b",
              (m, s) -> span(m.group(1), m.group(2), s, 1)),
          Rule.of(
              "\\b(?:over|at|on)\\s+the\\s+weekend\\b",
              (m, s) ->
                  s.toCome() || s.day().getDayOfWeek().getValue() >= 6
                      ? s.weekend(0)
                      : s.weekend(-1)),
          Rule.of(
              "(?<!every )(?<!each )\\b(?:on\\s+|since\\s+|by\\s+)?"
                  + WEEKDAY
                  + "\\b(?!\\s+(?:night\\s+)?(?:club|market|league|roast|paper))",
              (m, s) -> Optional.of(Days.of(s.bare(weekday(m.group(1)))))),
          Rule.of(
              "\\b(?:in|by|since|until|till|for|of|from|to|during|last|next|this|through|mid|around|before|after)[\\s-]+"
                  + ALONE
                  + YEAR,
              (m, s) -> Optional.of(whole(month(m.group(1), m.group(2), s)))),
          Rule.of(
              "\\b(january|february|april|june|july|august|september|october|november|december)\\b"
                  + YEAR,
              (m, s) -> Optional.of(whole(month(m.group(1), m.group(2), s)))),
          Rule.of(
              "\\bin\\s+((?:19|20)[0-9]{2})\\b",
              (m, s) -> Optional.of(year(Integer.parseInt(m.group(1))))),
          Rule.of(
              "\\b(?:on\\s+)?the\\s+([0-3]?[0-9])(?:st|nd|rd|th)\\b(?!\\s+(?:time|floor|birthday|of|anniversary|century|one|grade|year|attempt|day|week|edition))",
              (m, s) -> s.dayOfMonth(Integer.parseInt(m.group(1)))));

  private EnglishDates() {}

  private static LocalDate thisWeekday(Spoken s, DayOfWeek which) {
    return s.asked() && !s.toCome()
        ? s.bare(which)
        : s.day().with(TemporalAdjusters.nextOrSame(which));
  }

  private static Optional<Days> seasonOf(MatchResult m, Spoken s) {
    int which =
        switch (m.group(2).toLowerCase(Locale.ROOT)) {
          case "spring" -> 0;
          case "summer" -> 1;
          case "winter" -> 3;
          default -> 2;
        };
    String shift = m.group(1).toLowerCase(Locale.ROOT);
    int year = s.day().getYear();
    return switch (shift) {
      case "last" -> {
        Days latest = season(year, which);
        yield Optional.of(latest.to().isBefore(s.day()) ? latest : season(year - 1, which));
      }
      case "next" -> {
        Days coming = season(year, which);
        yield Optional.of(coming.from().isAfter(s.day()) ? coming : season(year + 1, which));
      }
      case "this" -> Optional.of(season(year, which));
      default -> Optional.of(season(s, which));
    };
  }

  private static Optional<Days> feast(MatchResult m, Spoken s) {
    int[] when =
        m.group(1) != null
            ? new int[] {12, 24}
            : m.group(2) != null
                ? new int[] {12, 25}
                : m.group(3) != null
                    ? new int[] {12, 31}
                    : m.group(4) != null
                        ? new int[] {1, 1}
                        : m.group(5) != null
                            ? new int[] {10, 31}
                            : m.group(6) != null ? new int[] {2, 14} : new int[] {12, 26};
    @Nullable String year = m.group(8);
    return year == null
        ? yearly(s, when[0], when[1], when[1])
        : Optional.of(Days.of(LocalDate.of(yearOf(year, s), when[0], when[1])));
  }

  private static Optional<Days> relative(String unit, int shift, Spoken s) {
    return switch (unit.toLowerCase(Locale.ROOT)) {
      case "week" -> s.week(shift);
      case "weekend" -> s.weekend(shift < 0 && s.day().getDayOfWeek().getValue() < 6 ? -1 : shift);
      case "month" -> Optional.of(whole(YearMonth.from(s.day()).plusMonths(shift)));
      default -> Optional.of(year(s.day().getYear() + shift));
    };
  }

  private static Optional<Days> span(String many, String unit, Spoken s, int sign) {
    String word = many.toLowerCase(Locale.ROOT);
    int n =
        word.startsWith("a couple") || word.startsWith("couple")
            ? 2
            : word.equals("a") || word.equals("an")
                ? 1
                : Character.isDigit(word.charAt(0))
                    ? Integer.parseInt(word)
                    : NUMBERS.indexOf(word);
    return switch (unit.toLowerCase(Locale.ROOT)) {
      case "day" -> s.at(sign * n);
      case "week" -> s.at(sign * 7 * n);
      case "fortnight" -> s.at(sign * 14 * n);
      case "month" -> Optional.of(whole(YearMonth.from(s.day()).plusMonths((long) sign * n)));
      default -> Optional.of(year(s.day().getYear() + sign * n));
    };
  }

  private static Optional<Days> fullWeek(YearMonth month, int number) {
    if (number > 0) {
      return ordinal(month, DayOfWeek.MONDAY, number, 7);
    }
    LocalDate sunday =
        month.atEndOfMonth().with(TemporalAdjusters.previousOrSame(DayOfWeek.SUNDAY));
    return Optional.of(new Days(sunday.minusDays(6), sunday));
  }

  private static YearMonth month(String name, @Nullable String year, Spoken s) {
    int month =
        "janfebmaraprmayjunjulaugsepoctnovdec"
                    .indexOf(name.substring(0, 3).toLowerCase(Locale.ROOT))
                / 3
            + 1;
    return year == null ? s.month(month) : YearMonth.of(yearOf(year, s), month);
  }

  private static int yearOf(String word, Spoken s) {
    return switch (word.toLowerCase(Locale.ROOT)) {
      case "last year" -> s.day().getYear() - 1;
      case "this year" -> s.day().getYear();
      case "next year" -> s.day().getYear() + 1;
      default -> Integer.parseInt(word);
    };
  }

  private static int part(String word) {
    String lower = word.toLowerCase(Locale.ROOT);
    return lower.startsWith("mid")
        ? 1
        : lower.startsWith("late") || lower.contains("end of") ? 2 : 0;
  }

  private static int nth(String word) {
    return switch (word.toLowerCase(Locale.ROOT)) {
      case "first", "1st" -> 1;
      case "second", "2nd" -> 2;
      case "third", "3rd" -> 3;
      case "fourth", "4th" -> 4;
      case "fifth", "5th" -> 5;
      default -> -1;
    };
  }

  private static DayOfWeek weekday(String name) {
    return switch (name.toLowerCase(Locale.ROOT)) {
      case "mon" -> DayOfWeek.MONDAY;
      case "tues" -> DayOfWeek.TUESDAY;
      case "wednes" -> DayOfWeek.WEDNESDAY;
      case "thurs" -> DayOfWeek.THURSDAY;
      case "fri" -> DayOfWeek.FRIDAY;
      case "satur" -> DayOfWeek.SATURDAY;
      default -> DayOfWeek.SUNDAY;
    };
  }
}
