package chat.magpie.kernel;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The one exception of the product: an [ErrorCode] and a detail that is safe to show to the
/// caller. What is not safe to show belongs into the cause, which only the log sees.
public final class MagpieException extends RuntimeException {
  private final ErrorCode code;
  private final @Nullable Duration retryAfter;

  public MagpieException(ErrorCode code, String detail) {
    this(code, detail, null, null);
  }

  public MagpieException(ErrorCode code, String detail, @Nullable Throwable cause) {
    this(code, detail, cause, null);
  }

  public MagpieException(
      ErrorCode code, String detail, @Nullable Throwable cause, @Nullable Duration retryAfter) {
    super(detail, cause);
    this.code = code;
    this.retryAfter = retryAfter;
  }

  /// What went wrong, for machines.
  public ErrorCode code() {
    return code;
  }

  /// What went wrong, for the caller; never holds internals or other people's data.
  public String detail() {
    return java.util.Objects.requireNonNullElse(getMessage(), code.english());
  }

  /// When the caller should try again, where that is known.
  public Optional<Duration> retryAfter() {
    return Optional.ofNullable(retryAfter);
  }
}
