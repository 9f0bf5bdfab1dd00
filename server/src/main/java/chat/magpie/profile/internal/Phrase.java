package chat.magpie.profile.internal;

import chat.magpie.profile.Slot;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A way to say something about oneself.
///
/// @param pattern whose group `v` is the value
/// @param value how the value is written down; empty where it is none
record Phrase(Slot slot, boolean negated, Pattern pattern, UnaryOperator<String> value) {
  Optional<Claim> in(String clause, String sentence) {
    Matcher matcher = pattern.matcher(clause);
    if (!matcher.find()) {
      return Optional.empty();
    }
    String found = matcher.group("v");
    String filled = found == null ? "" : value.apply(found.strip());
    return filled.isBlank()
        ? Optional.empty()
        : Optional.of(new Claim(slot, filled, sentence, negated, 90));
  }
}
