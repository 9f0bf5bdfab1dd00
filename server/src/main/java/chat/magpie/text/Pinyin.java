package chat.magpie.text;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// How Chinese characters are read, without tones. People who write by sound mistake one character
/// for another that is read the same.
public final class Pinyin {
  private static final char FIRST = '\u4E00';
  private static final char LAST = '\u9FFF';
  private static final @Nullable String[] READINGS = read();

  private Pinyin() {}

  /// The readings of the characters of a text with spaces between them. A character that has none
  /// stands for itself.
  public static String of(String text) {
    StringBuilder read = new StringBuilder(text.length() * 5);
    text.codePoints()
        .forEach(point -> {
          if (!read.isEmpty()) {
            read.append(' ');
          }
          @Nullable String reading = point < FIRST || point > LAST ? null : READINGS[point - FIRST];
          if (reading == null) {
            read.appendCodePoint(point);
          } else {
            read.append(reading);
          }
        });
    return read.toString();
  }

  private static @Nullable String[] read() {
    @Nullable String[] readings = new @Nullable String[LAST - FIRST + 1];
    try (InputStream in =
            Objects.requireNonNull(
                Pinyin.class.getClassLoader().getResourceAsStream("text/pinyin.txt"));
        BufferedReader lines =
            new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        int end = line.indexOf(' ');
        if (!line.startsWith("#")) {
          String reading = line.substring(0, end);
          line.chars().skip(end + 1L).forEach(c -> readings[c - FIRST] = reading);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return readings;
  }
}
