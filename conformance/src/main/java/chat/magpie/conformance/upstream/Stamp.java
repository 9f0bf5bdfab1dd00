package chat.magpie.conformance.upstream;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The mark at the head of every chunk of the upstream: `<index>@<micros> `, the chunk's number
/// from 0 and the moment it was sent, in microseconds since the epoch on this machine's clock.
///
/// The clock is the wall clock of the whole machine, so that another process, in whatever language,
/// can subtract it from its own.
public record Stamp(int index, long micros) {
  private static final Pattern MARK = Pattern.compile("(\\d{1,9})@(\\d{16}) ");

  /// Now, as stamps tell the time.
  public static long nowMicros() {
    Instant now = Instant.now();
    return now.getEpochSecond() * 1_000_000 + now.getNano() / 1000;
  }

  /// All stamps in the text, in their order; the text may hold several chunks or a part of one.
  public static List<Stamp> in(CharSequence text) {
    List<Stamp> stamps = new ArrayList<>();
    Matcher marks = MARK.matcher(text);
    while (marks.find()) {
      stamps.add(new Stamp(Integer.parseInt(marks.group(1)), Long.parseLong(marks.group(2))));
    }
    return stamps;
  }

  /// The mark with its closing space: at least 19 characters.
  @Override
  public String toString() {
    return index + "@" + micros + " ";
  }
}
