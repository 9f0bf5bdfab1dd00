package chat.magpie.memory.internal;

import chat.magpie.text.StopWords;
import java.util.regex.Pattern;

/// What a question is made of besides what it is about.
final class QuestionWords {
  private static final Pattern WHEN =
      Pattern.compile(
          "\\b(?:when|what day|which day|what date|which date|the date|how long ago)\\b"
              + "|哪天|哪一天|几号|几月|什么时候|何时|哪年|哪一年|日期|什么日子",
          Pattern.CASE_INSENSITIVE);

  private QuestionWords() {}

  /// Whether the answer is a date.
  static boolean asksWhen(String question) {
    return WHEN.matcher(question).find();
  }

  /// The question without Chinese words that any question may have; the rest is left out by how
  /// terms are made.
  static String without(String question) {
    for (int i = 0; i < question.length(); i++) {
      if (question.charAt(i) >= StopWords.FIRST_CHINESE) {
        return StopWords.CHINESE.matcher(question).replaceAll(" ");
      }
    }
    return question;
  }
}
