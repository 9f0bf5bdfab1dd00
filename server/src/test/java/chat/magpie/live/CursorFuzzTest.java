package chat.magpie.live;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import chat.magpie.kernel.ErrorCode;
import chat.magpie.kernel.MagpieException;
import com.code_intelligence.jazzer.junit.FuzzTest;

/// What clients send as `Last-Event-ID`.
class CursorFuzzTest {
  /// What is read is written again as it was; everything else is `BAD_CURSOR`.
  @FuzzTest
  void cursor(byte[] data) {
    String text = new String(data, UTF_8);
    try {
      assertThat(Cursor.parse(text)).hasToString(text);
    } catch (MagpieException e) {
      assertThat(e.code()).isEqualTo(ErrorCode.BAD_CURSOR);
    }
  }
}
