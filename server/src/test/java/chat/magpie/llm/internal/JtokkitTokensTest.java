package chat.magpie.llm.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import chat.magpie.llm.LlmConfig;
import chat.magpie.llm.PrefixMode;
import chat.magpie.llm.PromptMessage;
import com.knuddels.jtokkit.Encodings;
import com.knuddels.jtokkit.api.Encoding;
import com.knuddels.jtokkit.api.EncodingType;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JtokkitTokensTest {
  private static final String[] WORDS = {
    "hello",
    " ",
    "你好，",
    "世界",
    "  ",
    "\n\n",
    "it's ",
    "I'LL",
    "1234567",
    "!?…",
    "😀👍🏽",
    "é",
    "\r\n",
    "\t",
    "don't",
    "Straße",
    "(a)",
    "—",
    "한국어",
    "こんにちは。",
    "<|endoftext|>",
    "x=1;",
    "ﬁ",
    "\u0301"
  };

  private final JtokkitTokens tokens = new JtokkitTokens(TestConfig.of(Map.of()));

  private static JtokkitTokens of(String encoding) {
    return new JtokkitTokens(TestConfig.of(Map.of()).withEncoding(encoding));
  }

  private static String babble(Random random, int length) {
    StringBuilder text = new StringBuilder();
    while (text.length() < length) {
      text.append(WORDS[random.nextInt(WORDS.length)]);
    }
    return text.toString();
  }

  @ParameterizedTest
  @CsvSource({
    "hello world,2",
    "'',0",
    "antidisestablishmentarianism,6",
    "你好，世界,6",
    "<|endoftext|>,7",
    "'2 + 2 = 4',7"
  })
  void knownCounts(String text, int expected) {
    assertThat(tokens.count(text)).isEqualTo(expected);
    assertThat(tokens.count(text)).isEqualTo(expected);
  }

  @Test
  void aPromptCountsFourPerMessageAndTwoForTheReply() {
    assertThat(
            tokens.countPrompt(
                List.of(
                    new PromptMessage(PromptMessage.Role.SYSTEM, "hello world"),
                    new PromptMessage(PromptMessage.Role.USER, ""))))
        .isEqualTo(2 + 4 + 4 + 2);
    assertThat(tokens.countPrompt(List.of())).isEqualTo(2);
  }

  @ParameterizedTest
  @CsvSource({
    "'',0",
    "a,1",
    "你,2",
    "你好,3",
    "abcdefghij,3",
    "你好 ok,4",
    "𠮷,2",
    "😀,1",
    "한,2",
    "か,2"
  })
  void estimates(String text, int expected) {
    assertThat(tokens.estimate(text)).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"cl100k_base", "o200k_base"})
  void piecesCountAsTheWhole(String name) {
    Encoding whole =
        Encodings.newLazyEncodingRegistry().getEncoding(EncodingType.fromName(name).orElseThrow());
    JtokkitTokens pieces = of(name);
    Random random = new Random(7);
    for (int round = 0; round < 40; round++) {
      String text = babble(random, 9000);
      assertThat(pieces.count(text)).isEqualTo(whole.countTokensOrdinary(text));
    }
    String unbroken = "qwertzuiopü".repeat(2000);
    assertThat(pieces.count(unbroken))
        .isCloseTo(whole.countTokensOrdinary(unbroken), within(2 * 11));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a",
        "qwertyuiop",
        "人工智能陪伴聊天",
        " ",
        "\n",
        " \n",
        "\t",
        "7",
        "!",
        "😀",
        "\ud83d",
        "e\u0301"
      })
  @Timeout(20)
  void aMillionHostileCharactersTakeLinearTime(String unit) {
    String text = unit.repeat(1_000_000 / unit.length());
    assertThat(tokens.count(text)).isPositive();
    String start = tokens.truncate(text, 1000);
    assertThat(tokens.count(start)).isBetween(1, 1000);
  }

  @Test
  void truncatingKeepsTheBudgetAndTheLongestBeginning() {
    Random random = new Random(11);
    for (int round = 0; round < 200; round++) {
      String text = babble(random, random.nextInt(1, 6000));
      int budget = random.nextInt(0, 1500);
      String start = tokens.truncate(text, budget);
      assertThat(text).startsWith(start);
      assertThat(tokens.count(start)).isLessThanOrEqualTo(budget);
      if (start.length() < text.length()) {
        int next = text.offsetByCodePoints(start.length(), 1);
        assertThat(tokens.count(text.substring(0, next))).isGreaterThan(budget);
        assertThat(Character.isSurrogatePair(text.charAt(next - 1), text.charAt(next - 1)))
            .isFalse();
      }
    }
  }

  @Test
  void truncatingNeverLeavesHalfACodePoint() {
    String text = "😀".repeat(100);
    for (int budget = 0; budget < 120; budget++) {
      String start = tokens.truncate(text, budget);
      assertThat(start.length() % 2).isZero();
      assertThat(tokens.count(start)).isLessThanOrEqualTo(budget);
    }
    assertThat(tokens.truncate(text, -5)).isEmpty();
    assertThat(tokens.truncate("", 5)).isEmpty();
    assertThat(tokens.truncate("hello world", 2)).isEqualTo("hello world");
  }

  @ParameterizedTest
  @CsvSource({
    "gpt-4,cl100k_base",
    "gpt-4-turbo-2024-04-09,cl100k_base",
    "gpt-3.5-turbo,cl100k_base",
    "gpt-35-turbo,cl100k_base",
    "text-embedding-3-small,cl100k_base",
    "gpt-4o,o200k_base",
    "openai/GPT-4o-mini,o200k_base",
    "gpt-4.1-nano,o200k_base",
    "gpt-5,o200k_base",
    "gpt-5-mini,o200k_base",
    "gpt-oss-120b,o200k_base",
    "chatgpt-4o-latest,o200k_base",
    "o1,o200k_base",
    "o3-mini,o200k_base",
    "gpt-40,cl100k_base",
    "qwen-plus,cl100k_base",
    "deepseek-chat,cl100k_base",
    "o1234,cl100k_base",
    "'',cl100k_base",
  })
  @Tag("D-10")
  void aModelIsCountedWithItsOwnEncoding(String model, String encoding) {
    assertThat(tokens.of(Optional.empty(), Optional.of(model)).encoding()).isEqualTo(encoding);
  }

  @Test
  @Tag("D-10")
  void whatNoNameTellsIsConfigured() {
    LlmConfig.Provider qwen = provider("qwen-max", Optional.of("o200k_base"));
    LlmConfig.Provider openAi = provider("gpt-4o", Optional.empty());
    JtokkitTokens some = new JtokkitTokens(TestConfig.of(Map.of("a", openAi, "b", qwen)));
    assertThat(some.encoding()).isEqualTo("cl100k_base");
    assertThat(some.of(Optional.of("b"), Optional.empty()).encoding()).isEqualTo("o200k_base");
    assertThat(some.of(Optional.empty(), Optional.empty()).encoding())
        .as("the first provider's own model")
        .isEqualTo("o200k_base");
    assertThat(some.of(Optional.of("gone"), Optional.empty()).encoding()).isEqualTo("cl100k_base");
    assertThat(some.of(Optional.of("a"), Optional.of("gpt-4"))).isSameAs(some);
    assertThat(some.of(Optional.of("a"), Optional.empty()).count("你好，世界，今天天气真好"))
        .as("the encodings differ")
        .isLessThan(some.count("你好，世界，今天天气真好"));
    assertThatThrownBy(() ->
            new JtokkitTokens(TestConfig.of(Map.of("a", provider("m", Optional.of("p50k_base"))))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("magpie.llm.providers.a.encoding");
  }

  private static LlmConfig.Provider provider(String model, Optional<String> encoding) {
    return new TestConfig.TestProvider(
        "http://127.0.0.1", Optional.empty(), Optional.of(model), PrefixMode.NONE, encoding);
  }

  /// What byte-pair encoding costs more than linearly it costs within a piece, and pieces are
  /// short: so the work grows with the number of pieces, and that with the text.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "a",
        "汉",
        "😀",
        "\u200d",
        "👩\u200d👩\u200d👧",
        " ",
        "\n",
        "a!",
        "a ",
        "e\u0301",
        "\ud83d"
      })
  @Tag("D-10")
  void theWorkOnHostileTextGrowsWithItsLengthAlone(String unit) {
    int once = pieces(unit.repeat(500_000 / unit.length()));
    int twice = pieces(unit.repeat(1_000_000 / unit.length()));
    assertThat(once).isLessThanOrEqualTo(2 * 500_000 / Pieces.LONGEST + 2);
    assertThat(twice).isLessThanOrEqualTo(2 * once + 2);
  }

  private static int pieces(String text) {
    int pieces = 0;
    for (int from = 0; from < text.length(); pieces++) {
      int to = Pieces.end(text, from);
      assertThat(to - from).isBetween(1, Pieces.LONGEST);
      from = to;
    }
    return pieces;
  }

  @Test
  void wrongSettingsAreNamed() {
    assertThatThrownBy(() -> of("p50k"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("magpie.llm.encoding");
  }

  @Test
  void theCacheIsBoundedByNumberAndSize() {
    TokenCache few = new TokenCache(3);
    for (int i = 0; i < 10; i++) {
      few.put("text " + i, i);
    }
    assertThat(few.size()).isEqualTo(3);
    assertThat(few.get("text 9")).isEqualTo(9);
    assertThat(few.get("text 0")).isEqualTo(-1);
    few.put("text 7", 7);
    few.put("new", 1);
    assertThat(few.get("text 8")).isEqualTo(-1);

    TokenCache many = new TokenCache(1_000_000);
    many.put("x".repeat(TokenCache.LONGEST + 1), 1);
    assertThat(many.size()).isZero();
    for (int i = 0; i < 2000; i++) {
      many.put("x".repeat(4000) + i, 1);
    }
    assertThat(many.size()).isBetween(1, 500);
    new TokenCache(0).put("x", 1);
  }

  /// Prompts are made of pieces that are counted by themselves.
  @ParameterizedTest
  @ValueSource(strings = {"cl100k_base", "o200k_base"})
  void nothingIsJoinedOverALinesEndAndTheMarkBehindIt(String encoding) {
    JtokkitTokens tokens = of(encoding);
    Random random = new Random(7);
    for (int i = 0; i < 200; i++) {
      String before = babble(random, 1 + random.nextInt(80)) + "\n";
      String behind = (i % 2 == 0 ? "<" : "-") + babble(random, random.nextInt(80));
      assertThat(tokens.count(before + behind))
          .as(before + behind)
          .isEqualTo(tokens.count(before) + tokens.count(behind));
    }
  }
}
