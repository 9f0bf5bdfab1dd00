package chat.magpie.bench;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Cuts a stream of bytes into server-sent events and finds the stamps of the upstream in them,
/// without decoding more than that.
final class EventScanner {
  private static final int STAMP_DIGITS = 16;

  private final Listener listener;
  private byte[] pending = new byte[4096];
  private int size;

  /// Told of what was found, in the order of the stream.
  interface Listener {
    /// A chunk of the upstream: its number from 0 and when it was sent, in microseconds.
    void stamp(int index, long micros);

    /// One event is over.
    void event(String text);
  }

  EventScanner(Listener listener) {
    this.listener = listener;
  }

  void add(byte[] bytes) {
    if (size + bytes.length > pending.length) {
      pending = Arrays.copyOf(pending, Math.max(2 * pending.length, size + bytes.length));
    }
    System.arraycopy(bytes, 0, pending, size, bytes.length);
    int scanFrom = Math.max(1, size);
    size += bytes.length;
    int begin = 0;
    for (int i = scanFrom; i < size; i++) {
      if (pending[i] == '\n' && pending[i - 1] == '\n' && i - 1 > begin) {
        event(begin, i + 1);
        begin = i + 1;
      }
    }
    System.arraycopy(pending, begin, pending, 0, size - begin);
    size -= begin;
  }

  private void event(int from, int to) {
    for (int i = from + 1; i + STAMP_DIGITS < to; i++) {
      if (pending[i] == '@' && isDigit(pending[i - 1])) {
        stamp(from, i);
      }
    }
    listener.event(new String(pending, from, to - from, StandardCharsets.UTF_8));
  }

  private void stamp(int from, int at) {
    long micros = 0;
    for (int i = at + 1; i <= at + STAMP_DIGITS; i++) {
      if (!isDigit(pending[i])) {
        return;
      }
      micros = 10 * micros + pending[i] - '0';
    }
    int index = 0;
    int unit = 1;
    for (int i = at - 1; i >= from && isDigit(pending[i]); i--) {
      index += unit * (pending[i] - '0');
      unit *= 10;
    }
    listener.stamp(index, micros);
  }

  private static boolean isDigit(byte character) {
    return character >= '0' && character <= '9';
  }

  /// The value of an event's `id` line; empty without one.
  static String id(String event) {
    int at = event.startsWith("id:") ? 0 : event.indexOf("\nid:") + 1;
    if (at == 0 && !event.startsWith("id:")) {
      return "";
    }
    return event.substring(at + 3, event.indexOf('\n', at)).strip();
  }

  /// Whether the event ends an answer, in the format of the upstream, the floor or Magpie.
  static boolean isEnd(String event) {
    return event.contains("data: [DONE]")
        || event.contains("event: done\n")
        || event.contains("\"done\":true")
        || event.contains("\"done\": true");
  }
}
