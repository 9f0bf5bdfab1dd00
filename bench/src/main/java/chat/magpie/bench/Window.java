package chat.magpie.bench;

import chat.magpie.conformance.upstream.Stamp;

/// The chunks that came while it was open, and how old each was then, in microseconds. Written on
/// one event loop; opened, closed and read by the thread that measures.
final class Window {
  private final Samples ages = new Samples();
  private volatile boolean open;

  void open() {
    open = true;
  }

  void close() {
    open = false;
  }

  void chunk(long sentMicros) {
    if (open) {
      ages.add(Stamp.nowMicros() - sentMicros);
    }
  }

  Samples ages() {
    return ages;
  }
}
