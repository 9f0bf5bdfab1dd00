package chat.magpie.profile.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/// What English sentences say of whoever says them.
///
/// A clause is compared with the phrases of `english.txt` after what stands before its subject, and
/// adverbs that change nothing, have been taken away: "And honestly I've only just moved to Cork"
/// is "I've moved to Cork" then. A first clause without a subject, "Just moved to Cork", is about
/// whoever says it unless the sentence before it was about somebody else.
final class EnglishRules {
  private static final int CI = Pattern.CASE_INSENSITIVE;
  private static final PhraseTable TABLE =
      PhraseTable.read("english.txt", EnglishValues.FILTERS, CI);
  private static final List<Phrase> PHRASES = TABLE.phrases();

  /// What makes a sentence no statement of how things are.
  private static final Pattern HEDGED = TABLE.part("HEDGED");

  /// What makes a clause none.
  private static final Pattern UNSURE = TABLE.part("UNSURE");

  private static final Pattern PAST = TABLE.part("PAST");

  /// What has changed since, so that "two years ago" tells when.
  private static final Pattern CHANGED = TABLE.part("CHANGED");

  /// Where a clause ends: others follow, also of others.
  private static final Pattern CLAUSE = TABLE.part("CLAUSE");

  private static final Pattern BEFORE_SUBJECT = TABLE.part("BEFORE_SUBJECT");
  private static final Pattern ADVERBS = TABLE.part("IDLE_ADVERBS");
  private static final Pattern WE = Pattern.compile("^we(?=\\b)", CI);
  private static final Pattern WE_ARE = Pattern.compile("^we(?:'re| are)\\b", CI);
  private static final Pattern DROPPED = TABLE.part("DROPPED_I");
  private static final Pattern DROPPED_AM = TABLE.part("DROPPED_AM");
  private static final Pattern OTHERS = TABLE.part("ABOUT_OTHERS");
  private static final Pattern APPOSITION = TABLE.part("APPOSITION");
  private static final Pattern NAME_FIRST = TABLE.part("NAME_FIRST");

  private EnglishRules() {}

  /// @param asked the sentence ends as a question: its last two clauses say nothing
  /// @param before the sentence before
  static List<Claim> claims(String sentence, boolean asked, String before) {
    if (HEDGED.matcher(sentence).find()) {
      return List.of();
    }
    boolean mine = !OTHERS.matcher(stripped(before)).find();
    List<Claim> claims = new ArrayList<>();
    String joined = APPOSITION.matcher(stripped(sentence)).replaceAll("$1 $2");
    joined = NAME_FIRST.matcher(joined).replaceAll("my $2 $1");
    String[] parts = CLAUSE.split(joined, -1);
    String last = stripped(CLAUSE.split(stripped(before), -1)[0]);
    for (int i = 0; i < parts.length - (asked ? 2 : 0); i++) {
      String plain = plain(stripped(parts[i]), i == 0 && mine && !asked);
      String clause = TABLE.resolved(plain, last);
      last = plain;
      boolean past = PAST.matcher(clause).find() && !CHANGED.matcher(clause).find();
      if (clause.length() < 4 || past || UNSURE.matcher(clause).find()) {
        continue;
      }
      for (Phrase phrase : PHRASES) {
        phrase.in(clause, sentence).ifPresent(claims::add);
      }
    }
    return claims;
  }

  private static String plain(String clause, boolean mayDrop) {
    String plain = BEFORE_SUBJECT.matcher(clause).replaceFirst("");
    if (mayDrop && DROPPED_AM.matcher(plain).find()) {
      plain = "I'm " + plain;
    } else if (mayDrop && DROPPED.matcher(plain).find()) {
      plain = "I " + plain;
    }
    plain = WE_ARE.matcher(plain).replaceFirst("I'm");
    plain = WE.matcher(plain).replaceFirst("I");
    return ADVERBS.matcher(plain).replaceAll("$1");
  }

  private static String stripped(String text) {
    return text.replaceAll("^[\\s\\p{P}&&[^']]+|[\\s\\p{P}&&[^']]+$", "");
  }
}
