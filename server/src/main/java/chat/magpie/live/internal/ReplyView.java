package chat.magpie.live.internal;

import chat.magpie.live.Cursor.Place;
import chat.magpie.stream.ReplyLog;
import io.vertx.core.buffer.Buffer;
import org.jspecify.annotations.Nullable;

/// What one reader of a reply gets.
sealed interface ReplyView {
  /// The reader has everything already.
  record Nothing() implements ReplyView {}

  /// Bytes that are complete.
  record Whole(Buffer bytes) implements ReplyView {}

  /// Some bytes, then the log from an index on until it ends.
  ///
  /// @param cursor where the reader is with the first bytes; null if it has nothing yet
  record Following(Buffer first, @Nullable Place cursor, ReplyLog log, int from)
      implements ReplyView {}
}
