package chat.magpie.profile.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RulesTest {
  private final Rules rules = new Rules();

  private List<String> claims(String text) {
    return rules.claims(text).stream()
        .map(claim -> (claim.negated() ? "not " : "") + claim.slot().word() + " " + claim.value())
        .toList();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          My name is Ada Lovelace.                      | name Ada Lovelace
          I'm allergic to shellfish.                    | allergies shellfish
          I am not allergic to cats.                    | not allergies cats
          I live in Lisbon now.                         | place Lisbon
          I don't live in Lisbon any more.              | not place Lisbon
          We moved to Utrecht last week.                | place Utrecht
          I grew up in Cork.                            | hometown Cork
          I work as a pastry chef in a hotel.           | occupation pastry chef
          I'm a civil engineer.                         | occupation civil engineer
          I really love rhubarb crumble.                | likes rhubarb crumble
          I can't stand karaoke.                        | dislikes karaoke
          I've gone vegan.                              | diet vegan
          I don't eat pork.                             | not diet pork
          I no longer drink wine.                       | not diet wine
          I've never smoked.                            | not habits smoked
          I gave up knitting after Christmas.           | not habits knitting
          My sister Nora is visiting.                   | family sister Nora
          I've got a cat.                               | pets cat
          I play the cello on Sundays.                  | hobbies the cello
          I take metformin twice a day.                 | medication metformin
          My birthday is on 3 May.                      | birthday 3 May
          我叫陈静。                                     | name 陈静
          我对青霉素过敏                                  | allergies 青霉素
          我不对花生过敏                                  | not allergies 花生
          我现在住在厦门                                  | place 厦门
          我已经不住在厦门了                               | not place 厦门
          我是一名会计                                    | occupation 会计
          我特别喜欢吃榴莲                                 | likes 榴莲
          我最讨厌洋葱                                    | dislikes 洋葱
          我不再吃猪肉了                                  | not diet 猪肉
          我戒咖啡了                                      | not diet 咖啡
          我从来不抽烟                                    | not habits 抽烟
          我养了一只柯基                                   | pets 柯基
          我打算明年去冰岛                                 | plans 明年去冰岛
          我每周都打羽毛球                                 | hobbies 羽毛球
          我的生日是3月9日                                 | birthday 3月9日
          """)
  void whatSomebodySaysOfThemselvesIsUnderstood(String said, String understood) {
    assertThat(claims(said)).contains(understood);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "My sister is allergic to peanuts.",
        "Am I allergic to peanuts?",
        "I'm allergic to peanuts, right?",
        "If I lived in Rome I'd eat gelato every day.",
        "I wish I had a dog.",
        "Maybe I'm allergic to cats.",
        "She says I live in a bubble.",
        "He thinks I'm a vegetarian.",
        "I used to live in Berlin.",
        "I like it when you call me that.",
        "I love you.",
        "I'd like a coffee.",
        "As a kid I hated spinach.",
        "> I'm allergic to peanuts",
        "\"I'm allergic to peanuts\" is a sentence.",
        "I'm moving house. Just kidding.",
        "I'm done.",
        "I'm Irish.",
        "我妹妹对花生过敏",
        "我对花生过敏吗？",
        "如果我住在北京就好了",
        "我妈喜欢跳舞",
        "他以为我吃素",
        "我以前住在上海",
        "我喜欢你",
        "我喜欢这个",
        "小明说：“我对花生过敏”",
        "我打算辞职，开玩笑的",
        "我是不是对花粉过敏",
        ""
      })
  void whatIsNotSaidOfThemselvesIsLeftOut(String said) {
    assertThat(claims(said)).isEmpty();
  }

  @Test
  void severalThingsInOneMessageAreUnderstoodEach() {
    assertThat(claims("Hi, I'm Rosa. I live in Porto and I can't stand olives. I'm vegetarian!"))
        .containsExactly("name Rosa", "place Porto", "dislikes olives", "diet vegetarian");
    assertThat(claims("我叫王磊，住在哪里你猜。我对虾过敏，我不喝酒")).contains("name 王磊", "not diet 喝酒");
  }

  @Test
  void whatIsSaidIsNotDeniedInTheSameBreath() {
    assertThat(claims("我对芒果过敏")).containsExactly("allergies 芒果");
    assertThat(claims("我对芒果不过敏")).containsExactly("not allergies 芒果");
  }

  @Test
  void aSentenceWithoutASubjectIsAboutWhomeverTheOneBeforeWasAbout() {
    assertThat(claims("上个月刚搬到大连去了。")).containsExactly("place 大连");
    assertThat(claims("我表哥结婚了。搬到大连去了。")).isEmpty();
    assertThat(claims("Good news. Just moved to Oslo.")).containsExactly("place Oslo");
    assertThat(claims("My cousin got married. Just moved to Oslo.")).isEmpty();
  }

  @Test
  void aWordThatRefersToTheClauseBeforeMeansIt() {
    assertThat(claims("My flatmate is mad about opera. I hate it."))
        .containsExactly("dislikes opera");
    assertThat(claims("我爸爱听京剧，我不喜欢")).containsExactly("dislikes 京剧");
    assertThat(claims("They asked about allergies and I said penicillin"))
        .containsExactly("allergies penicillin");
    assertThat(claims("They asked about allergies and I said no")).isEmpty();
  }

  @Test
  @Timeout(30)
  void hostileTextIsReadInReasonableTime() {
    for (String piece :
        List.of(
            "我",
            "I love ",
            "i'm allergic to ",
            "，",
            "我对",
            "and ",
            "“",
            "a.",
            "我喜欢吃",
            "\u202e",
            "(")) {
      String text = piece.repeat(1_000_000 / piece.length());
      assertThat(rules.claims(text)).hasSizeLessThanOrEqualTo(20);
    }
  }
}
