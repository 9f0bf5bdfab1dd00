package chat.magpie.conversation.internal;

import chat.magpie.kernel.ErrorCode;
import chat.magpie.kernel.MagpieException;

/// What every dialect can keep: text without NUL and without lone surrogates, no longer than its
/// column.
final class Storable {
  private static final int ID_LENGTH = 36;

  private Storable() {}

  /// Whether this can be the id of anything stored: a UUID as [chat.magpie.kernel.Ids] writes it.
  static boolean isId(String text) {
    if (text.length() != ID_LENGTH) {
      return false;
    }
    for (int i = 0; i < ID_LENGTH; i++) {
      char c = text.charAt(i);
      boolean dash = i == 8 || i == 13 || i == 18 || i == 23;
      boolean hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
      if (dash ? c != '-' : !hex) {
        return false;
      }
    }
    return true;
  }

  /// Whether the text can be in a column of `max` code points at all.
  static boolean is(String text, int max) {
    return !longer(text, max) && firstBad(text) < 0;
  }

  /// The text, or `INVALID_FIELD` where it cannot be kept.
  ///
  /// @param max its length at most, in code points
  static String require(String field, String text, int max) {
    if (longer(text, max)) {
      throw new MagpieException(
          ErrorCode.INVALID_FIELD, field + " is longer than " + max + " characters");
    }
    if (firstBad(text) >= 0) {
      throw new MagpieException(
          ErrorCode.INVALID_FIELD, field + " holds NUL or half of a surrogate pair");
    }
    return text;
  }

  /// The text with U+FFFD in place of every char that cannot be kept: for what nobody can be asked
  /// to correct.
  static String clean(String text) {
    int bad = firstBad(text);
    if (bad < 0) {
      return text;
    }
    StringBuilder clean = new StringBuilder(text);
    for (; bad < clean.length(); bad++) {
      if (isBad(clean, bad)) {
        clean.setCharAt(bad, '\uFFFD');
      }
    }
    return clean.toString();
  }

  /// The text, cleaned and cut to `max` code points.
  static String cut(String text, int max) {
    String clean = clean(text);
    return longer(clean, max) ? clean.substring(0, clean.offsetByCodePoints(0, max)) : clean;
  }

  private static boolean longer(String text, int max) {
    return text.length() > max && text.codePointCount(0, text.length()) > max;
  }

  private static int firstBad(CharSequence text) {
    for (int i = 0; i < text.length(); i++) {
      if (isBad(text, i)) {
        return i;
      }
    }
    return -1;
  }

  private static boolean isBad(CharSequence text, int i) {
    char c = text.charAt(i);
    if (c == 0) {
      return true;
    }
    if (!Character.isSurrogate(c)) {
      return false;
    }
    return Character.isHighSurrogate(c)
        ? i + 1 == text.length() || !Character.isLowSurrogate(text.charAt(i + 1))
        : i == 0 || !Character.isHighSurrogate(text.charAt(i - 1));
  }
}
