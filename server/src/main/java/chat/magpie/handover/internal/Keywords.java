package chat.magpie.handover.internal;

import chat.magpie.handover.DeskSettings.Keyword;
import java.text.Normalizer;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Finds the words that call a human in what a customer writes.
///
/// Text is compared without regard to case, width and the kind and number of blanks. Where a
/// keyword begins or ends with a letter or digit of a script that puts blanks between words, it is
/// found as a whole word only: `agent` is in `an agent!` and in `我要agent`, not in `agenda` or
/// `agents`. In Chinese, Japanese and Thai it is found anywhere.
final class Keywords {
  private final List<Entry> entries;

  private record Entry(Keyword keyword, String words) {}

  Keywords(List<Keyword> keywords) {
    this.entries =
        keywords.stream().map(keyword -> new Entry(keyword, plain(keyword.words()))).toList();
  }

  /// The first that counts with this character and is in the text.
  Optional<Keyword> find(String characterId, String text) {
    if (entries.isEmpty()) {
      return Optional.empty();
    }
    String plain = plain(text);
    return entries.stream()
        .filter(entry -> entry.keyword().characterId().map(characterId::equals).orElse(true))
        .filter(entry -> isIn(plain, entry.words()))
        .map(Entry::keyword)
        .findFirst();
  }

  private static String plain(String text) {
    return Normalizer.normalize(text, Normalizer.Form.NFKC)
        .toLowerCase(Locale.ROOT)
        .replaceAll("\\s+", " ")
        .strip();
  }

  private static boolean isIn(String text, String words) {
    int at = words.isEmpty() ? -1 : text.indexOf(words);
    while (at >= 0) {
      if (isEdge(text, at, words.codePointAt(0))
          && isEdgeAfter(text, at + words.length(), words.codePointBefore(words.length()))) {
        return true;
      }
      at = text.indexOf(words, at + 1);
    }
    return false;
  }

  private static boolean isEdge(String text, int at, int first) {
    return !isOfWord(first) || at == 0 || !isOfWord(text.codePointBefore(at));
  }

  private static boolean isEdgeAfter(String text, int end, int last) {
    return !isOfWord(last) || end == text.length() || !isOfWord(text.codePointAt(end));
  }

  /// Whether it is part of a word in a script that puts blanks between words.
  private static boolean isOfWord(int codePoint) {
    if (!Character.isLetterOrDigit(codePoint) && codePoint != '_') {
      return Character.getType(codePoint) == Character.NON_SPACING_MARK;
    }
    return switch (Character.UnicodeScript.of(codePoint)) {
      case HAN, HIRAGANA, KATAKANA, BOPOMOFO, THAI, LAO, KHMER, MYANMAR -> false;
      default -> true;
    };
  }
}
