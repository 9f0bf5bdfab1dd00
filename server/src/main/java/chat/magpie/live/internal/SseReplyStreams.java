package chat.magpie.live.internal;

import chat.magpie.conversation.Conversations;
import chat.magpie.conversation.ReplyRecord;
import chat.magpie.identity.Principal;
import chat.magpie.kernel.ErrorCode;
import chat.magpie.kernel.MagpieException;
import chat.magpie.live.Cursor;
import chat.magpie.live.Cursor.Place;
import chat.magpie.live.LiveConfig;
import chat.magpie.live.ReplyStreams;
import chat.magpie.reply.ReplyOutcomes;
import chat.magpie.stream.ReplyLogs;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/// Writes replies as server-sent events straight to the connection, on its own event loop.
public final class SseReplyStreams implements ReplyStreams, AutoCloseable {
  private static final System.Logger LOG = System.getLogger(SseReplyStreams.class.getName());
  private static final Buffer PRELUDE = Buffer.buffer("retry: 1000\n\n");
  private static final Duration FIRST_PAUSE = Duration.ofMillis(20);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);

  private final Vertx vertx;
  private final LiveConfig config;
  private final SlowReaders slowReaders;
  private final Conversations conversations;
  private final ReplyViews views;
  private final Set<SseConnection> readers = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  public SseReplyStreams(
      Vertx vertx,
      LiveConfig config,
      ReplyLogs logs,
      Conversations conversations,
      ReplyOutcomes outcomes,
      MeterRegistry registry) {
    this.vertx = vertx;
    this.config = config;
    this.slowReaders = new SlowReaders(vertx, config, registry);
    this.conversations = conversations;
    this.views = new ReplyViews(logs, conversations, outcomes);
    Gauge.builder("magpie.readers", readers, Set::size)
        .description("Readers that follow replies on this node")
        .register(registry);
  }

  @Override
  public void serve(
      RoutingContext request,
      Context context,
      Principal reader,
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
    ReplyView view = views.of(reply, cursor.map(Cursor::place).orElse(null), sse, true);
    Whereabouts whereabouts = new Whereabouts(reader, reply.id(), sse);
    context.runOnContext(ignored -> write(request.request(), context, view, sse, whereabouts));
  }

  @Override
  public void serveSilence(RoutingContext request, Context context) {
    Buffer bytes = PRELUDE.copy().appendBytes(SseFormat.Companion.silence());
    context.runOnContext(ignored -> {
      if (!request.response().closed()) {
        head(request.response()).end(bytes);
      }
    });
  }

  private void write(
      HttpServerRequest request,
      Context context,
      ReplyView view,
      SseFormat format,
      Whereabouts whereabouts) {
    HttpServerResponse response = request.response();
    if (response.closed()) {
      return;
    }
    switch (view) {
      case ReplyView.Nothing() -> response.setStatusCode(204).end();
      case ReplyView.Whole(Buffer bytes) -> {
        Buffer body = PRELUDE.copy().appendBuffer(bytes);
        head(response).putHeader("content-length", Integer.toString(body.length()));
        slowReaders.end(request, body);
      }
      case ReplyView.Following following -> {
        head(response).setChunked(true);
        response.write(PRELUDE.copy().appendBuffer(following.first()));
        SseConnection connection =
            new SseConnection(
                vertx, context, request, following, format, config, slowReaders, whereabouts);
        readers.add(connection);
        connection.start();
        if (closed) {
          connection.leave();
        }
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

  /// Sends all readers away with their cursors, to come back to another node or after the restart;
  /// from now on nobody is led on from here.
  @Override
  public void close() {
    closed = true;
    readers.forEach(SseConnection::leave);
  }

  /// Finds out for one reader where its reply is now.
  private final class Whereabouts implements SseConnection.Surroundings {
    private final Principal reader;
    private final String replyId;
    private final SseFormat format;

    Whereabouts(Principal reader, String replyId, SseFormat format) {
      this.reader = reader;
      this.replyId = replyId;
      this.format = format;
    }

    @Override
    public void search(SseConnection connection, @Nullable Place place) {
      Thread.ofVirtual().name("reader-" + replyId).start(() -> searchUntilFound(connection, place));
    }

    /// However long the database is away: the reader waits with its connection open.
    private void searchUntilFound(SseConnection connection, @Nullable Place place) {
      for (Duration pause = FIRST_PAUSE; readers.contains(connection); pause = longer(pause)) {
        if (closed) {
          connection.leave();
          return;
        }
        try {
          Optional<ReplyRecord> reply = conversations.replyVisibleTo(reader, replyId);
          if (reply.isEmpty()) {
            connection.leave();
          } else {
            connection.found(views.of(reply.get(), place, format, false));
          }
          return;
        } catch (RuntimeException e) {
          LOG.log(System.Logger.Level.DEBUG, "A reader waits to be led on", e);
        }
        try {
          Thread.sleep(pause);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          connection.leave();
          return;
        }
      }
    }

    private static Duration longer(Duration pause) {
      long millis = Math.min(2 * pause.toMillis(), LONGEST_PAUSE.toMillis());
      return Duration.ofMillis(millis / 2 + ThreadLocalRandom.current().nextLong(millis / 2 + 1));
    }

    @Override
    public void closed(SseConnection connection) {
      readers.remove(connection);
    }
  }
}
