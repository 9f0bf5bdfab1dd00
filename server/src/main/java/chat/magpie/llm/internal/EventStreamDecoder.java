package chat.magpie.llm.internal;

import io.vertx.core.buffer.Buffer;
import java.util.Arrays;

/// Cuts the bytes of a `text/event-stream` into events, wherever the network has cut them before.
///
/// Lines end with LF, CR or CRLF. Data lines of one event are joined by LF, in place; an event
/// without data is none. What follows the last empty line is not an event, except for the end
/// marker, which some providers send without one. Not thread-safe.
final class EventStreamDecoder {
  /// A line or an event that is longer than this is refused.
  static final int MAX_BYTES = 1024 * 1024;

  private static final byte[] DATA = {'d', 'a', 't', 'a'};
  private static final byte[] EVENT = {'e', 'v', 'e', 'n', 't'};
  private static final byte[] ID = {'i', 'd'};
  private static final byte[] RETRY = {'r', 'e', 't', 'r', 'y'};
  private static final byte[] ERROR = {'e', 'r', 'r', 'o', 'r'};
  private static final byte[] END_MARKER = {'[', 'D', 'O', 'N', 'E', ']'};
  private static final byte[] BYTE_ORDER_MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

  /// Takes the events in their order.
  interface Sink {
    /// One event that has data, other than the end marker.
    ///
    /// @param data holds the event's data from `from` to `to`, until the method returns
    /// @param error whether the event's name is `error`
    void event(byte[] data, int from, int to, boolean error) throws MalformedStream;

    /// The end marker `[DONE]`.
    void done() throws MalformedStream;
  }

  private final Sink sink;
  private final int maxBytes;
  private byte[] bytes = new byte[1024];
  private int end;
  private int lineFrom;
  private int scanned;
  private boolean skipLineFeed;
  private boolean firstLine = true;
  private int dataFrom = -1;
  private int dataTo;
  private boolean errorEvent;

  EventStreamDecoder(Sink sink) {
    this(sink, MAX_BYTES);
  }

  /// @param maxBytes a line or an event that is longer than this is refused
  EventStreamDecoder(Sink sink, int maxBytes) {
    this.sink = sink;
    this.maxBytes = maxBytes;
  }

  /// Takes the next bytes and gives all events that they complete.
  void feed(Buffer buffer) throws MalformedStream {
    int length = buffer.length();
    if (length == 0) {
      return;
    }
    makeRoom(length);
    buffer.getBytes(0, length, bytes, end);
    end += length;
    cutLines();
    checkLength(lineFrom, end);
    if (lineFrom == end && dataFrom < 0) {
      end = 0;
      lineFrom = 0;
      scanned = 0;
    }
  }

  /// The provider sends nothing more.
  void end() throws MalformedStream {
    if (lineFrom < end) {
      line(lineFrom, end);
    }
    if (isEndMarker()) {
      sink.done();
    }
  }

  private void cutLines() throws MalformedStream {
    if (skipLineFeed) {
      skipLineFeed = false;
      if (bytes[lineFrom] == '\n') {
        lineFrom++;
      }
    }
    for (int at = Math.max(scanned, lineFrom); at < end; at++) {
      byte b = bytes[at];
      if (b != '\n' && b != '\r') {
        continue;
      }
      line(lineFrom, at);
      if (b == '\r') {
        if (at + 1 == end) {
          skipLineFeed = true;
        } else if (bytes[at + 1] == '\n') {
          at++;
        }
      }
      lineFrom = at + 1;
    }
    scanned = end;
  }

  private void line(int start, int to) throws MalformedStream {
    checkLength(start, to);
    int from = start;
    if (firstLine && startsWith(BYTE_ORDER_MARK, from, to)) {
      from += BYTE_ORDER_MARK.length;
    }
    if (from == to) {
      dispatch();
      return;
    }
    if (bytes[from] == ':') {
      firstLine = false;
      return;
    }
    int nameTo = from;
    while (nameTo < to && bytes[nameTo] != ':') {
      nameTo++;
    }
    int valueFrom = Math.min(nameTo + 1, to);
    if (valueFrom < to && bytes[valueFrom] == ' ') {
      valueFrom++;
    }
    if (is(DATA, from, nameTo)) {
      data(valueFrom, to);
    } else if (is(EVENT, from, nameTo)) {
      errorEvent = is(ERROR, valueFrom, to);
    } else if (firstLine && !is(ID, from, nameTo) && !is(RETRY, from, nameTo)) {
      throw new MalformedStream("the answer is not an event stream");
    }
    firstLine = false;
  }

  private void checkLength(int from, int to) throws MalformedStream {
    if (to - from > maxBytes) {
      throw new MalformedStream("a line is longer than " + maxBytes + " bytes");
    }
  }

  private void data(int from, int to) throws MalformedStream {
    if (dataFrom < 0) {
      dataFrom = from;
      dataTo = to;
      return;
    }
    int length = to - from;
    bytes[dataTo++] = '\n';
    System.arraycopy(bytes, from, bytes, dataTo, length);
    dataTo += length;
    if (dataTo - dataFrom > maxBytes) {
      throw new MalformedStream("an event is longer than " + maxBytes + " bytes");
    }
  }

  private void dispatch() throws MalformedStream {
    if (isEndMarker()) {
      sink.done();
    } else if (dataFrom >= 0) {
      sink.event(bytes, dataFrom, dataTo, errorEvent);
    }
    dataFrom = -1;
    errorEvent = false;
  }

  private boolean isEndMarker() {
    return dataFrom >= 0 && is(END_MARKER, dataFrom, dataTo);
  }

  private boolean is(byte[] word, int from, int to) {
    return to - from == word.length && startsWith(word, from, to);
  }

  private boolean startsWith(byte[] word, int from, int to) {
    return to - from >= word.length
        && Arrays.equals(bytes, from, from + word.length, word, 0, word.length);
  }

  private void makeRoom(int length) {
    if (bytes.length - end >= length) {
      return;
    }
    int dataLength = dataFrom < 0 ? 0 : dataTo - dataFrom;
    int lineLength = end - lineFrom;
    int needed = dataLength + lineLength + length;
    byte[] target = needed > bytes.length ? new byte[Math.max(needed, 2 * bytes.length)] : bytes;
    if (dataFrom >= 0) {
      System.arraycopy(bytes, dataFrom, target, 0, dataLength);
      dataFrom = 0;
      dataTo = dataLength;
    }
    System.arraycopy(bytes, lineFrom, target, dataLength, lineLength);
    scanned -= lineFrom - dataLength;
    lineFrom = dataLength;
    end = dataLength + lineLength;
    bytes = target;
  }
}
