package chat.magpie.handover.internal;

import static org.assertj.core.api.Assertions.assertThat;

import chat.magpie.handover.DeskSettings.Keyword;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("C-11")
@Tag("M-10")
class KeywordsTest {
  private static Keyword keyword(String words) {
    return new Keyword(words, Optional.empty(), 0, Optional.empty());
  }

  @ParameterizedTest
  @CsvSource({
    "agent, An AGENT!, true",
    "agent, agenda, false",
    "agent, agents, false",
    "agent, reagent agent, true",
    "agent, 我要agent啊, true",
    "agent, ＡＧＥＮＴ, true",
    "agent, agent_x, false",
    "agent, agent-x, true",
    "real person, a real   person please, true",
    "real person, surreal person, false",
    "real person, real personality, false",
    "转人工, 请帮我转人工服务, true",
    "转人工, 转 人工, false",
    "人工客服, 人工智能, false",
    "человек, нужен человек!, true",
    "человек, человека, false",
    "C++, I write C++ code, true",
    "café, cafe\u0301 please, true",
    "cafe, cafe\u0301s, false",
  })
  void isFoundAsAWordWhereThereAreWords(String words, String text, boolean found) {
    assertThat(new Keywords(List.of(keyword(words))).find("any", text).isPresent())
        .isEqualTo(found);
  }

  @Test
  void theFirstThatCountsWithTheCharacterIsFound() {
    Keyword ofOne = new Keyword("help", Optional.of("mira"), 5, Optional.of("billing"));
    Keyword ofAll = keyword("help");
    Keywords keywords = new Keywords(List.of(ofOne, ofAll));
    assertThat(keywords.find("mira", "Help")).contains(ofOne);
    assertThat(keywords.find("echo", "Help")).contains(ofAll);
    assertThat(keywords.find("mira", "")).isEmpty();
    assertThat(new Keywords(List.of()).find("mira", "help")).isEmpty();
    assertThat(new Keywords(List.of(keyword("\u3000"))).find("mira", "any text")).isEmpty();
  }
}
