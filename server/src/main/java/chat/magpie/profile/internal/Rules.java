package chat.magpie.profile.internal;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/// Understands what somebody says about themselves, by patterns of English and Chinese. It would
/// rather miss something than believe what was not said: questions, what is only imagined or
/// reported, what is quoted, and what is said of others are left out. Sarcasm it cannot know.
///
/// The time it takes grows with the length of a text no faster than the text; of one message the
/// first part is read.
final class Rules {
  private static final int READ = 4_000;
  private static final int LONGEST_SENTENCE = 400;
  private static final int MOST_CLAIMS = 20;

  private static final Pattern QUOTED =
      Pattern.compile("“[^”]{0,400}”|\"[^\"]{0,400}\"|「[^」]{0,400}」|『[^』]{0,400}』|《[^》]{0,200}》");
  private static final Pattern FENCE = Pattern.compile("(?m)^(?:\\s*>|```|    ).*$");
  private static final String ENDS = ".!?。！？;；…\n";
  private static final Pattern QUESTION = Pattern.compile("[?？]|(?:吗|么|呢)[\\s。，.!！~～]*$");
  private static final Pattern TAKEN_BACK =
      Pattern.compile(
          "(?i)^\\W*(?:just (?:kidding|joking|dreaming|putting)|not really|not a plan|i won'?t|i'm joking|kidding|as if)"
              + "|开玩笑|说笑|想想而已|只是想想|瞎想|随便说说|骗你的|没真想|也就想想");

  /// A pause in the middle: "I and Kim ... have split up".
  private static final Pattern PAUSE = Pattern.compile("(?<=[跟和与][\\p{IsHan}A-Za-z]{1,6})…+");

  /// Claims in the order in which they were said; none twice.
  List<Claim> claims(String text) {
    String read = text.length() <= READ ? text : text.substring(0, READ);
    read = FENCE.matcher(read.replace('’', '\'')).replaceAll(" ");
    read = PAUSE.matcher(read).replaceAll("");
    read = QUOTED.matcher(read).replaceAll(" “” ");
    List<String> sentences = sentences(read);
    Map<String, Claim> found = new LinkedHashMap<>();
    for (int i = 0; i < sentences.size() && found.size() < MOST_CLAIMS; i++) {
      String one = sentences.get(i);
      boolean takenBack =
          i + 1 < sentences.size() && TAKEN_BACK.matcher(sentences.get(i + 1)).find();
      if (one.length() <= LONGEST_SENTENCE && !takenBack && !TAKEN_BACK.matcher(one).find()) {
        String before = i == 0 ? "" : sentences.get(i - 1);
        for (Claim claim : ofSentence(one, before, QUESTION.matcher(one).find())) {
          found.putIfAbsent(
              claim.slot() + " " + claim.negated() + " " + Likeness.plain(claim.value()), claim);
        }
      }
    }
    return List.copyOf(found.values());
  }

  /// The sentences, each with what ends it; a full stop inside of a word ends none.
  private static List<String> sentences(String text) {
    List<String> sentences = new ArrayList<>();
    int start = 0;
    for (int i = 0; i < text.length(); i++) {
      boolean ends = ENDS.indexOf(text.charAt(i)) >= 0;
      boolean more = i + 1 < text.length();
      boolean goesOn =
          more
              && (ENDS.indexOf(text.charAt(i + 1)) >= 0
                  || (text.charAt(i) == '.' && Character.isLetterOrDigit(text.charAt(i + 1))));
      if (!more || (ends && !goesOn)) {
        String sentence = text.substring(start, i + 1).strip();
        if (!sentence.isEmpty()) {
          sentences.add(sentence);
        }
        start = i + 1;
      }
    }
    return sentences;
  }

  private static List<Claim> ofSentence(String sentence, String before, boolean asked) {
    List<Claim> claims = new ArrayList<>();
    if (sentence.codePoints().anyMatch(Likeness::isHan)) {
      claims.addAll(ChineseRules.claims(sentence, asked, before));
    }
    claims.addAll(EnglishRules.claims(sentence, asked, before));
    return claims;
  }
}
