package chat.magpie.live;

import chat.magpie.conversation.ReplyRecord;
import chat.magpie.identity.Principal;
import io.vertx.core.Context;
import io.vertx.ext.web.RoutingContext;
import java.util.Optional;

/// Serves replies to readers, as server-sent events.
public interface ReplyStreams {
  /// Answers the request with the reply's events after the cursor, until the reply has ended: 200
  /// with the stream, or 204 where the reader has everything. Returns at once; the response is
  /// written as the events come. Throws `BAD_CURSOR` where the cursor is of another reply.
  ///
  /// @param reader who may go on reading as long as it may see the reply
  /// @param context the context of the request's connection
  void serve(
      RoutingContext request,
      Context context,
      Principal reader,
      ReplyRecord reply,
      Optional<Cursor> cursor,
      Format format);

  /// Answers the request of a companion whose message a human answers: with the last event only.
  void serveSilence(RoutingContext request, Context context);

  /// How the events look.
  enum Format {
    /// `delta`, `reasoning`, `reset`, `done`, `error`.
    OWN,
    /// `message` and `error`, as `POST /api/v1/chat/stream` promises (D-12).
    COMPANION
  }
}
