package chat.magpie.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import chat.magpie.kernel.Ids;
import chat.magpie.kernel.MagpieException;
import chat.magpie.kernel.Position;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CursorTest {
  @Test
  void whatIsWrittenIsRead() {
    String reply = Ids.next();
    for (Cursor.Place place :
        List.of(
            new Cursor.Place.At(new Position(1, 0)),
            new Cursor.Place.At(new Position(3, 4_000_000_000L)),
            new Cursor.Place.Stored(),
            new Cursor.Place.End())) {
      Cursor cursor = new Cursor(reply, place);
      assertThat(Cursor.parse(cursor.toString())).isEqualTo(cursor);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ":",
        "x",
        "x:",
        ":1-1",
        "x:1",
        "x:1-",
        "x:-1",
        "x:-1-1",
        "x:+1-1",
        "x:01-1",
        "x:1-01",
        "x:0-0",
        "x:1-1-1",
        "x:1-1 ",
        "x:１-1",
        "x:99999999999999999999999-1",
        "x:END"
      })
  void whatNoEventHasIsRefused(String text) {
    assertThatThrownBy(() -> Cursor.parse(text)).isInstanceOf(MagpieException.class);
  }

  @Test
  void aHugeOneIsRefused() {
    String huge = "x".repeat(1_000_000) + ":1-1";
    assertThatThrownBy(() -> Cursor.parse(huge)).isInstanceOf(MagpieException.class);
  }
}
