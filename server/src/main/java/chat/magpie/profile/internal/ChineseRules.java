package chat.magpie.profile.internal;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/// What Chinese sentences say of whoever says them; words of other languages may stand in them.
///
/// A clause is compared with the phrases of `chinese.txt` as it stands, and once more after words
/// beside its subject that change nothing have been taken away: "我上个月刚搬到苏州" is "我搬到苏州" then. A
/// clause that begins with a verb is about whoever says it unless something before it was about
/// others.
final class ChineseRules {
  private static final PhraseTable TABLE =
      PhraseTable.read("chinese.txt", ChineseValues.FILTERS, 0);
  private static final List<Phrase> PHRASES = TABLE.phrases();

  /// What makes a sentence no statement of how things are.
  private static final Pattern HEDGED = TABLE.part("HEDGED");

  private static final Pattern PAST = TABLE.part("PAST");

  /// Somebody else's opinion of the one who speaks.
  private static final Pattern REPORTED = TABLE.part("REPORTED");

  private static final Pattern DOCTOR = TABLE.part("DOCTOR");
  private static final Pattern CLAUSE = TABLE.part("CLAUSE");
  private static final Pattern IDLE = TABLE.part("IDLE");
  private static final Pattern OTHERS = TABLE.part("ABOUT_OTHERS");
  private static final Pattern VERB_FIRST = TABLE.part("VERB_FIRST");

  private ChineseRules() {}

  /// @param asked the sentence ends as a question: its last two clauses say nothing
  /// @param before the sentence before
  static List<Claim> claims(String sentence, boolean asked, String before) {
    if (HEDGED.matcher(sentence).find()) {
      return List.of();
    }
    Set<Claim> claims = new LinkedHashSet<>();
    boolean mine = before.isEmpty();
    String[] earlier = CLAUSE.split(ended(before), -1);
    String last = earlier[earlier.length - 1];
    String[] parts = CLAUSE.split(sentence, -1);
    for (int i = 0; i < parts.length - (asked ? 2 : 0); i++) {
      String clause = TABLE.resolved(ended(parts[i]), last);
      last = ended(parts[i]);
      boolean doctor = DOCTOR.matcher(clause).find();
      boolean past = PAST.matcher(clause).find() || (REPORTED.matcher(clause).find() && !doctor);
      if (past) {
        mine = false;
        continue;
      }
      String said = doctor ? clause.substring(clause.indexOf('我')) : clause;
      String bare = IDLE.matcher(said).replaceFirst("");
      boolean verb = VERB_FIRST.matcher(bare).find();
      boolean others = OTHERS.matcher(said).find();
      mine = !others && (bare.startsWith("我") || (mine && (verb || i == 0)));
      if (clause.length() < 3) {
        continue;
      }
      for (Phrase phrase : PHRASES) {
        phrase.in(said, sentence).ifPresent(claims::add);
      }
      if (mine && (bare.startsWith("我") || verb)) {
        String plain =
            "我" + IDLE.matcher(bare.startsWith("我") ? bare.substring(1) : bare).replaceFirst("");
        for (Phrase phrase : PHRASES) {
          phrase.in(plain, sentence).ifPresent(claims::add);
        }
      }
    }
    return List.copyOf(claims);
  }

  /// A clause without what ends it.
  private static String ended(String clause) {
    return clause.replaceAll("[。！!.；;…~～\\s]+$", "").strip().replaceFirst("^本人", "我");
  }
}
