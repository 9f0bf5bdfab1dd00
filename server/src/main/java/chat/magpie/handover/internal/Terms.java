package chat.magpie.handover.internal;

import java.text.Normalizer;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What a short text is about, for comparing it with others: its longer words, and each pair of
/// neighbouring Chinese characters.
final class Terms {
  private static final Pattern WORD =
      Pattern.compile("[\\p{IsLatin}\\p{IsCyrillic}\\p{IsGreek}\\d]{4,}");
  private static final Pattern CHINESE = Pattern.compile("\\p{IsHan}{2,}");
  private static final Set<String> EMPTY =
      Set.of(
          "about", "could", "does", "from", "have", "hello", "help", "please", "thank", "thanks",
          "that", "their", "them", "there", "this", "want", "what", "when", "where", "which",
          "will", "with", "would", "your", "怎么", "什么", "你们", "我们", "可以", "请问", "一下", "这个", "那个",
          "没有");

  private Terms() {}

  static Set<String> of(String text) {
    String plain = Normalizer.normalize(text, Normalizer.Form.NFKC).toLowerCase(Locale.ROOT);
    Set<String> terms = new HashSet<>();
    Matcher words = WORD.matcher(plain);
    while (words.find()) {
      terms.add(words.group());
    }
    Matcher chinese = CHINESE.matcher(plain);
    while (chinese.find()) {
      String run = chinese.group();
      for (int i = 0; i + 1 < run.length(); i++) {
        if (!Character.isLowSurrogate(run.charAt(i + 1)) && !Character.isSurrogate(run.charAt(i))) {
          terms.add(run.substring(i, i + 2));
        }
      }
    }
    terms.removeAll(EMPTY);
    return terms;
  }

  /// How many of the wanted terms the text has.
  static int shared(Set<String> wanted, String text) {
    Set<String> terms = of(text);
    terms.retainAll(wanted);
    return terms.size();
  }
}
