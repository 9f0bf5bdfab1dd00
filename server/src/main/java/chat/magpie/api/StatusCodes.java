package chat.magpie.api;

import chat.magpie.kernel.ErrorCode;
import org.jspecify.annotations.Nullable;

/// Which [ErrorCode] stands for an HTTP status that a framework chose.
final class StatusCodes {
  private StatusCodes() {}

  /// The code, or null for a status that no framework should choose by itself.
  static @Nullable ErrorCode codeOf(int status) {
    return switch (status) {
      case 400, 411, 414, 417, 431 -> ErrorCode.BAD_REQUEST;
      case 401 -> ErrorCode.UNAUTHENTICATED;
      case 403 -> ErrorCode.FORBIDDEN;
      case 404 -> ErrorCode.NOT_FOUND;
      case 405 -> ErrorCode.METHOD_NOT_ALLOWED;
      case 406 -> ErrorCode.NOT_ACCEPTABLE;
      case 413 -> ErrorCode.TOO_LARGE;
      case 415 -> ErrorCode.UNSUPPORTED_MEDIA_TYPE;
      case 503 -> ErrorCode.OVERLOADED;
      default -> null;
    };
  }
}
