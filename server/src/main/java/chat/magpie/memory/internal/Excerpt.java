package chat.magpie.memory.internal;

import java.time.Instant;
import java.util.regex.Pattern;

/// A sentence that a digest may hold, with what its worth is reckoned from.
///
/// @param seq the message that it is from; of a summary, the first one that it sums up
/// @param through that message, or the last one that it sums up
/// @param at its place there
/// @param speaker `user`, `assistant` or `summary`
/// @param boost how much more it is worth than its terms are
record Excerpt(
    long seq,
    long through,
    int at,
    Instant said,
    String speaker,
    String text,
    TermSet terms,
    double boost) {
  static final String SUMMARY = "summary";

  private static final Pattern NUMBER = Pattern.compile("\\d|[一二三四五六七八九十百千万两]{1,9}[年月日号天岁个只块元点次周]");
  private static final Pattern DATE =
      Pattern.compile(
          "\\d{4}-\\d|\\d月|\\d[日号]|星期|周[一二三四五六日天末]|明天|昨天|后天"
              + "|(?i:\\b(?:mon|tues|wednes|thurs|fri|satur|sun)day|\\btomorrow\\b|\\byesterday\\b)");
  private static final Pattern NAME =
      Pattern.compile(
          "(?<=[a-z,;] )[A-Z][a-z]+|[名我他她它]叫|姓[\\p{IsHan}]|[《「“]|\\p{IsHan}·\\p{IsHan}");
  private static final Pattern QUESTION = Pattern.compile("[?？][”’」』）)\"']*$|[吗呢]$");

  static Excerpt of(long seq, long through, int at, Instant said, String speaker, String text) {
    TermSet terms = TermSet.of(text);
    double boost = 1;
    boost += NUMBER.matcher(text).find() ? 0.25 : 0;
    boost += DATE.matcher(text).find() ? 0.15 : 0;
    boost += NAME.matcher(text).find() ? 0.25 : 0;
    boost *=
        switch (speaker) {
          case "user" -> 1.15;
          case SUMMARY -> 1.5;
          default -> 1;
        };
    boost *= QUESTION.matcher(text).find() ? 0.6 : 1;
    return new Excerpt(seq, through, at, said, speaker, text, terms, boost);
  }
}
