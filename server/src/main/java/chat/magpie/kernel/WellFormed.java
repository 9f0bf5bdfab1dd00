package chat.magpie.kernel;

/// Text that every part of the system can hold: no NUL, which PostgreSQL refuses, and no half of a
/// surrogate pair, which no encoding can write.
public final class WellFormed {
  private WellFormed() {}

  /// Whether the text is such.
  public static boolean test(String text) {
    int length = text.length();
    for (int i = 0; i < length; i++) {
      char c = text.charAt(i);
      if (c == 0) {
        return false;
      }
      if (Character.isSurrogate(c)) {
        if (!Character.isHighSurrogate(c)
            || i + 1 == length
            || !Character.isLowSurrogate(text.charAt(i + 1))) {
          return false;
        }
        i++;
      }
    }
    return true;
  }

  /// The text, if it is such and has at most `max` characters (code points); else `INVALID_FIELD`
  /// that names the field.
  public static String require(String field, String text, int max) {
    if (!test(text)) {
      throw new MagpieException(
          ErrorCode.INVALID_FIELD, field + ": must not hold NUL or broken characters");
    }
    if (text.length() > max && text.codePointCount(0, text.length()) > max) {
      throw new MagpieException(
          ErrorCode.INVALID_FIELD, field + ": must have at most " + max + " characters");
    }
    return text;
  }

  /// As [#require], and blank text is refused as well.
  public static String requireFilled(String field, String text, int max) {
    if (text.isBlank()) {
      throw new MagpieException(ErrorCode.INVALID_FIELD, field + ": must not be blank");
    }
    return require(field, text, max);
  }
}
