package chat.magpie.knowledge.internal;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;

/// What the bytes of a file are.
sealed interface TextFile {
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
    if (text.indexOf('\0') >= 0) {
      return new Unusable("binary: it holds NUL characters");
    }
    int start = text.startsWith("\uFEFF") ? 1 : 0;
    return new Text(text.substring(start).replace("\r\n", "\n").replace('\r', '\n'));
  }
}
