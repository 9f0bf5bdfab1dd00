package chat.magpie.llm.internal;

/// Joins text that arrives in pieces so that no piece holds half a code point: a high surrogate at
/// the end of a piece waits for the next one. A surrogate that stays alone becomes U+FFFD, and so
/// does NUL, which databases refuse. Not thread-safe.
final class WellFormed {
  private static final char REPLACEMENT = '\uFFFD';

  private char waiting;

  /// The text as it may be stored and sent; the same instance if nothing is wrong with it.
  static String of(String text) {
    WellFormed pieces = new WellFormed();
    String whole = pieces.next(text);
    String rest = pieces.rest();
    return rest.isEmpty() ? whole : whole + rest;
  }

  /// The next piece with what waited before it; may be empty.
  String next(String piece) {
    if (piece.isEmpty()) {
      return piece;
    }
    if (waiting == 0 && isPlain(piece)) {
      return piece;
    }
    String text = waiting == 0 ? piece : waiting + piece;
    waiting = 0;
    StringBuilder joined = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (Character.isHighSurrogate(c)) {
        if (i + 1 == text.length()) {
          waiting = c;
        } else if (Character.isLowSurrogate(text.charAt(i + 1))) {
          joined.append(c).append(text.charAt(++i));
        } else {
          joined.append(REPLACEMENT);
        }
      } else {
        joined.append(c == 0 || Character.isLowSurrogate(c) ? REPLACEMENT : c);
      }
    }
    return joined.toString();
  }

  /// What is left when no piece follows: empty, or U+FFFD for the half that waited in vain.
  String rest() {
    if (waiting == 0) {
      return "";
    }
    waiting = 0;
    return String.valueOf(REPLACEMENT);
  }

  private static boolean isPlain(String piece) {
    for (int i = 0; i < piece.length(); i++) {
      char c = piece.charAt(i);
      if (c == 0 || Character.isSurrogate(c)) {
        return false;
      }
    }
    return true;
  }
}
