package chat.magpie.llm.internal;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/// The bytes of a `text/event-stream`, in whatever slices the network delivers them.
class EventStreamFuzzTest {
  /// So small that lines and events soon are too long.
  private static final int MAX_BYTES = 100;

  private static final String MALFORMED = "malformed";

  /// All slices of a stream give the events that a plain reading of the whole gives.
  @FuzzTest
  void slices(byte[] stream) {
    List<String> expected = plainly(stream);
    assertThat(decode(List.of(stream))).as("whole").isEqualTo(expected);
    assertThat(decode(bytes(stream))).as("byte by byte").isEqualTo(expected);
    assertThat(decode(slices(stream, 40))).as("sliced").isEqualTo(expected);
  }

  static List<byte[]> bytes(byte[] stream) {
    return slices(stream, 1);
  }

  /// Slices of up to this length, the same ones for the same stream.
  static List<byte[]> slices(byte[] stream, int longest) {
    Random random = new Random(Arrays.hashCode(stream));
    List<byte[]> slices = new ArrayList<>();
    for (int from = 0; from < stream.length; ) {
      int to = Math.min(stream.length, from + 1 + random.nextInt(longest));
      slices.add(Arrays.copyOfRange(stream, from, to));
      from = to;
    }
    return slices;
  }

  private static List<String> decode(List<byte[]> slices) {
    List<String> events = new ArrayList<>();
    EventStreamDecoder decoder =
        new EventStreamDecoder(
            new EventStreamDecoder.Sink() {
              @Override
              public void event(byte[] data, int from, int to, boolean error) {
                events.add(
                    (error ? "error " : "event ") + new String(data, from, to - from, ISO_8859_1));
              }

              @Override
              public void done() {
                events.add("done");
              }
            },
            MAX_BYTES);
    try {
      for (byte[] slice : slices) {
        decoder.feed(Buffer.buffer(slice));
      }
      decoder.end();
    } catch (MalformedStream e) {
      events.add(MALFORMED);
    }
    return events;
  }

  /// The same, read from a string that holds the bytes as characters, line by line.
  private static List<String> plainly(byte[] stream) {
    String text = new String(stream, ISO_8859_1);
    List<String> events = new ArrayList<>();
    List<String> data = new ArrayList<>();
    boolean first = true;
    boolean error = false;
    String[] lines = text.split("\r\n|\n|\r", -1);
    for (int i = 0; i < lines.length; i++) {
      String line = lines[i];
      if (line.length() > MAX_BYTES) {
        events.add(MALFORMED);
        return events;
      }
      if (line.isEmpty() && i == lines.length - 1) {
        break; // nothing follows the last line end
      }
      if (first && line.startsWith("\u00EF\u00BB\u00BF")) {
        line = line.substring(3);
      }
      if (line.isEmpty()) {
        if (!data.isEmpty()) {
          event(data, error, events);
        }
        data.clear();
        error = false;
        continue;
      }
      int colon = line.indexOf(':');
      String name = colon < 0 ? line : line.substring(0, colon);
      String value = colon < 0 ? "" : line.substring(colon + 1);
      value = value.startsWith(" ") ? value.substring(1) : value;
      switch (name) {
        case "data" -> {
          data.add(value);
          if (data.size() > 1 && String.join("\n", data).length() > MAX_BYTES) {
            events.add(MALFORMED);
            return events;
          }
        }
        case "event" -> error = value.equals("error");
        case "", "id", "retry" -> {}
        default -> {
          if (first) {
            events.add(MALFORMED);
            return events;
          }
        }
      }
      first = false;
    }
    if (String.join("\n", data).equals("[DONE]")) {
      events.add("done");
    }
    return events;
  }

  private static void event(List<String> data, boolean error, List<String> events) {
    String joined = String.join("\n", data);
    events.add(joined.equals("[DONE]") ? "done" : (error ? "error " : "event ") + joined);
  }
}
