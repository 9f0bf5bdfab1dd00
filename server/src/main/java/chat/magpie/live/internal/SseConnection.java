package chat.magpie.live.internal;

import chat.magpie.live.LiveConfig;
import chat.magpie.stream.LogEntry;
import chat.magpie.stream.ReplyLog;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/// One reader that follows a live reply log. It pulls at its own pace: what it has not got yet
/// stays in the log, so a slow reader holds up nobody and costs no memory; one that takes nothing
/// for too long is closed and may resume. Everything but [#wake] runs on the connection's context.
final class SseConnection {
  private static final Buffer HEARTBEAT = Buffer.buffer(":\n\n");

  /// A reader that takes nothing for this long is gone or hopeless.
  private static final long PATIENCE = TimeUnit.SECONDS.toNanos(30);

  private final Vertx vertx;
  private final Context context;
  private final HttpServerResponse response;
  private final ReplyLog log;
  private final SseFormat format;
  private final LogEntry.Encoding encoding;
  private final LiveConfig config;
  private final Runnable closed;
  private final AtomicBoolean scheduled = new AtomicBoolean();
  private int next;
  private long timer = -1;
  private long stalledSince;
  private long lastWrite = System.nanoTime();
  private boolean over;
  private ReplyLog.@Nullable Subscription subscription;

  /// @param closed called once when the reader is served no more
  SseConnection(
      Vertx vertx,
      Context context,
      HttpServerResponse response,
      ReplyView.Following view,
      SseFormat format,
      LiveConfig config,
      Runnable closed) {
    this.vertx = vertx;
    this.context = context;
    this.response = response;
    this.log = view.log();
    this.next = view.from();
    this.format = format;
    this.encoding = format.encoding(log.replyId());
    this.config = config;
    this.closed = closed;
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

  /// Something new is visible, or the log has ended. Callable from any thread; cheap.
  private void wake() {
    if (scheduled.compareAndSet(false, true)) {
      context.runOnContext(ignored -> pump());
    }
  }

  private void pump() {
    scheduled.set(false);
    if (over) {
      return;
    }
    if (response.writeQueueFull()) {
      await();
      return;
    }
    int visible = log.visible();
    boolean last = log.ended();
    boolean abandoned = log.abandoned();
    if (next < visible) {
      Buffer out = Buffer.buffer(192 * (visible - next));
      int limit = config.readerBuffer();
      while (next < visible && out.length() < limit) {
        out.appendBytes(log.entry(next++).as(encoding));
      }
      if (out.length() > 0) {
        lastWrite = System.nanoTime();
        response.write(out);
      }
    }
    if (next < visible) {
      await();
    } else if (abandoned || (last && next == log.visible())) {
      end();
    }
  }

  private void await() {
    if (!response.writeQueueFull()) {
      wake();
      return;
    }
    if (stalledSince == 0) {
      stalledSince = System.nanoTime();
    }
    response.drainHandler(drained -> {
      stalledSince = 0;
      pump();
    });
  }

  private void beat() {
    long now = System.nanoTime();
    if (stalledSince != 0 && now - stalledSince > PATIENCE) {
      end();
    } else if (stalledSince == 0 && now - lastWrite > config.heartbeat().toNanos() / 2) {
      response.write(HEARTBEAT);
    }
  }

  private void end() {
    if (over) {
      return;
    }
    over = true;
    vertx.cancelTimer(timer);
    if (subscription != null) {
      subscription.close();
    }
    closed.run();
    if (!response.ended() && !response.closed()) {
      response.end();
    }
  }

  @Override
  public String toString() {
    return format + " reader of " + log;
  }
}
