package chat.magpie.api;

import io.vertx.ext.web.RoutingContext;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/// One line for every request, under the logger `access`. The query is left out: it may hold what
/// nobody should keep.
final class AccessLog {
  private static final Logger LOG = Logger.getLogger("access");

  private AccessLog() {}

  static boolean enabled() {
    return LOG.isInfoEnabled();
  }

  /// @param began by the monotonic clock, in nanoseconds
  static void write(RoutingContext context, String requestId, long began) {
    LOG.infof(
        "method=%s path=%s status=%d millis=%d bytes=%d address=%s request_id=%s",
        context.request().method(),
        context.request().path(),
        context.response().getStatusCode(),
        TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began),
        context.response().bytesWritten(),
        context.request().remoteAddress() == null
            ? "-"
            : context.request().remoteAddress().hostAddress(),
        requestId);
  }
}
