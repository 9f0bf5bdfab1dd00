package chat.magpie.bench;

import io.vertx.core.Promise;
import io.vertx.core.http.HttpClientResponse;

/// One answer as its reader saw it. Used on the event loop of [Reader].
final class Take implements EventScanner.Listener {
  private static final long NONE = -1;

  private final Promise<Take> over = Promise.promise();
  private final EventScanner scanner = new EventScanner(this);
  private final Window window;
  private final int cutAfter;
  private int next;
  private long writtenNanos = NONE;
  private long firstNanos = NONE;
  private int stamps;
  private int lost;
  private int repeated;
  private boolean ended;
  private boolean cut;
  private String lastId = "";
  private HttpClientResponse response;

  /// @param window counts the chunks
  /// @param from number of the first chunk that is expected
  /// @param cutAfter chunks after which the reader goes away; 0 never
  @SuppressWarnings("NullAway.Init") // the response comes later
  Take(Window window, int from, int cutAfter) {
    this.window = window;
    this.next = from;
    this.cutAfter = cutAfter;
  }

  /// The request leaves now; a second call changes nothing.
  void written() {
    if (writtenNanos == NONE) {
      writtenNanos = System.nanoTime();
    }
  }

  void read(HttpClientResponse answer) {
    response = answer;
    answer.handler(buffer -> {
      if (!cut) {
        scanner.add(buffer.getBytes());
      }
    });
    answer.endHandler(_ -> over.tryComplete(this));
    answer.exceptionHandler(_ -> over.tryComplete(this));
  }

  void failed(Throwable failure) {
    over.tryFail(failure);
  }

  @Override
  public void stamp(int index, long micros) {
    if (cut) {
      return;
    }
    if (firstNanos == NONE) {
      firstNanos = System.nanoTime();
    }
    stamps++;
    lost += Math.max(0, index - next);
    if (index < next) {
      repeated++;
    } else {
      next = index + 1;
    }
    window.chunk(micros);
  }

  @Override
  public void event(String text) {
    if (cut) {
      return;
    }
    String id = EventScanner.id(text);
    if (!id.isEmpty()) {
      lastId = id;
    }
    ended |= EventScanner.isEnd(text);
    if (cutAfter > 0 && stamps >= cutAfter) {
      cut = true;
      response.request().reset();
      over.tryComplete(this);
    }
  }

  /// When it has ended, whole or not.
  io.vertx.core.Future<Take> over() {
    return over.future();
  }

  /// Whether all chunks up to this number came once and in order, and the end after them.
  boolean complete(int chunks) {
    return ended && next == chunks && lost == 0 && repeated == 0;
  }

  boolean hasText() {
    return firstNanos != NONE;
  }

  /// From the request being written to the first text.
  long firstMicros() {
    return (firstNanos - writtenNanos) / 1000;
  }

  /// Number of the chunk that comes next.
  int next() {
    return next;
  }

  int lost() {
    return lost;
  }

  int repeated() {
    return repeated;
  }

  String lastId() {
    return lastId;
  }

  @Override
  public String toString() {
    return "%d chunks, %d lost, %d repeated, %s"
        .formatted(stamps, lost, repeated, ended ? "ended" : "cut off");
  }
}
