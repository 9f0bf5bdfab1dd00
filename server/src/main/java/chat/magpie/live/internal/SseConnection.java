package chat.magpie.live.internal;

import chat.magpie.live.Cursor.Place;
import chat.magpie.live.LiveConfig;
import chat.magpie.stream.LogEntry;
import chat.magpie.stream.ReplyLog;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/// One reader that follows a reply that is being made. It pulls at its own pace: what it has not
/// got yet stays in the log, so a slow reader holds up nobody and costs no more memory than its
/// buffer; one that does not empty that in time is cut off and may resume. When the reply goes on
/// elsewhere, the reader is led there over the same connection. Everything but [#wake] and [#leave]
/// runs on the connection's context.
final class SseConnection {
  private static final Buffer HEARTBEAT = Buffer.buffer(":\n\n");

  /// How long a log may be behind its reader before the reader gets the text as it is.
  private static final long PLACE_PATIENCE = TimeUnit.SECONDS.toNanos(1);

  private static final long PLACE_LOOK_MILLIS = 100;

  private final Vertx vertx;
  private final Context context;
  private final HttpServerRequest request;
  private final HttpServerResponse response;
  private final SseFormat format;
  private final LiveConfig config;
  private final SlowReaders slowReaders;
  private final Surroundings surroundings;
  private final AtomicBoolean scheduled = new AtomicBoolean();
  private ReplyLog log;
  private LogEntry.Encoding encoding;
  private @Nullable Place place;
  private int next;
  private long timer = -1;

  /// Runs while the buffer is full.
  private long stallTimer = -1;

  private long lastWrite = System.nanoTime();
  private boolean searching;

  /// The reader has a place that the log does not show yet.
  private boolean placeless;

  private long placelessSince = System.nanoTime();

  private boolean over;
  private ReplyLog.@Nullable Subscription subscription;

  /// What a connection needs from around it.
  interface Surroundings {
    /// Finds out where the reply is now, and calls [SseConnection#found] or [SseConnection#leave].
    void search(SseConnection reader, @Nullable Place place);

    /// Called once when the reader is served no more.
    void closed(SseConnection reader);
  }

  SseConnection(
      Vertx vertx,
      Context context,
      HttpServerRequest request,
      ReplyView.Following view,
      SseFormat format,
      LiveConfig config,
      SlowReaders slowReaders,
      Surroundings surroundings) {
    this.vertx = vertx;
    this.context = context;
    this.request = request;
    this.response = request.response();
    this.log = view.log();
    this.place = view.cursor();
    this.next = view.from();
    this.placeless = placeless(view);
    this.format = format;
    this.encoding = format.encoding(log.replyId());
    this.config = config;
    this.slowReaders = slowReaders;
    this.surroundings = surroundings;
  }

  /// Begins to serve; the head of the response and what comes before the log are written already.
  void start() {
    response.setWriteQueueMaxSize(config.readerBuffer());
    response.closeHandler(gone -> end());
    response.exceptionHandler(broken -> end());
    timer = vertx.setPeriodic(config.heartbeat().toMillis(), id -> beat());
    subscription = log.subscribe(this::wake);
    pump();
  }

  /// Something new is visible, or the log is over. Callable from any thread; cheap.
  private void wake() {
    if (scheduled.compareAndSet(false, true)) {
      context.runOnContext(ignored -> pump());
    }
  }

  private void pump() {
    scheduled.set(false);
    if (over || searching) {
      return;
    }
    if (response.writeQueueFull()) {
      await();
      return;
    }
    // In this order: what becomes visible after these two were read is seen by the next call.
    boolean abandoned = log.abandoned();
    boolean last = log.ended();
    int visible = log.visible();
    if (placeless && visible > 0 && !foundPlace()) {
      return;
    }
    if (next < visible) {
      Buffer out = Buffer.buffer(192 * (visible - next));
      int limit = config.readerBuffer();
      while (next < visible && out.length() < limit) {
        out.appendBytes(log.entry(next++).as(encoding));
      }
      place = new Place.At(log.entry(next - 1).position());
      if (out.length() > 0) {
        lastWrite = System.nanoTime();
        response.write(out);
      }
    }
    if (next < visible) {
      await();
    } else if (last) {
      end();
    } else if (abandoned) {
      search();
    }
  }

  private static boolean placeless(ReplyView.Following view) {
    return view.cursor() != null && view.from() == 0;
  }

  private boolean foundPlace() {
    boolean patient = System.nanoTime() - placelessSince < PLACE_PATIENCE;
    boolean ended = log.ended();
    ReplyView.Following view = ReplyViews.follow(log, place, format, patient);
    if (placeless(view) && (patient || !ended)) {
      if (log.abandoned()) {
        search();
      } else if (patient) {
        // Otherwise the next entry wakes the reader.
        vertx.setTimer(PLACE_LOOK_MILLIS, id -> wake());
      }
      return false;
    }
    if (view.first().length() > 0) {
      lastWrite = System.nanoTime();
      response.write(view.first());
    }
    place = view.cursor();
    next = view.from();
    placeless = false;
    return true;
  }

  private void search() {
    searching = true;
    surroundings.search(this, place);
  }

  /// Goes on with what there is behind the reader's place. Callable from any thread.
  void found(ReplyView view) {
    context.runOnContext(ignored -> {
      if (over) {
        return;
      }
      switch (view) {
        case ReplyView.Nothing() -> end();
        case ReplyView.Whole(Buffer bytes) -> {
          leaveOff();
          slowReaders.end(request, bytes);
        }
        case ReplyView.Following following -> {
          if (subscription != null) {
            subscription.close();
          }
          if (following.first().length() > 0) {
            lastWrite = System.nanoTime();
            response.write(following.first());
          }
          log = following.log();
          place = following.cursor();
          next = following.from();
          placeless = placeless(following);
          placelessSince = System.nanoTime();
          encoding = format.encoding(log.replyId());
          subscription = log.subscribe(this::wake);
          searching = false;
          pump();
        }
      }
    });
  }

  /// Asks the reader to come back, here or elsewhere, some time soon: not all at once. Callable
  /// from any thread.
  void leave() {
    context.runOnContext(ignored -> {
      if (!over && !response.ended() && !response.closed()) {
        int millis = ThreadLocalRandom.current().nextInt(50, 1_000);
        response.write("retry: " + millis + "\n\n");
      }
      end();
    });
  }

  private void await() {
    if (!response.writeQueueFull()) {
      wake();
      return;
    }
    if (stallTimer == -1) {
      stallTimer = slowReaders.expect(this::cutOff);
    }
    response.drainHandler(drained -> {
      endStall();
      pump();
    });
  }

  private void beat() {
    if (stallTimer == -1 && System.nanoTime() - lastWrite > config.heartbeat().toNanos() / 2) {
      response.write(HEARTBEAT);
    }
  }

  private void endStall() {
    if (stallTimer != -1) {
      vertx.cancelTimer(stallTimer);
      stallTimer = -1;
    }
  }

  private void cutOff() {
    leaveOff();
    slowReaders.cutOff(request);
  }

  private void end() {
    if (over) {
      return;
    }
    leaveOff();
    if (!response.ended() && !response.closed()) {
      slowReaders.end(request);
    }
  }

  private void leaveOff() {
    over = true;
    vertx.cancelTimer(timer);
    endStall();
    if (subscription != null) {
      subscription.close();
    }
    surroundings.closed(this);
  }

  @Override
  public String toString() {
    return format + " reader of " + log;
  }
}
