package chat.magpie.profile.internal;

import chat.magpie.profile.Slot;

/// What somebody is understood to have said about themselves.
///
/// @param value what fills the slot; not blank
/// @param sentence the words in which it was said
/// @param negated that it is not so, or no longer
/// @param percent how sure that is
record Claim(Slot slot, String value, String sentence, boolean negated, int percent) {
  private static final int LONGEST = 200;

  Claim {
    value = cut(value.strip());
    sentence = cut(sentence.strip());
  }

  private static String cut(String text) {
    return text.codePointCount(0, text.length()) <= LONGEST
        ? text
        : text.substring(0, text.offsetByCodePoints(0, LONGEST));
  }
}
