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
import java.util.List;
import java.util.Optional;
import java.util.regex.MatchResult;
import org.jspecify.annotations.Nullable;

/// How Chinese speaks of days. The earlier rule wins where two fit.
final class ChineseDates {
  private static final String NUMBER = "([0-9]{1,4}|[一二两三四五六七八九十廿]{1,3}|半)";
  private static final String SMALL = "([0-9]{1,2}|[一二三四五六七八九十廿]{1,3})";
  private static final String YEAR = "(?:([0-9]{4}|[0-9]{2})年|(大前年|前年|去年|今年|明年|后年))?的?\\s*";
  private static final String MONTH = SMALL + "月(?:份)?";
  private static final String WEEK = "(?:周|星期|礼拜)";
  private static final String WEEKDAY = "([一二三四五六日天])";
  private static final String SHIFT = "(上上|上|这|本|下下|下)个?";

  static final List<Rule> RULES =
      List.of(
          Rule.of(
              YEAR + MONTH + "的?第" + SMALL + "个" + WEEK + "(?:" + WEEKDAY + "|(末))",
              (m, s) ->
                  m.group(5) == null
                      ? ordinal(month(m, s), DayOfWeek.SATURDAY, number(m, 4), 2)
                      : ordinal(month(m, s), weekday(m.group(5)), number(m, 4), 1)),
          Rule.of(
              YEAR + MONTH + "的?最后一个" + WEEK + "(?:" + WEEKDAY + "|(末))",
              (m, s) ->
                  m.group(4) == null
                      ? ordinal(month(m, s), DayOfWeek.SATURDAY, -1, 2)
                      : ordinal(month(m, s), weekday(m.group(4)), -1, 1)),
          Rule.of(
              YEAR + MONTH + "的?最后一天", (m, s) -> Optional.of(Days.of(month(m, s).atEndOfMonth()))),
          Rule.of(
              YEAR + MONTH + "的?(?:初|上旬|头几天|开头|前几天)", (m, s) -> Optional.of(third(month(m, s), 0))),
          Rule.of(
              YEAR + MONTH + "的?(?:中旬|中)的?那?个?" + WEEK + WEEKDAY,
              (m, s) -> {
                Days middle = third(month(m, s), 1);
                LocalDate day =
                    middle
                        .from()
                        .with(java.time.temporal.TemporalAdjusters.nextOrSame(weekday(m.group(4))));
                return Optional.of(Days.of(day));
              }),
          Rule.of(YEAR + MONTH + "的?(?:中旬|中)", (m, s) -> Optional.of(third(month(m, s), 1))),
          Rule.of(YEAR + MONTH + "的?(?:底|末|下旬|最后几天)", (m, s) -> Optional.of(third(month(m, s), 2))),
          Rule.of(
              YEAR + MONTH + "\\s*" + SMALL + "(?:号|日)?(?![0-9个天月年岁块元点])",
              (m, s) -> date(month(m, s), number(m, 4))),
          Rule.of(
              SHIFT + "月\\s*" + SMALL + "(?:号|日)",
              (m, s) -> date(YearMonth.from(s.day()).plusMonths(shift(m.group(1))), number(m, 2))),
          Rule.of(
              SHIFT + "月的?(初|上旬|中旬|中|底|末|下旬)",
              (m, s) ->
                  Optional.of(
                      third(
                          YearMonth.from(s.day()).plusMonths(shift(m.group(1))),
                          "初上".indexOf(m.group(2).charAt(0)) >= 0
                              ? 0
                              : m.group(2).startsWith("中") ? 1 : 2))),
          Rule.of(
              SHIFT + "月",
              (m, s) -> Optional.of(whole(YearMonth.from(s.day()).plusMonths(shift(m.group(1)))))),
          Rule.of(
              SHIFT + WEEK + WEEKDAY,
              (m, s) -> Optional.of(Days.of(s.weekday(weekday(m.group(2)), shift(m.group(1)))))),
          Rule.of(SHIFT + WEEK + "末", (m, s) -> weekend(s, shift(m.group(1)))),
          Rule.of(SHIFT + WEEK, (m, s) -> s.week(shift(m.group(1)))),
          Rule.of(
              "(?<![0-9])([0-9]{2,4})年(春|夏|秋|冬)(?:天|季)?",
              (m, s) -> Optional.of(season(fullYear(number(m, 1), s), "春夏秋冬".indexOf(m.group(2))))),
          Rule.of(
              "(大前年|前年|去年|今年|明年|后年)的?(春|夏|秋|冬)(?:天|季)?",
              (m, s) ->
                  Optional.of(
                      season(s.day().getYear() + years(m.group(1)), "春夏秋冬".indexOf(m.group(2))))),
          Rule.of(
              "(大前年|前年|去年|今年|明年|后年)的?年?(初|中|底|末)",
              (m, s) -> {
                int year = s.day().getYear() + years(m.group(1));
                int first = m.group(2).equals("初") ? 1 : m.group(2).equals("中") ? 5 : 11;
                return Optional.of(
                    new Days(
                        LocalDate.of(year, first, 1),
                        YearMonth.of(year, first).plusMonths(first == 5 ? 2 : 1).atEndOfMonth()));
              }),
          Rule.of(
              YEAR + "(元旦|情人节|妇女节|愚人节|劳动节|五一|儿童节|六一|国庆|平安夜|圣诞|跨年夜)(?:节|假期)?", ChineseDates::feast),
          Rule.of("(?<![0-9])((?:19|20)[0-9]{2})年", (m, s) -> Optional.of(year(number(m, 1)))),
          Rule.of(
              "(大前年|前年|去年|今年|明年|后年)(?!纪|龄|级)",
              (m, s) -> Optional.of(year(s.day().getYear() + years(m.group(1))))),
          Rule.of(YEAR + MONTH + "(?!饼|亮|球|经|薪|租|费|卡)", (m, s) -> Optional.of(whole(month(m, s)))),
          Rule.of("大前[天日晚]", (m, s) -> s.at(-3)),
          Rule.of("大后[天日]", (m, s) -> s.at(3)),
          Rule.of("(?<![之以])前[天日晚](?!性)", (m, s) -> s.at(-2)),
          Rule.of("(?<![之以今往然])后[天日](?!性)", (m, s) -> s.at(2)),
          Rule.of("昨(?:天|日|晚|夜|儿|早)", (m, s) -> s.at(-1)),
          Rule.of("明(?:天|日|晚|早|儿|后天)", (m, s) -> s.at(1)),
          Rule.of("(?:今(?:天|日|晚|早|儿|晨)|当天)", (m, s) -> s.at(0)),
          Rule.of(NUMBER + "(?:个)?(天|日|周|星期|礼拜|月|年)(?:之|以)?(前|后)(?!天)", ChineseDates::ago),
          Rule.of("(?<!超)(?:再)?过" + NUMBER + "(?:个)?(天|周|星期|礼拜|月|年)", ChineseDates::in),
          Rule.of(
              "(?<![个每])" + WEEK + "末",
              (m, s) ->
                  s.toCome() || s.day().getDayOfWeek().getValue() >= 6
                      ? s.weekend(0)
                      : s.weekend(-1)),
          Rule.of(
              "(?<![每个逢至到])" + WEEK + WEEKDAY + "(?!至|到|[一二三四五六日]|年|课)",
              (m, s) -> Optional.of(Days.of(s.bare(weekday(m.group(1)))))),
          Rule.of(
              "(?<![0-9楼第每月的])" + SMALL + "号(?!线|楼|店|机|码|位|选手|院|房|门)",
              (m, s) -> s.dayOfMonth(number(m, 1))));

  private ChineseDates() {}

  private static Optional<Days> weekend(Spoken s, int weeks) {
    return s.weekend(weeks);
  }

  private static Optional<Days> feast(MatchResult m, Spoken s) {
    int[] when =
        switch (m.group(3)) {
          case "元旦" -> new int[] {1, 1, 1};
          case "情人节" -> new int[] {2, 14, 14};
          case "妇女节" -> new int[] {3, 8, 8};
          case "愚人节" -> new int[] {4, 1, 1};
          case "劳动节", "五一" -> new int[] {5, 1, 5};
          case "儿童节", "六一" -> new int[] {6, 1, 1};
          case "国庆" -> new int[] {10, 1, 7};
          case "平安夜" -> new int[] {12, 24, 24};
          case "跨年夜" -> new int[] {12, 31, 31};
          default -> new int[] {12, 25, 25};
        };
    Optional<Integer> year = yearOf(m, s);
    if (year.isEmpty()) {
      return yearly(s, when[0], when[1], when[2]);
    }
    LocalDate first = LocalDate.of(year.get(), when[0], when[1]);
    return Optional.of(new Days(first, first.plusDays(when[2] - when[1])));
  }

  private static Optional<Days> ago(MatchResult m, Spoken s) {
    return span(m.group(1), m.group(2), s, m.group(3).equals("前") ? -1 : 1);
  }

  private static Optional<Days> in(MatchResult m, Spoken s) {
    return span(m.group(1), m.group(2), s, 1);
  }

  private static Optional<Days> span(String many, String unit, Spoken s, int sign) {
    if (many.equals("半")) {
      return unit.equals("年")
          ? Optional.of(whole(YearMonth.from(s.day()).plusMonths(sign * 6L)))
          : unit.equals("月") ? s.at(sign * 15) : Optional.empty();
    }
    int n = sign * value(many);
    return switch (unit) {
      case "天", "日" -> s.at(n);
      case "月" -> Optional.of(whole(YearMonth.from(s.day()).plusMonths(n)));
      case "年" -> Optional.of(year(s.day().getYear() + n));
      default -> s.at(7 * n);
    };
  }

  /// The month of a rule that begins with YEAR and MONTH.
  private static YearMonth month(MatchResult m, Spoken s) {
    int month = number(m, 3);
    return yearOf(m, s).map(year -> YearMonth.of(year, month)).orElseGet(() -> s.month(month));
  }

  private static Optional<Integer> yearOf(MatchResult m, Spoken s) {
    @Nullable String digits = m.group(1);
    if (digits != null) {
      return Optional.of(fullYear(Integer.parseInt(digits), s));
    }
    return Optional.ofNullable(m.group(2)).map(word -> s.day().getYear() + years(word));
  }

  private static int fullYear(int year, Spoken s) {
    return year < 100 ? s.day().getYear() / 100 * 100 + year : year;
  }

  private static int years(String word) {
    return switch (word) {
      case "大前年" -> -3;
      case "前年" -> -2;
      case "去年" -> -1;
      case "明年" -> 1;
      case "后年" -> 2;
      default -> 0;
    };
  }

  private static int shift(String word) {
    return switch (word) {
      case "上上" -> -2;
      case "上" -> -1;
      case "下" -> 1;
      case "下下" -> 2;
      default -> 0;
    };
  }

  private static DayOfWeek weekday(String word) {
    int place = "一二三四五六日天".indexOf(word);
    return DayOfWeek.of(Math.min(place, 6) + 1);
  }

  private static int number(MatchResult m, int group) {
    return value(m.group(group));
  }

  /// Of digits, or of Chinese numerals below a hundred.
  static int value(String word) {
    if (Character.isDigit(word.charAt(0))) {
      return Integer.parseInt(word);
    }
    int sum = 0;
    int digit = 0;
    for (int i = 0; i < word.length(); i++) {
      char c = word.charAt(i);
      if (c == '十') {
        sum += 10 * Math.max(digit, 1);
        digit = 0;
      } else if (c == '廿') {
        sum += 20;
      } else {
        digit = c == '两' ? 2 : "一二三四五六七八九".indexOf(c) + 1;
      }
    }
    return sum + digit;
  }
}
