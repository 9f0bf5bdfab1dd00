package chat.magpie.api;

import chat.magpie.kernel.ErrorCode;
import chat.magpie.kernel.MagpieException;
import org.jspecify.annotations.Nullable;

/// Checks that what a request has to say is there and allowed.
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

  /// `INVALID_FIELD` where the value is not from `least` to `most`.
  public static void within(String field, long value, long least, long most) {
    if (value < least || value > most) {
      String wrong =
          value < least
              ? "' must be greater than or equal to " + least
              : "' must be less than or equal to " + most;
      throw new MagpieException(ErrorCode.INVALID_FIELD, "Not allowed: '" + field + wrong + ".");
    }
  }
}
