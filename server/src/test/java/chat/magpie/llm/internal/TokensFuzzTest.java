package chat.magpie.llm.internal;

import static java.nio.charset.StandardCharsets.UTF_16BE;
import static org.assertj.core.api.Assertions.assertThat;

import chat.magpie.llm.Tokens;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.Map;
import java.util.Optional;

/// Counting the tokens of hostile texts and cutting such texts to a number of tokens.
class TokensFuzzTest {
  private static final JtokkitTokens CL100K = new JtokkitTokens(TestConfig.of(Map.of()));
  private static final Tokens O200K = CL100K.of(Optional.empty(), Optional.of("gpt-4o"));

  /// A count is no more than the bytes of the text; a cut text is a beginning of it, within its
  /// budget, and ends within no code point. The text comes as UTF-16, so that it has lone
  /// surrogates too, repeated to be longer than the pieces that are counted.
  @FuzzTest
  void tokens(byte[] data) {
    if (data.length < 2) {
      return;
    }
    int budget = data[0] & 0xFF;
    String unit = new String(data, 1, data.length - 1, UTF_16BE);
    StringBuilder raw = new StringBuilder();
    for (int i = 1; i + 1 < data.length; i += 2) {
      raw.append((char) ((data[i] & 0xFF) << 8 | (data[i + 1] & 0xFF)));
    }
    check(unit, budget);
    check(raw.toString(), budget);
    if (raw.length() > 0 && raw.length() < 50) {
      check(raw.toString().repeat(1 + (Pieces.LONGEST + 100) / raw.length()), budget * 8);
    }
  }

  private static void check(String text, int budget) {
    check(CL100K, text, budget);
    check(O200K, text, budget);
  }

  private static void check(Tokens tokens, String text, int budget) {
    int count = tokens.count(text);
    assertThat(count).isBetween(text.isEmpty() ? 0 : 1, 3 * text.length());
    assertThat(tokens.estimate(text)).isBetween(0, 2 * text.length() + 1);
    String cut = tokens.truncate(text, budget);
    assertThat(text).startsWith(cut);
    assertThat(tokens.count(cut)).isLessThanOrEqualTo(budget);
    if (count <= budget) {
      assertThat(cut).isEqualTo(text);
    }
    if (!cut.isEmpty() && cut.length() < text.length()) {
      assertThat(Character.isSurrogatePair(cut.charAt(cut.length() - 1), text.charAt(cut.length())))
          .isFalse();
    }
  }
}
