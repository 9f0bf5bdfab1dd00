package chat.magpie.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import chat.magpie.kernel.ErrorCode;
import chat.magpie.kernel.MagpieException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StrictTextTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"message\":\"你好 😀\"}",
        "{\"message\":\"\\ud83d\\ude00\"}",
        "{\"message\":\"\\\\u0000 is written as it is\"}",
        "{\"message\":\"\\n\\t\\\"\\\\\"}",
        "{\"message\":\"\\u00e9\"}",
        "",
        "\\",
        "\\u12"
      })
  void letsTextThatCanBeStoredThrough(String json) {
    StrictText.checkJson(json.getBytes(StandardCharsets.UTF_8));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"message\":\"\\u0000\"}",
        "{\"message\":\"\\ud83d\"}",
        "{\"message\":\"\\ud83dx\\ude00\"}",
        "{\"message\":\"\\ud83d\\ud83d\\ude00\"}",
        "{\"message\":\"\\ude00\"}",
        "{\"\\uDC00\":1}",
        "{\"message\":\"\\\\\\u0000\"}"
      })
  void refusesWhatJsonEscapesHide(String json) {
    assertThatThrownBy(() -> StrictText.checkJson(json.getBytes(StandardCharsets.UTF_8)))
        .isInstanceOfSatisfying(
            MagpieException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_FIELD));
  }

  @Test
  void refusesBytesThatAreNotUtf8() {
    byte[][] broken = {
      {'"', (byte) 0xff, '"'},
      {'"', (byte) 0xc3, '"'},
      {'"', (byte) 0xc0, (byte) 0x80, '"'},
      {'"', (byte) 0xed, (byte) 0xa0, (byte) 0x80, '"'},
    };
    for (byte[] json : broken) {
      assertThatThrownBy(() -> StrictText.checkJson(json))
          .isInstanceOfSatisfying(
              MagpieException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.BAD_REQUEST));
    }
  }

  @Test
  void saysWhere() {
    assertThatThrownBy(
            () -> StrictText.checkJson("{\n  \"a\": \"\\u0000\"}".getBytes(StandardCharsets.UTF_8)))
        .hasMessage("The text at line 2, column 9 holds NUL.");
  }

  @ParameterizedTest
  @CsvSource({
    "/chat?user_id=a%20b, true",
    "/profile/%E4%BD%A0, true",
    "/profile/%00, false",
    "/profile/%ff, false",
    "/profile/%ED%A0%80, false",
    "/profile/%, false",
    "/profile/%2, false",
    "/profile/%zz, false"
  })
  void refusesAddressesThatAreNotText(String uri, boolean clean) {
    assertThat(StrictText.isCleanUri(uri)).isEqualTo(clean);
  }
}
