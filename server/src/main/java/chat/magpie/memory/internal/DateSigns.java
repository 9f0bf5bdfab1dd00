package chat.magpie.memory.internal;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// Whether a text may speak of days at all: most do not, and trying all the rules takes a hundred
/// times as long as looking for signs.
///
/// @param digits there are some
/// @param chinese a rule of [ChineseDates] may match
/// @param english a rule of [EnglishDates] may match
record DateSigns(boolean digits, boolean chinese, boolean english) {
  /// Each Chinese rule needs one of these.
  private static final String CHARACTERS = "天日号月年周期拜节夜晚早儿晨旦诞庆一";

  /// Each English rule needs a word that begins with one of these, or a number.
  private static final List<String> BEGINNINGS =
      List.of(
          "monday",
          "tuesday",
          "wednesday",
          "thursday",
          "friday",
          "saturday",
          "sunday",
          "jan",
          "feb",
          "mar",
          "apr",
          "may",
          "jun",
          "jul",
          "aug",
          "sep",
          "oct",
          "nov",
          "dec",
          "christmas",
          "xmas",
          "new year",
          "hallow",
          "valentine",
          "boxing",
          "spring",
          "summer",
          "autumn",
          "fall",
          "winter",
          "yesterday",
          "yday",
          "tomorrow",
          "tmr",
          "today",
          "tonight",
          "night",
          "morning",
          "afternoon",
          "evening",
          "week",
          "month",
          "year",
          "day",
          "fortnight");

  private static final Map<Integer, List<String>> BY_LETTERS = new HashMap<>();

  static {
    for (String beginning : BEGINNINGS) {
      BY_LETTERS.merge(
          letters(beginning, 0),
          List.of(beginning),
          (some, more) -> Stream.concat(some.stream(), more.stream()).toList());
    }
  }

  static DateSigns in(String text) {
    boolean digits = false;
    boolean chinese = false;
    boolean english = false;
    boolean inWord = false;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean letter = isLetter(c);
      if (letter && !inWord && !english) {
        english = begins(text, i);
      } else if (c >= '0' && c <= '9') {
        digits = true;
      } else if (c > 0x2E80 && !chinese) {
        chinese = CHARACTERS.indexOf(c) >= 0;
      }
      inWord = letter;
    }
    return new DateSigns(digits, chinese, english || digits);
  }

  boolean any() {
    return digits || chinese || english;
  }

  private static boolean begins(String text, int at) {
    if (at + 3 > text.length()) {
      return false;
    }
    List<String> some = BY_LETTERS.getOrDefault(letters(text, at), List.of());
    for (String beginning : some) {
      if (text.regionMatches(true, at, beginning, 0, beginning.length())) {
        return true;
      }
    }
    return false;
  }

  /// The first three characters in lower case.
  private static int letters(String text, int at) {
    return lower(text.charAt(at)) << 16
        | lower(text.charAt(at + 1)) << 8
        | lower(text.charAt(at + 2));
  }

  private static int lower(char c) {
    return (c | 0x20) & 0xFF;
  }

  private static boolean isLetter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  }
}
