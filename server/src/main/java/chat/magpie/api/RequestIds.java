package chat.magpie.api;

import chat.magpie.kernel.Ids;
import io.vertx.ext.web.RoutingContext;
import org.jspecify.annotations.Nullable;

/// The id under which a request is found in the log: the caller's `X-Request-Id` where that is
/// harmless, else a new one. The answer carries it in the same header.
final class RequestIds {
  static final String HEADER = "X-Request-Id";
  static final String MDC_KEY = "request_id";

  private static final int MAX_LENGTH = 64;

  private RequestIds() {}

  static String of(RoutingContext request) {
    String known = request.get(MDC_KEY);
    if (known != null) {
      return known;
    }
    String sent = request.request().getHeader(HEADER);
    String id = isHarmless(sent) && sent != null ? sent : Ids.next();
    request.put(MDC_KEY, id);
    return id;
  }

  private static boolean isHarmless(@Nullable String id) {
    if (id == null || id.isEmpty() || id.length() > MAX_LENGTH) {
      return false;
    }
    return id.chars()
        .allMatch(
            c -> c < 128 && (Character.isLetterOrDigit(c) || c == '-' || c == '_' || c == '.'));
  }
}
