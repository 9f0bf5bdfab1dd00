package chat.magpie.conversation.internal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import chat.magpie.kernel.ErrorCode;
import chat.magpie.kernel.MagpieException;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.Base64;
import java.util.function.UnaryOperator;

/// What clients send as the cursor of a page.
class CursorsFuzzTest {
  /// What is read is written again as it was; everything else is `BAD_CURSOR`. The data is tried as
  /// a cursor, and as what a cursor hides.
  @FuzzTest
  void cursor(byte[] data) {
    for (String cursor :
        new String[] {
          new String(data, UTF_8), Base64.getUrlEncoder().withoutPadding().encodeToString(data)
        }) {
      check(cursor, text -> Cursors.ofMessage(Cursors.message(text)));
      check(cursor, text -> Cursors.ofConversation(Cursors.conversation(text)));
    }
  }

  private static void check(String cursor, UnaryOperator<String> again) {
    try {
      assertThat(again.apply(cursor)).isEqualTo(cursor);
    } catch (MagpieException e) {
      assertThat(e.code()).isEqualTo(ErrorCode.BAD_CURSOR);
    }
  }
}
