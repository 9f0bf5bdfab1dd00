package chat.magpie.admin;

import chat.magpie.kernel.ErrorCode;
import chat.magpie.kernel.MagpieException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The first file of a `multipart/form-data` body as a stream, so that nothing of it is held in
/// memory. What comes before and behind it is passed over.
final class FirstFile extends InputStream {
  private static final int LINE = 8_192;
  private static final Pattern NAME = Pattern.compile("filename=\"((?:[^\"\\\\]|\\\\.)*)\"");
  private static final Pattern TYPE = Pattern.compile("(?i)content-type:\\s*(\\S.*)");

  private final BufferedInputStream in;
  private final byte[] end;
  private final String name;
  private final Optional<String> mediaType;
  private boolean over;

  private FirstFile(BufferedInputStream in, byte[] end, String name, Optional<String> mediaType) {
    this.in = in;
    this.end = end;
    this.name = name;
    this.mediaType = mediaType;
  }

  /// `BAD_REQUEST` where the body has no file.
  static FirstFile of(InputStream body, String boundary) throws IOException {
    if (boundary.isEmpty() || boundary.length() > 200) {
      throw bad();
    }
    BufferedInputStream in = new BufferedInputStream(body, 65_536);
    String opening = "--" + boundary;
    while (true) {
      String line = line(in);
      if (line.equals(opening + "--")) {
        throw bad();
      }
      if (line.equals(opening)) {
        Optional<String> file = Optional.empty();
        Optional<String> type = Optional.empty();
        for (String header = line(in); !header.isEmpty(); header = line(in)) {
          Matcher named = NAME.matcher(header);
          if (header.toLowerCase(Locale.ROOT).startsWith("content-disposition:") && named.find()) {
            file = Optional.of(named.group(1).replaceAll("\\\\(.)", "$1"));
          }
          Matcher typed = TYPE.matcher(header);
          if (typed.matches()) {
            type = Optional.of(typed.group(1));
          }
        }
        if (file.isPresent()) {
          byte[] end = ("\r\n" + opening).getBytes(StandardCharsets.UTF_8);
          return new FirstFile(in, end, file.get(), type);
        }
      }
    }
  }

  String name() {
    return name;
  }

  Optional<String> mediaType() {
    return mediaType;
  }

  @Override
  public int read() throws IOException {
    if (over) {
      return -1;
    }
    int read = in.read();
    if (read < 0) {
      throw new IOException("The body breaks off within the file.");
    }
    if (read == '\r' && endsHere()) {
      over = true;
      while (in.skip(Long.MAX_VALUE) > 0) {
        // what comes behind is read, so that the answer reaches the caller
      }
      return -1;
    }
    return read;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    int count = 0;
    while (count < length) {
      int read = read();
      if (read < 0) {
        return count == 0 ? -1 : count;
      }
      bytes[offset + count++] = (byte) read;
    }
    return count;
  }

  /// Whether the boundary comes, of which the first byte has just been read.
  private boolean endsHere() throws IOException {
    in.mark(end.length);
    byte[] next = in.readNBytes(end.length - 1);
    if (next.length == end.length - 1 && Arrays.equals(next, 0, next.length, end, 1, end.length)) {
      return true;
    }
    in.reset();
    return false;
  }

  private static String line(InputStream in) throws IOException {
    java.io.ByteArrayOutputStream line = new java.io.ByteArrayOutputStream();
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0 || line.size() > LINE) {
        throw bad();
      }
      line.write(c);
    }
    String text = line.toString(StandardCharsets.UTF_8);
    return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
  }

  private static MagpieException bad() {
    return new MagpieException(ErrorCode.BAD_REQUEST, "The form has no file.");
  }
}
