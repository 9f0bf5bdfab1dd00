package chat.magpie.live.internal;

import chat.magpie.conversation.Conversations;
import chat.magpie.conversation.ReplyRecord;
import chat.magpie.kernel.ErrorCode;
import chat.magpie.kernel.MagpieException;
import chat.magpie.live.Cursor;
import chat.magpie.live.LiveConfig;
import chat.magpie.live.ReplyStreams;
import chat.magpie.reply.ReplyOutcomes;
import chat.magpie.stream.ReplyLogs;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/// Writes replies as server-sent events straight to the connection, on its own event loop.
public final class SseReplyStreams implements ReplyStreams {
  private static final Buffer PRELUDE = Buffer.buffer("retry: 1000\n\n");

  private final Vertx vertx;
  private final LiveConfig config;
  private final ReplyViews views;
  private final AtomicInteger readers = new AtomicInteger();

  public SseReplyStreams(
      Vertx vertx,
      LiveConfig config,
      ReplyLogs logs,
      Conversations conversations,
      ReplyOutcomes outcomes,
      MeterRegistry registry) {
    this.vertx = vertx;
    this.config = config;
    this.views = new ReplyViews(logs, conversations, outcomes);
    Gauge.builder("magpie.readers", readers, AtomicInteger::get)
        .description("Readers that follow replies on this node")
        .register(registry);
  }

  @Override
  public void serve(
      RoutingContext request,
      Context context,
      ReplyRecord reply,
      Optional<Cursor> cursor,
      Format format) {
    if (cursor.isPresent() && !cursor.get().replyId().equals(reply.id())) {
      throw new MagpieException(
          ErrorCode.BAD_CURSOR, "Last-Event-ID: an id of another reply than " + reply.id());
    }
    SseFormat sse =
        switch (format) {
          case OWN -> new SseFormat.Own();
          case COMPANION -> new SseFormat.Companion();
        };
    ReplyView view = views.of(reply, cursor, sse);
    context.runOnContext(ignored -> write(request.response(), context, view, sse));
  }

  private void write(
      HttpServerResponse response, Context context, ReplyView view, SseFormat format) {
    if (response.closed()) {
      return;
    }
    switch (view) {
      case ReplyView.Nothing() -> response.setStatusCode(204).end();
      case ReplyView.Whole(Buffer bytes) -> head(response).end(PRELUDE.copy().appendBuffer(bytes));
      case ReplyView.Following following -> {
        head(response).setChunked(true);
        response.write(PRELUDE.copy().appendBuffer(following.first()));
        readers.incrementAndGet();
        new SseConnection(
                vertx, context, response, following, format, config, readers::decrementAndGet)
            .start();
      }
    }
  }

  private static HttpServerResponse head(HttpServerResponse response) {
    return response
        .setStatusCode(200)
        .putHeader("content-type", "text/event-stream; charset=utf-8")
        .putHeader("cache-control", "no-cache, no-transform")
        .putHeader("x-accel-buffering", "no");
  }
}
