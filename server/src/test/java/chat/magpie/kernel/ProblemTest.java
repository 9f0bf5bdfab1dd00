package chat.magpie.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProblemTest {
  @Test
  void carriesEverythingAClientNeeds() {
    Problem problem =
        Problem.of(
            new MagpieException(
                ErrorCode.RATE_LIMITED, "Slow down.", null, Duration.ofMillis(1_200)),
            "zh-CN,zh;q=0.9,en;q=0.8",
            "r-1");

    assertThat(text(problem))
        .isEqualTo(
            "{\"type\":\"about:blank\",\"title\":\"请求过于频繁\",\"status\":429,"
                + "\"code\":\"rate_limited\",\"detail\":\"Slow down.\",\"retryable\":true,"
                + "\"request_id\":\"r-1\"}");
    assertThat(problem.retryAfterSeconds()).contains("2");
  }

  @Test
  void aDetailCannotBreakOutOfItsString() {
    String detail = "a\"b\\c\n\u0000\ud800\u2028";

    assertThat(text(Problem.of(new MagpieException(ErrorCode.BAD_REQUEST, detail), null, null)))
        .contains("\"detail\":\"a\\\"b\\\\c\\u000a\\u0000\\ud800\\u2028\"");
  }

  @ParameterizedTest
  @CsvSource(
      nullValues = "-",
      value = {
        "-, ENGLISH",
        "'', ENGLISH",
        "fr, ENGLISH",
        "'en-US,zh;q=0.5', ENGLISH",
        "'fr, zh-TW;q=0.8, en;q=0.1', CHINESE",
        "ZH, CHINESE"
      })
  void theTitleIsInTheFirstLanguageItKnows(String header, Problem.Language expected) {
    assertThat(Problem.Language.of(header)).isEqualTo(expected);
  }

  private static String text(Problem problem) {
    return new String(problem.json(), StandardCharsets.UTF_8);
  }
}
