package chat.magpie.memory.internal;

import chat.magpie.text.StopWords;
import chat.magpie.text.Terms;
import java.util.List;
import java.util.regex.Pattern;

/// What a question is made of besides what it is about.
final class QuestionWords {
  private static final Pattern WHEN =
      Pattern.compile(
          "\\b(?:when|what day|which day|what date|which date|the date|how long ago)\\b"
              + "|哪天|哪一天|几号|几月|什么时候|何时|哪年|哪一年|日期|什么日子",
          Pattern.CASE_INSENSITIVE);

  private static final Pattern PAST =
      Pattern.compile(
          "\\b(?:did|was|were|had|used to|first|before|ago|once|last|earlier|back then)\\b"
              + "|以前|之前|当时|那次|那天|那时|那回|原来|原本|曾|第一|当初|小时候|上次|上回",
          Pattern.CASE_INSENSITIVE);

  private static final Pattern ASKS = Pattern.compile("[?？]|[吗呢么][\\p{P}\\s]*$");

  private QuestionWords() {}

  /// Whether it is about how something was, so that what was said later is no better an answer.
  static boolean asksOfThePast(String question) {
    return PAST.matcher(question).find();
  }

  /// Whether the answer is a date.
  static boolean asksWhen(String question) {
    return WHEN.matcher(question).find();
  }

  /// Whether something asks, and so hardly says how anything is.
  static boolean asks(String text) {
    return ASKS.matcher(text).find();
  }

  /// Whether there is anything in it that could be looked for.
  static boolean asksAnything(String question) {
    return !terms(question).isEmpty();
  }

  /// What it is about.
  static List<String> terms(String question) {
    return Terms.of(without(question));
  }

  /// The question without Chinese words that any question may have; the rest is left out by how
  /// terms are made.
  private static String without(String question) {
    for (int i = 0; i < question.length(); i++) {
      if (question.charAt(i) >= StopWords.FIRST_CHINESE) {
        return StopWords.CHINESE.matcher(question).replaceAll(" ");
      }
    }
    return question;
  }
}
