package chat.magpie.profile.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/// What English sentences say of whoever says them.
final class EnglishRules {
  private static final int CI = Pattern.CASE_INSENSITIVE;

  /// What makes a sentence no statement of how things are.
  private static final Pattern HEDGED =
      Pattern.compile(
          "\\b(?:if|unless|would|wouldn't|i'd|we'd|wish|could|might|maybe|perhaps|imagine|suppose|"
              + "pretend(?:ing)?|dream(?:ed|t|ing)?|hypothetically|what if|as though|as if|should i|"
              + "thinks? i|thought i|say(?:s)? i|said i|reckons? i|assumes? i|when i was|as a (?:kid|child|boy|girl)|"
              + "almost|nearly)\\b",
          CI);

  private static final Pattern PAST =
      Pattern.compile("\\b(?:used to|once|back then|years ago)\\b", CI);

  /// Where a clause ends: others follow, also of others.
  private static final Pattern CLAUSE =
      Pattern.compile(
          "\\s*[,:()—–]+\\s*|\\s+-\\s+|\\s+(?:but|because|cause|though|although|whereas|while|so that|so)\\s+"
              + "|\\s+and (?=(?:i|i'm|i've|we|we've|my|he|she|they|it|the|then|now|don't|can't|never|hate|love)\\b)",
          CI);

  private static final List<Phrase> PHRASES = EnglishPhrases.all();

  private EnglishRules() {}

  /// @param asked the sentence ends as a question: its last two clauses say nothing
  static List<Claim> claims(String sentence, boolean asked) {
    if (HEDGED.matcher(sentence).find()) {
      return List.of();
    }
    List<Claim> claims = new ArrayList<>();
    String[] parts = CLAUSE.split(stripped(sentence), -1);
    for (int i = 0; i < parts.length - (asked ? 2 : 0); i++) {
      String clause = stripped(parts[i]);
      if (clause.length() < 4 || PAST.matcher(clause).find()) {
        continue;
      }
      for (Phrase phrase : PHRASES) {
        Optional<Claim> claim = phrase.in(clause, sentence);
        claim.ifPresent(claims::add);
      }
    }
    return claims;
  }

  private static String stripped(String text) {
    return text.replaceAll("^[\\s\\p{P}&&[^']]+|[\\s\\p{P}&&[^']]+$", "");
  }
}
