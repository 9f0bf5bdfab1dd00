package chat.magpie.memory;

import java.time.Instant;

/// What short-term memory notes about itself; times with the precision of a second.
public record MemoryMeta(
    State state, Instant lastActiveAt, long messageCount, Instant sessionStart, long totalTokens) {

  /// Where the exchange is in its life.
  public enum State {
    ACTIVE,
    INACTIVE,
    ENDED
  }
}
