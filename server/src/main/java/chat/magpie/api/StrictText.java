package chat.magpie.api;

import chat.magpie.kernel.ErrorCode;
import chat.magpie.kernel.MagpieException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/// Refuses text that could not be stored and given back as it is: invalid UTF-8, NUL, and halves of
/// surrogate pairs, also where JSON escapes hide them.
final class StrictText {
  private StrictText() {}

  /// Checks a JSON document before it is parsed; `BAD_REQUEST` or `INVALID_FIELD` where it is
  /// refused. Whether it is JSON at all is the parser's matter.
  static void checkJson(byte[] json) {
    String text;
    try {
      text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(json)).toString();
    } catch (CharacterCodingException e) {
      throw new MagpieException(ErrorCode.BAD_REQUEST, "The body is not valid UTF-8.", e);
    }
    int nul = text.indexOf(0);
    if (nul >= 0) {
      throw refused("NUL", text, nul); // and the parser would take the text for UTF-16 or UTF-32
    }
    for (int i = text.indexOf('\\'); i >= 0; i = text.indexOf('\\', i)) {
      int unit = escapedUnit(text, i);
      if (unit < 0) {
        i += 2; // an escape of one character, or a broken one that the parser will refuse
        continue;
      }
      if (unit == 0) {
        throw refused("NUL", text, i);
      }
      if (Character.isLowSurrogate((char) unit)) {
        throw refused("half a surrogate pair", text, i);
      }
      i += 6;
      if (Character.isHighSurrogate((char) unit)) {
        int next = escapedUnit(text, i);
        if (next < 0 || !Character.isLowSurrogate((char) next)) {
          throw refused("half a surrogate pair", text, i - 6);
        }
        i += 6;
      }
    }
  }

  /// Whether a request's raw address is well-formed: a URI whose encoded bytes are UTF-8 without
  /// NUL.
  static boolean isCleanUri(String uri) {
    try {
      new URI(uri);
    } catch (URISyntaxException e) {
      return false;
    }
    if (uri.indexOf('%') < 0) {
      return true;
    }
    byte[] bytes = new byte[uri.length()];
    int length = 0;
    for (int i = 0; i < uri.length(); i++) {
      char c = uri.charAt(i);
      if (c == '%') {
        int high = Character.digit(uri.charAt(i + 1), 16);
        int low = Character.digit(uri.charAt(i + 2), 16);
        if ((high | low) == 0) {
          return false;
        }
        bytes[length++] = (byte) (high << 4 | low);
        i += 2;
      } else {
        bytes[length++] = (byte) c; // a server hands raw addresses over byte by byte
      }
    }
    try {
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, 0, length));
      return true;
    } catch (CharacterCodingException e) {
      return false;
    }
  }

  /// The UTF-16 unit that a `\\uXXXX` at this place stands for; -1 where there is none.
  private static int escapedUnit(String text, int at) {
    if (at + 6 > text.length() || text.charAt(at) != '\\' || text.charAt(at + 1) != 'u') {
      return -1;
    }
    int unit = 0;
    for (int i = at + 2; i < at + 6; i++) {
      int digit = Character.digit(text.charAt(i), 16);
      if (digit < 0) {
        return -1;
      }
      unit = unit << 4 | digit;
    }
    return unit;
  }

  private static MagpieException refused(String what, String text, int at) {
    long line = text.substring(0, at).chars().filter(c -> c == '\n').count() + 1;
    int column = at - text.lastIndexOf('\n', at);
    return new MagpieException(
        ErrorCode.INVALID_FIELD,
        "The text at line " + line + ", column " + column + " holds " + what + ".");
  }
}
