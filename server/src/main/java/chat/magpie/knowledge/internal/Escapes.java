package chat.magpie.knowledge.internal;

/// Text that comes from elsewhere as Markdown that says the same.
final class Escapes {
  private Escapes() {}

  /// A line that begins neither a heading nor a block of code.
  static String line(String line) {
    String text = line.stripLeading();
    boolean syntax = text.startsWith("#") || text.startsWith("```") || text.startsWith("~~~");
    return syntax ? "\\" + text : line;
  }

  /// What text without NUL and without halves of characters.
  static String storable(String text) {
    StringBuilder clean = new StringBuilder(text.length());
    text.codePoints()
        .filter(c -> c != 0 && c != '\uFFFE' && c != '\uFFFF' && !isSurrogate(c))
        .forEach(clean::appendCodePoint);
    return clean.toString();
  }

  private static boolean isSurrogate(int codePoint) {
    return codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE;
  }
}
