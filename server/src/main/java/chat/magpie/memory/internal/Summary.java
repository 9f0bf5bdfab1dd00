package chat.magpie.memory.internal;

import java.time.Instant;

/// What a model made of a block of messages.
///
/// @param said when the last of them was said
/// @param text empty where it could not be used
record Summary(long fromSeq, long throughSeq, Instant said, String text) {
  boolean covers(long seq) {
    return fromSeq <= seq && seq <= throughSeq;
  }
}
