package chat.magpie.live.internal;

import chat.magpie.stream.ReplyLog;
import io.vertx.core.buffer.Buffer;

/// What one reader of a reply gets.
sealed interface ReplyView {
  /// The reader has everything already.
  record Nothing() implements ReplyView {}

  /// Bytes that are complete.
  record Whole(Buffer bytes) implements ReplyView {}

  /// Some bytes, then the log from an index on until it ends.
  record Following(Buffer first, ReplyLog log, int from) implements ReplyView {}
}
