package chat.magpie.memory.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.LocalDate;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SaidDatesTest {
  /// A Wednesday.
  private static final LocalDate DAY = LocalDate.of(2026, 3, 11);

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          昨天下雨了                          | 2026-03-10 | 2026-03-10
          我大前天才回来                      | 2026-03-08 | 2026-03-08
          明儿见                              | 2026-03-12 | 2026-03-12
          今晨就出发了                        | 2026-03-11 | 2026-03-11
          上周五我搬家                        | 2026-03-06 | 2026-03-06
          星期三开的会                        | 2026-03-11 | 2026-03-11
          三天前说过                          | 2026-03-08 | 2026-03-08
          去年国庆去了西安                    | 2025-10-01 | 2025-10-07
          六一我带孩子去                      | 2026-06-01 | 2026-06-01
          2月14号的电影                       | 2026-02-14 | 2026-02-14
          I called her yesterday              | 2026-03-10 | 2026-03-10
          It rained last Friday               | 2026-03-06 | 2026-03-06
          We met two weeks ago                | 2026-02-25 | 2026-02-25
          This morning I overslept            | 2026-03-11 | 2026-03-11
          MONDAY was awful                    | 2026-03-09 | 2026-03-09
          I was born on December 8th, 1990    | 1990-12-08 | 1990-12-08
          It was on 2025-12-24                | 2025-12-24 | 2025-12-24
          I moved there in 2019               | 2019-01-01 | 2019-12-31
          """)
  void daysAreResolvedFromTheDayOnWhichTheyWereSpokenOf(String text, LocalDate from, LocalDate to) {
    assertThat(SaidDates.in(text, DAY))
        .as(text)
        .extracting(said -> said.days().from() + " " + said.days().to())
        .containsExactly(from + " " + to);
  }

  @ParameterizedTest
  @CsvSource({
    "我喜欢猫和狗",
    "I would like to go home",
    "2026-13-45",
    "她的生日派对很好玩",
    "the market opened to everyone"
  })
  void whatSpeaksOfNoDaysHasNone(String text) {
    assertThat(SaidDates.in(text, DAY)).isEmpty();
  }

  /// Signs are looked for so that the rules need not be tried: they must not hide anything.
  @Test
  void nothingIsOverlookedForWantOfSigns() {
    List<String> pieces =
        List.of(
            "昨",
            "天",
            "明",
            "儿",
            "星期",
            "礼拜",
            "周",
            "三",
            "上",
            "下个",
            "月",
            "初",
            "去年",
            "春",
            "五一",
            "六一",
            "国庆",
            "平安",
            "夜",
            "圣诞",
            "元旦",
            "半",
            "前",
            "号",
            "3",
            "14",
            "2025",
            "-",
            "last ",
            "next ",
            "this ",
            "the ",
            "Mon",
            "day",
            " fri",
            "day ",
            "week",
            "end ",
            "month ",
            "Year ",
            "in ",
            "ago ",
            "two ",
            "5th",
            " of ",
            "MAY ",
            "december",
            " mar ",
            "new ",
            "year's ",
            "eve ",
            "today",
            "tonight",
            "yday ",
            "tmr ",
            "morning",
            "evening",
            "after",
            "noon ",
            "fortnight",
            "s ",
            "Boxing ",
            "hallowe'en",
            "valentine's",
            "xmas",
            "spring",
            "fall",
            " winter",
            ".",
            "/",
            " ",
            "猫",
            "cat ",
            "é",
            "Τ",
            "\t");
    Random random = new Random(17);
    int found = 0;
    for (int i = 0; i < 20_000; i++) {
      StringBuilder text = new StringBuilder();
      for (int k = random.nextInt(6); k >= 0; k--) {
        text.append(pieces.get(random.nextInt(pieces.size())));
      }
      List<SaidDates.Said> all = SaidDates.byAllRules(text.toString(), DAY);
      found += all.size();
      assertThat(SaidDates.in(text.toString(), DAY)).as(text.toString()).isEqualTo(all);
    }
    assertThat(found).isGreaterThan(2_000);
  }
}
