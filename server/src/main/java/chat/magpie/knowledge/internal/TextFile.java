package chat.magpie.knowledge.internal;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.CharsetEncoder;
import java.nio.charset.StandardCharsets;

/// What the bytes of a file are.
sealed interface TextFile {
  Charset GB18030 = Charset.forName("GB18030");
  Charset GB2312 = Charset.forName("GB2312");

  /// Text; line ends are `\n`, without byte order mark.
  record Text(String text) implements TextFile {}

  /// Not a text that can be indexed.
  record Unusable(String reason) implements TextFile {}

  /// Reads UTF-8, or UTF-16 with a byte order mark. Other encodings are refused rather than
  /// guessed.
  static TextFile of(byte[] bytes) {
    Charset charset = StandardCharsets.UTF_8;
    if (bytes.length >= 2 && (bytes[0] & 0xFF) == 0xFE && (bytes[1] & 0xFF) == 0xFF) {
      charset = StandardCharsets.UTF_16BE;
    } else if (bytes.length >= 2 && (bytes[0] & 0xFF) == 0xFF && (bytes[1] & 0xFF) == 0xFE) {
      charset = StandardCharsets.UTF_16LE;
    }
    String text;
    try {
      text = charset.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      return new Unusable("neither UTF-8 nor UTF-16 with a byte order mark");
    }
    return clean(text);
  }

  /// As [#of], and GB18030 where it can be nothing else: it is not UTF-8, all of it is valid, and
  /// what it says is written in everyday characters.
  static TextFile guessed(byte[] bytes) {
    TextFile read = of(bytes);
    if (read instanceof Text) {
      return read;
    }
    try {
      String text = GB18030.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      return isEveryday(text) ? clean(text) : read;
    } catch (CharacterCodingException e) {
      return read;
    }
  }

  /// Whether the characters that are not ASCII are Chinese or its punctuation, and nine of ten of
  /// them are among the 3,755 most frequent, which GB2312 lists first.
  private static boolean isEveryday(String text) {
    CharsetEncoder encoder = GB2312.newEncoder();
    int frequent = 0;
    int rare = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < 0x80
          || (c >= 0x2010 && c <= 0x203B)
          || (c >= 0x3000 && c <= 0x303F)
          || (c >= 0xFF00 && c <= 0xFFEF)) {
        continue;
      }
      if (c >= 0x4E00
          && c <= 0x9FFF
          && encoder.canEncode(c)
          && (String.valueOf(c).getBytes(GB2312)[0] & 0xFF) <= 0xD7) {
        frequent++;
      } else {
        rare++;
      }
    }
    return frequent >= 4 && frequent >= 9 * rare;
  }

  private static TextFile clean(String text) {
    if (text.indexOf('\0') >= 0) {
      return new Unusable("binary: it holds NUL characters");
    }
    int start = text.startsWith("\uFEFF") ? 1 : 0;
    return new Text(text.substring(start).replace("\r\n", "\n").replace('\r', '\n'));
  }
}
