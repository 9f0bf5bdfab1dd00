package chat.magpie.redis;

import org.jspecify.annotations.Nullable;

/// A Redis command failed or took longer than allowed. Callers degrade; it never reaches a client.
public final class RedisFailure extends RuntimeException {
  private final boolean timeout;

  public RedisFailure(String message, boolean timeout, @Nullable Throwable cause) {
    super(message, cause);
    this.timeout = timeout;
  }

  /// Whether it was the time-out rather than an error.
  public boolean timeout() {
    return timeout;
  }
}
