package chat.magpie.llm;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A model's answer failed. The message names provider and cause without secrets or prompts.
public final class ModelFailure extends RuntimeException {
  private final Kind kind;
  private final @Nullable Duration retryAfter;

  public ModelFailure(
      Kind kind, String message, @Nullable Throwable cause, @Nullable Duration retryAfter) {
    super(message, cause);
    this.kind = kind;
    this.retryAfter = retryAfter;
  }

  public ModelFailure(Kind kind, String message) {
    this(kind, message, null, null);
  }

  public Kind kind() {
    return kind;
  }

  /// What the provider said about trying again.
  public Optional<Duration> retryAfter() {
    return Optional.ofNullable(retryAfter);
  }

  /// What went wrong.
  public enum Kind {
    /// No connection within the connect time-out, or it was refused.
    UNREACHABLE,
    /// The provider answered with 429.
    RATE_LIMITED,
    /// The provider refused the request (other 4xx): asking again would not help.
    REFUSED,
    /// The provider failed (5xx), or sent an error event.
    PROVIDER_ERROR,
    /// No first event, no further event, or no end within the time-out.
    TIMEOUT,
    /// The connection ended without the end marker.
    CUT,
    /// What came is not what the protocol allows.
    MALFORMED,
    /// Finished without a single piece of text.
    EMPTY,
    /// Closed by us.
    CANCELLED
  }
}
