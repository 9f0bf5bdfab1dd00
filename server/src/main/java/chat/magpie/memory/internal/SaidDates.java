package chat.magpie.memory.internal;

import chat.magpie.memory.Days;
import java.time.DateTimeException;
import java.time.DayOfWeek;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.temporal.ChronoUnit;
import java.time.temporal.TemporalAdjusters;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Says which days are meant where a text, in Chinese or English, speaks of some: "昨天", "last
/// Friday", "下个月三号", "December 8th".
///
/// A week begins on Monday. "last Friday" is the latest one before the day, "上周五" that of the week
/// before. A weekday or day of the month by itself is past or to come by what the words around it
/// say; a month without a year is the nearest one.
final class SaidDates {
  /// More than this of a text is not looked at: who says so much at once does not date it.
  private static final int CHARS = 4_000;

  private static final int MOST = 24;

  private static final Pattern TO_COME =
      Pattern.compile(
          "\\b(?:will|won't|gonna|going to|due|deadline|plan(?:s|ning)?|until|till|set for|booked|next|upcoming"
              + "|clos(?:es|ing)|starts?|begins?|leaves|is on|can't wait|looking forward)\\b|['’]ll\\b"
              + "|['’](?:re|m|s)\\s+(?:taking|going|leaving|coming|having|getting|meeting|moving|flying|seeing|playing"
              + "|starting|driving|doing|picking|visiting|bringing|giving)\\b"
              + "|\\b(?:are|am|is)\\s+(?!not\\b)\\w+ing\\b"
              + "|\\b(?:i|we|they|you)\\s+(?:(?:all|both)\\s+)?(?:leave|go|fly|start|meet|move|tell|travel|drive|play"
              + "|finish|begin|return|depart|arrive|head|pick|get)\\b"
              + "|要|将|准备|打算|计划|约了|约好|定在|即将|得去|截止|等到|到时|预约",
          Pattern.CASE_INSENSITIVE);

  /// A way to speak of days.
  ///
  /// @param meaning empty where it means none after all
  record Rule(Pattern pattern, Meaning meaning) {
    /// Upper and lower case of ASCII are one.
    static Rule of(String pattern, Meaning meaning) {
      return new Rule(Pattern.compile(pattern, Pattern.CASE_INSENSITIVE), meaning);
    }
  }

  /// What a match means.
  @FunctionalInterface
  interface Meaning {
    Optional<Days> of(MatchResult match, Spoken spoken);
  }

  /// Days as they were named.
  ///
  /// @param start where in the text
  record Said(int start, String words, Days days) {}

  /// When and how something was said.
  ///
  /// @param day the day of the one who said it
  /// @param asked it is a question about what was, so that what has no year is past
  /// @param toCome the words around speak of what is to come
  record Spoken(LocalDate day, boolean asked, boolean toCome) {
    Optional<Days> at(int days) {
      return Optional.of(Days.of(day.plusDays(days)));
    }

    /// A day of the week so many weeks from this one.
    LocalDate weekday(DayOfWeek which, int weeks) {
      return monday(weeks).with(TemporalAdjusters.nextOrSame(which));
    }

    LocalDate monday(int weeks) {
      return day.with(TemporalAdjusters.previousOrSame(DayOfWeek.MONDAY)).plusWeeks(weeks);
    }

    Optional<Days> week(int weeks) {
      return Optional.of(new Days(monday(weeks), monday(weeks).plusDays(6)));
    }

    Optional<Days> weekend(int weeks) {
      return Optional.of(new Days(monday(weeks).plusDays(5), monday(weeks).plusDays(6)));
    }

    /// The latest one before the day, or the next one.
    LocalDate bare(DayOfWeek which) {
      return day.with(
          toCome && !asked
              ? TemporalAdjusters.next(which)
              : TemporalAdjusters.previousOrSame(which));
    }

    /// The month that is meant where no year is named.
    YearMonth month(int month) {
      YearMonth now = YearMonth.from(day);
      if (asked && !toCome) {
        YearMonth same = YearMonth.of(day.getYear(), month);
        return same.isAfter(now) ? same.minusYears(1) : same;
      }
      double ahead = toCome ? .8 : 1;
      return Stream.of(-1, 0, 1)
          .map(years -> YearMonth.of(day.getYear() + years, month))
          .min(
              Comparator.comparingDouble(candidate -> {
                long months = now.until(candidate, ChronoUnit.MONTHS);
                return months < 0 ? -months * 1.1 : months * ahead;
              }))
          .orElse(now);
    }

    /// A day of the month by itself.
    Optional<Days> dayOfMonth(int number) {
      YearMonth now = YearMonth.from(day);
      boolean later = number < day.getDayOfMonth() && !asked && toCome;
      boolean earlier = number > day.getDayOfMonth() && asked;
      return date(later ? now.plusMonths(1) : earlier ? now.minusMonths(1) : now, number);
    }
  }

  private static final List<Rule> NUMBERS =
      List.of(
          Rule.of(
              "(?<![0-9])([12][0-9]{3})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})(?![0-9])",
              (m, _) ->
                  Optional.of(
                      Days.of(
                          LocalDate.of(
                              Integer.parseInt(m.group(1)),
                              Integer.parseInt(m.group(2)),
                              Integer.parseInt(m.group(3)))))));

  private SaidDates() {}

  /// The days that a text speaks of, in the order of the text.
  ///
  /// @param day the day on which it was said, where that was
  static List<Said> in(String text, LocalDate day) {
    return in(text, day, false);
  }

  /// Those that a question speaks of.
  static List<Said> inQuestion(String text, LocalDate day) {
    return in(text, day, true);
  }

  private static List<Said> in(String whole, LocalDate day, boolean asked) {
    String text = whole.length() > CHARS ? whole.substring(0, CHARS) : whole;
    DateSigns signs = DateSigns.in(text);
    return signs.any()
        ? by(
            Stream.of(
                    signs.digits() ? NUMBERS : List.<Rule>of(),
                    signs.chinese() ? ChineseDates.RULES : List.<Rule>of(),
                    signs.english() ? EnglishDates.RULES : List.<Rule>of())
                .flatMap(List::stream)
                .toList(),
            text,
            day,
            asked)
        : List.of();
  }

  /// What [#in] finds, only slower.
  static List<Said> byAllRules(String text, LocalDate day) {
    return by(
        Stream.of(NUMBERS, ChineseDates.RULES, EnglishDates.RULES).flatMap(List::stream).toList(),
        text,
        day,
        false);
  }

  private static List<Said> by(List<Rule> rules, String text, LocalDate day, boolean asked) {
    List<Said> found = new ArrayList<>();
    BitSet taken = new BitSet(text.length());
    for (Rule rule : rules) {
      Matcher matcher = rule.pattern.matcher(text);
      while (matcher.find() && found.size() < MOST) {
        int overlap = taken.nextSetBit(matcher.start());
        if (overlap >= 0 && overlap < matcher.end()) {
          continue;
        }
        Spoken spoken =
            new Spoken(day, asked, TO_COME.matcher(sentence(text, matcher.start())).find());
        meaning(rule, matcher, spoken)
            .ifPresent(days -> {
              taken.set(matcher.start(), matcher.end());
              found.add(new Said(matcher.start(), matcher.group(), days));
            });
      }
    }
    found.sort(Comparator.comparingInt(Said::start));
    return found;
  }

  /// None where the numbers make no date.
  private static Optional<Days> meaning(Rule rule, Matcher matcher, Spoken spoken) {
    try {
      return rule.meaning.of(matcher.toMatchResult(), spoken);
    } catch (DateTimeException | ArithmeticException e) {
      return Optional.empty();
    }
  }

  private static final String ENDS = ".!?;\n。！？；";

  private static String sentence(String text, int at) {
    int from = at;
    while (from > 0 && ENDS.indexOf(text.charAt(from - 1)) < 0) {
      from--;
    }
    int to = at;
    while (to < text.length() && ENDS.indexOf(text.charAt(to)) < 0) {
      to++;
    }
    return text.substring(from, to);
  }

  static Optional<Days> date(YearMonth month, int day) {
    return month.isValidDay(day) ? Optional.of(Days.of(month.atDay(day))) : Optional.empty();
  }

  static Days whole(YearMonth month) {
    return new Days(month.atDay(1), month.atEndOfMonth());
  }

  static Days year(int year) {
    return new Days(LocalDate.of(year, 1, 1), LocalDate.of(year, 12, 31));
  }

  /// The first third of a month, the second, the last.
  static Days third(YearMonth month, int which) {
    return switch (which) {
      case 0 -> new Days(month.atDay(1), month.atDay(10));
      case 1 -> new Days(month.atDay(11), month.atDay(20));
      default -> new Days(month.atDay(21), month.atEndOfMonth());
    };
  }

  /// Three months; winter ends in the year after.
  ///
  /// @param which 0 for spring
  static Days season(int year, int which) {
    YearMonth first = YearMonth.of(year, 3 + 3 * which);
    return new Days(first.atDay(1), first.plusMonths(2).atEndOfMonth());
  }

  /// The season that is meant where no year is named.
  static Days season(Spoken spoken, int which) {
    Days now = season(spoken.day().getYear(), which);
    if (now.from().isAfter(spoken.day()) && !spoken.toCome()) {
      return season(spoken.day().getYear() - 1, which);
    }
    return now;
  }

  /// The nearest such day of a year to what is spoken of.
  static Optional<Days> yearly(Spoken spoken, int month, int from, int to) {
    YearMonth meant = spoken.month(month);
    LocalDate first = meant.atDay(from);
    if (spoken.asked() && !spoken.toCome() && first.isAfter(spoken.day())) {
      first = first.minusYears(1);
    }
    return Optional.of(new Days(first, first.plusDays(to - from)));
  }

  /// The so-manieth such weekday of a month; the last one for a negative number.
  static Optional<Days> ordinal(YearMonth month, DayOfWeek weekday, int number, int length) {
    LocalDate first =
        number < 0
            ? month.atEndOfMonth().with(TemporalAdjusters.previousOrSame(weekday))
            : month.atDay(1).with(TemporalAdjusters.nextOrSame(weekday)).plusWeeks(number - 1L);
    return YearMonth.from(first).equals(month)
        ? Optional.of(new Days(first, first.plusDays(length - 1L)))
        : Optional.empty();
  }
}
