package chat.magpie.llm.internal;

/// Cuts long texts where byte-pair encodings do: they never join a letter with the space, line end
/// or punctuation behind it.
final class Pieces {
  /// No piece is longer, in characters.
  static final int LONGEST = 2000;

  private Pieces() {}

  /// The end of the piece that begins at `from`: the last clean cut within its length, or failing
  /// that, the last whole code point.
  static int end(String text, int from) {
    int limit = from + LONGEST;
    if (limit >= text.length()) {
      return text.length();
    }
    for (int at = limit; at > from; at--) {
      if (isClean(text.charAt(at - 1), text.charAt(at))) {
        return at;
      }
    }
    return Character.isSurrogatePair(text.charAt(limit - 1), text.charAt(limit))
        ? limit - 1
        : limit;
  }

  private static boolean isClean(char before, char after) {
    return Character.isLetter(before)
        && switch (Character.getType(after)) {
          case Character.SPACE_SEPARATOR,
              Character.LINE_SEPARATOR,
              Character.PARAGRAPH_SEPARATOR,
              Character.CONTROL,
              Character.OTHER_PUNCTUATION,
              Character.DASH_PUNCTUATION,
              Character.START_PUNCTUATION,
              Character.END_PUNCTUATION ->
              after != '\'';
          default -> false;
        };
  }
}
