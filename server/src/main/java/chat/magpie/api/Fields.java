package chat.magpie.api;

import chat.magpie.kernel.ErrorCode;
import chat.magpie.kernel.MagpieException;
import org.jspecify.annotations.Nullable;

/// Checks that what a request has to say is there.
public final class Fields {
  private Fields() {}

  /// The body, or `BAD_REQUEST` where there is none.
  public static <T> T body(@Nullable T body) {
    if (body == null) {
      throw new MagpieException(ErrorCode.BAD_REQUEST, "The request needs a JSON body.");
    }
    return body;
  }

  /// The field's value, or `INVALID_FIELD` where it is missing.
  public static <T> T required(String field, @Nullable T value) {
    if (value == null) {
      throw new MagpieException(ErrorCode.INVALID_FIELD, field + ": is required");
    }
    return value;
  }
}
