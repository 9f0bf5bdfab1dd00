package chat.magpie.evaluate;

/// Tells which language a text looks like.
final class Languages {
  private Languages() {}

  /// `zh`, `en` or `mixed`. Three Chinese characters weigh as much as two words in Latin letters;
  /// where neither has four fifths of the weight, the text is mixed.
  static String of(String text) {
    double chinese = 0;
    double latin = 0;
    boolean inWord = false;
    for (int i = 0; i < text.length(); ) {
      int c = text.codePointAt(i);
      i += Character.charCount(c);
      boolean han = Character.UnicodeScript.of(c) == Character.UnicodeScript.HAN;
      boolean letter = !han && Character.isLetter(c);
      chinese += han ? 2.0 / 3 : 0;
      latin += letter && !inWord ? 1 : 0;
      inWord = letter;
    }
    double share = chinese / Math.max(1e-9, chinese + latin);
    if (share >= 0.8) {
      return "zh";
    }
    return share <= 0.2 ? "en" : "mixed";
  }
}
