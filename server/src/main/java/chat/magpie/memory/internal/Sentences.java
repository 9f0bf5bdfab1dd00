package chat.magpie.memory.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// Cuts texts into sentences, Chinese and English; each is a part of the text as it stands.
final class Sentences {
  /// A longer one, in characters, is cut where it can be.
  static final int LONGEST = 240;

  private static final String ENDS = "。！？!?…";
  private static final String CLOSING = "”’」』）)\"'】》";
  private static final String SOFT = "，,、；;：: ";
  private static final String LEADING = "-*#>•·+|`_";

  private static final Set<String> ABBREVIATIONS =
      Set.of(
          "mr", "mrs", "ms", "dr", "prof", "st", "vs", "etc", "no", "approx", "fig", "inc", "ltd",
          "co", "jr", "sr", "dept", "est", "e.g", "i.e", "a.m", "p.m");

  private Sentences() {}

  /// The first sentences of a text, at most so many. Linear in the length of what is looked at.
  static List<String> of(String text, int most) {
    List<String> sentences = new ArrayList<>();
    int from = 0;
    while (from < text.length() && sentences.size() < most) {
      int to = end(text, from);
      String sentence = trimmed(text, from, to);
      if (!sentence.isEmpty()) {
        sentences.add(sentence);
      }
      from = to;
    }
    return sentences;
  }

  private static int end(String text, int from) {
    int soft = -1;
    int limit = Math.min(text.length(), from + LONGEST);
    for (int at = from; at < limit; at++) {
      char c = text.charAt(at);
      if (c == '\n' || c == '\r' || c == '\u2028') {
        return at + 1;
      }
      if (ENDS.indexOf(c) >= 0 || (c == '.' && isFullStop(text, from, at))) {
        int end = at + 1;
        while (end < limit
            && (ENDS.indexOf(text.charAt(end)) >= 0 || CLOSING.indexOf(text.charAt(end)) >= 0)) {
          end++;
        }
        return end;
      }
      if (SOFT.indexOf(c) >= 0 && at - from >= LONGEST / 2) {
        soft = at + 1;
      }
    }
    if (limit == text.length()) {
      return limit;
    }
    if (soft > 0) {
      return soft;
    }
    return Character.isSurrogatePair(text.charAt(limit - 1), text.charAt(limit))
        ? limit - 1
        : limit;
  }

  /// A point that ends a sentence: not one in a number, a name or an abbreviation.
  private static boolean isFullStop(String text, int from, int at) {
    int next = at + 1;
    if (next < text.length() && CLOSING.indexOf(text.charAt(next)) >= 0) {
      next++;
    }
    if (next < text.length() && !Character.isWhitespace(text.charAt(next))) {
      return Character.UnicodeScript.of(text.charAt(next)) == Character.UnicodeScript.HAN;
    }
    while (next < text.length() && text.charAt(next) == ' ') {
      next++;
    }
    if (next < text.length() && Character.isLowerCase(text.charAt(next))) {
      return false;
    }
    int begin = at;
    while (begin > from
        && (Character.isLetterOrDigit(text.charAt(begin - 1)) || text.charAt(begin - 1) == '.')) {
      begin--;
    }
    String word = text.substring(begin, at).toLowerCase(Locale.ROOT);
    boolean initial = word.length() == 1 && Character.isLetter(word.charAt(0)) && !word.equals("i");
    boolean item = begin == from && word.chars().allMatch(Character::isDigit);
    return !initial && !item && !ABBREVIATIONS.contains(word);
  }

  /// Without the marks of lists and headings around it; empty where nothing is left to read.
  private static String trimmed(String text, int from, int to) {
    int begin = from;
    int end = to;
    while (begin < end
        && (Character.isWhitespace(text.charAt(begin))
            || LEADING.indexOf(text.charAt(begin)) >= 0)) {
      begin++;
    }
    while (end > begin && Character.isWhitespace(text.charAt(end - 1))) {
      end--;
    }
    for (int i = begin; i < end; i++) {
      if (Character.isLetterOrDigit(text.charAt(i)) || Character.isSurrogate(text.charAt(i))) {
        return text.substring(begin, end);
      }
    }
    return "";
  }
}
