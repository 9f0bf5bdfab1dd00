package chat.magpie.profile.internal;

import static chat.magpie.profile.internal.EnglishWords.*;

import chat.magpie.profile.Slot;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/// The ways to say something about oneself in English.
final class EnglishPhrases {
  private static final int CI = Pattern.CASE_INSENSITIVE;

  static final String I =
      "(?:^|\\b(?:and|honestly|actually|anyway|well|yes|yeah|no|oh|so|hi|hello|hey|also|plus|turns out|by the way|btw|told (?:him|her|them|you)|(?:gp|doc|doctor|nurse|consultant|dentist|specialist) (?:says|said|reckons|told me)) )(?:i)";
  static final String AM = I + "(?:'m| am)";
  static final String ADVERB =
      "(?: (?:really|absolutely|just|still|also|always|do|truly|quite|simply|honestly|actually|now|currently|normally|usually|mostly|only|never|rather|generally|have always|'ve always|secretly|totally|particularly|especially)){0,2}";
  static final String END =
      "(?= (?:since|because|when|for (?:the|a|my|now|years|ages|over|about|\\d)|these days|now|at the moment|again|too|as well|more than|best|most|too much|so much|a lot|with|in (?:the|an?|our|my)|on (?:the|my)|at|every|from|until|and|or|to)\\b|$)";
  static final String THING = "(?<v>[\\p{L}0-9][\\p{L}0-9'& -]{1,40}?)";
  static final String PROPER = "(?<v>\\p{Lu}[\\p{L}'-]{1,20}(?: \\p{Lu}[\\p{L}'-]{1,20}){0,2})";

  private static final Set<String> NOT_THINGS =
      words(
          """
          it that this these those them him her you me us how when what where who why being \
          having to your his their its everything anything nothing something someone people \
          everyone one each both all some any much many myself yours mine the our another such \
          more most not lots doing getting going saying seeing telling thinking knowing my here \
          there so if very too well enough things stuff feeling ours either\
          """);

  private static final Set<String> NOT_NAMES =
      words(
          """
          i ok okay mr mrs monday tuesday wednesday thursday friday saturday sunday january \
          february march april june july august september october november december christmas \
          easter god muslim christian catholic jewish buddhist hindu team type gen\
          """);

  static final UnaryOperator<String> AS_IT_IS = UnaryOperator.identity();

  private EnglishPhrases() {}

  private static Set<String> words(String words) {
    return Set.of(words.strip().split(" +", -1));
  }

  static String thing(String value) {
    String plain = value.strip();
    String first = plain.toLowerCase(Locale.ROOT).split("[ ']", 2)[0];
    if (NOT_THINGS.contains(first) || plain.split(" ", -1).length > 5) {
      return "";
    }
    return plain
        .replaceAll(
            "(?i)\\b(?:very much|a lot|so much|the most|anymore|any more|though|either|at all)$",
            "")
        .strip();
  }

  static String person(String value) {
    String first = value.split(" ", 2)[0].toLowerCase(Locale.ROOT);
    return NOT_NAMES.contains(first) || first.matches(".*(?:ish|ese|ian|ean|can)") ? "" : value;
  }

  private static String place(String value) {
    return NOT_NAMES.contains(value.split(" ", 2)[0].toLowerCase(Locale.ROOT)) ? "" : value;
  }

  /// All of them.
  static List<Phrase> all() {
    List<Phrase> all = new ArrayList<>();
    names(all);
    where(all);
    work(all);
    body(all);
    tastes(all);
    EnglishLives.people(all);
    EnglishLives.doings(all);
    return List.copyOf(all);
  }

  static void add(
      List<Phrase> all, Slot slot, boolean negated, String pattern, UnaryOperator<String> value) {
    all.add(new Phrase(slot, negated, Pattern.compile(pattern, CI), value));
  }

  static void proper(
      List<Phrase> all, Slot slot, boolean negated, String pattern, UnaryOperator<String> value) {
    String anyCase = pattern.replace(PROPER, "\u0000");
    all.add(
        new Phrase(
            slot,
            negated,
            Pattern.compile("(?i:" + anyCase.replace("\u0000", ")" + PROPER + "(?i:") + ")"),
            value));
  }

  private static void names(List<Phrase> all) {
    proper(
        all,
        Slot.NAME,
        false,
        "^(?:hi |hello |hey )?my (?:first |full )?name(?:'s| is) " + PROPER + "$",
        EnglishPhrases::person);
    proper(
        all,
        Slot.NAME,
        false,
        "^(?:everyone |friends |people |just |please |you can )?calls? me " + PROPER + "$",
        EnglishPhrases::person);
    proper(all, Slot.NAME, false, I + " go by " + PROPER + "$", EnglishPhrases::person);
    proper(
        all, Slot.NAME, false, AM + " (?:called |named )?" + PROPER + "$", EnglishPhrases::person);
    add(
        all,
        Slot.AGE,
        false,
        AM + "(?: now| already)? (?<v>\\d{1,2})(?: years old| now)?$",
        AS_IT_IS);
    add(
        all,
        Slot.AGE,
        false,
        I
            + "(?: just|'ve just)? turned (?<v>\\d{1,2}|(?:twenty|thirty|forty|fifty|sixty|seventy|eighty)(?:-\\p{L}+)?)\\b",
        AS_IT_IS);
    add(
        all,
        Slot.BIRTHDAY,
        false,
        "\\bmy birthday(?:'s| is)(?: on| coming up on)? (?<v>" + DAY + ")",
        AS_IT_IS);
    add(all, Slot.BIRTHDAY, false, I + " was born on (?<v>" + DAY + ")", AS_IT_IS);
  }

  private static void where(List<Phrase> all) {
    proper(
        all,
        Slot.PLACE,
        false,
        "(?:"
            + I
            + "|^we)"
            + ADVERB
            + "(?:'m| am|'re| are)? (?:live|living|based|settled)(?: over| out| up| down)? (?:in|near|outside) "
            + PROPER,
        EnglishPhrases::place);
    proper(
        all,
        Slot.PLACE,
        false,
        "(?:"
            + I
            + "|^we)(?:'ve| have)?(?: just| finally| now| recently)? moved (?:back )?to "
            + PROPER,
        EnglishPhrases::place);
    proper(
        all,
        Slot.PLACE,
        true,
        I + "(?: don't| do not) live in " + PROPER + " any ?more",
        EnglishPhrases::place);
    proper(all, Slot.PLACE, true, I + " no longer live in " + PROPER, EnglishPhrases::place);
    proper(
        all,
        Slot.HOMETOWN,
        false,
        "(?:" + AM + "|" + I + " come)(?: originally)? from " + PROPER,
        EnglishPhrases::place);
    proper(
        all,
        Slot.HOMETOWN,
        false,
        I + "(?: was born(?: and raised)?| grew up) in " + PROPER,
        EnglishPhrases::place);
    proper(
        all,
        Slot.PLANS,
        false,
        "(?<![\\p{L}])(?:i'm|i am|we're|we are) moving to " + PROPER,
        place -> "move to " + place);
  }

  private static void work(List<Phrase> all) {
    add(
        all,
        Slot.OCCUPATION,
        false,
        AM
            + "(?: now| currently| still)?(?: an?| the)? (?<v>"
            + JOB
            + ")\\b(?! (?:person|at heart|friend|fan|mode|today))",
        AS_IT_IS);
    add(
        all,
        Slot.OCCUPATION,
        false,
        I
            + "(?: currently| now|'ve been)? work(?:ing)?(?: full-time| part-time| freelance)? as (?:an? |the )?"
            + THING
            + END,
        EnglishPhrases::thing);
    add(
        all,
        Slot.OCCUPATION,
        false,
        I
            + "(?:'ve| have)?(?: just)? (?:got|started|landed|taken) (?:a )?(?:new )?(?:job|post|position) as (?:an? |the )?"
            + THING
            + END,
        EnglishPhrases::thing);
    add(
        all,
        Slot.OCCUPATION,
        false,
        I
            + "(?:'ve been| have been| was| got) (?:promoted|made) (?:to )?(?:the )?(?<v>"
            + JOB
            + ")",
        AS_IT_IS);
    add(
        all,
        Slot.OCCUPATION,
        false,
        AM + "(?: currently| still)? studying (?<v>[\\p{L} ]{3,30}?)(?: at| in|$)",
        subject -> thing(subject).isEmpty() ? "" : "studies " + thing(subject));
    add(
        all,
        Slot.OCCUPATION,
        false,
        I
            + " (?<v>teach (?!me\\b|you\\b|him\\b|her\\b|them\\b|myself\\b)[\\p{L} ]{3,30}?)(?= at| in| to|$)",
        AS_IT_IS);
    add(
        all,
        Slot.OCCUPATION,
        true,
        I
            + "(?:'ve| have)?(?: just| finally)? (?:quit|left|lost) my job (?:as (?:an? )?|at )"
            + THING
            + END,
        EnglishPhrases::thing);
    add(
        all,
        Slot.OCCUPATION,
        false,
        I
            + " (?<v>(?:drove|taught|worked as an?|was an?) [\\p{L} ]{3,30}?) for (?:[\\p{L}-]+|\\d+) years",
        past -> past.replaceFirst("(?i)^(?:worked as|was) an? ", ""));
    add(all, Slot.OCCUPATION, true, AM + " no longer (?:an? |the )?(?<v>" + JOB + ")", AS_IT_IS);
    proper(
        all,
        Slot.WORKPLACE,
        false,
        I + "(?: currently| now)? work (?:at|for) (?:the )?" + PROPER,
        EnglishPhrases::place);
    proper(
        all,
        Slot.WORKPLACE,
        true,
        I + "(?: don't| do not) work (?:at|for) (?:the )?" + PROPER + " any ?more",
        EnglishPhrases::place);
  }

  private static void body(List<Phrase> all) {
    add(
        all,
        Slot.ALLERGIES,
        false,
        AM
            + "(?: (?:very|badly|highly|severely|really|deathly|terribly|mildly|also|still|quite)){0,2} allergic to "
            + THING
            + END,
        EnglishPhrases::thing);
    add(
        all,
        Slot.ALLERGIES,
        false,
        I
            + "(?:'ve| have)?(?: got| developed| have)?(?: an?| this)? (?:(?:bad|severe|serious|mild|nasty) )?(?<v>\\p{L}+(?: \\p{L}+)?) allergy\\b",
        allergen -> thing(allergen).matches("(?i)|no|food|new|skin") ? "" : thing(allergen));
    add(
        all,
        Slot.ALLERGIES,
        false,
        I + "(?:'ve| have)?(?: got| developed)? an allergy to " + THING + END,
        EnglishPhrases::thing);
    add(
        all,
        Slot.ALLERGIES,
        false,
        "^(?<v>\\p{L}+(?: \\p{L}+)?) (?:brings? me out in|gives? me|makes? me (?:break|come) out in) (?:hives|welts|a rash|spots)",
        EnglishPhrases::thing);
    add(
        all,
        Slot.ALLERGIES,
        true,
        AM + "(?:n't| not| no longer)(?: actually)? allergic to " + THING + END,
        EnglishPhrases::thing);
    add(
        all,
        Slot.HEALTH,
        false,
        AM
            + "(?: a| an| quite| properly| also| mildly| severely)? ?(?<v>(?:type (?:one|two|1|2) )?(?:diabetic|asthmatic|an(?:a)?emic|epileptic|dyslexic|lactose[- ]intolerant|gluten[- ]intolerant|colou?r[- ]?blind|short-sighted|pregnant|coeliac|celiac|autistic|deaf|partially sighted))\\b",
        AS_IT_IS);
    add(
        all,
        Slot.HEALTH,
        false,
        I + "(?:'ve| have)(?: got| had)?(?: a bit of| an?| the| really)? ?(?<v>" + ILLNESS + ")",
        AS_IT_IS);
    add(
        all,
        Slot.HEALTH,
        false,
        I + "(?: suffer from| struggle with| live with) (?<v>" + ILLNESS + ")",
        AS_IT_IS);
    add(
        all,
        Slot.HEALTH,
        false,
        I
            + "(?:'ve been| have been| was| got|'ve just been)(?: just)? diagnosed with "
            + THING
            + END,
        EnglishPhrases::thing);
    add(
        all,
        Slot.HEALTH,
        true,
        I + "(?:'ve| have)? (?:never|not) (?:had|got) (?<v>" + ILLNESS + ")",
        AS_IT_IS);
    add(
        all,
        Slot.MEDICATION,
        false,
        "(?:"
            + I
            + "(?: now| also| still)? take|"
            + AM
            + "(?: now| also| still)? (?:on|taking)|they put me on)(?: \\d+ ?mg of| a low dose of| daily)? (?<v>"
            + DRUG
            + ")\\b",
        AS_IT_IS);
    add(
        all,
        Slot.MEDICATION,
        true,
        "(?:"
            + I
            + "(?:'ve)? (?:stopped taking|came off|no longer take|don't take)|they(?:'ve| have)? (?:taken|took) me off) (?<v>"
            + DRUG
            + ")\\b",
        AS_IT_IS);
    add(
        all,
        Slot.DIET,
        false,
        "(?:"
            + AM
            + "|"
            + I
            + "(?:'ve| have) (?:been|gone|become|turned)|"
            + I
            + " (?:went|became|turned)|^been)(?: an?| now| strictly| mostly| fully| basically)? ?(?<v>"
            + DIET
            + ")\\b",
        AS_IT_IS);
    add(all, Slot.DIET, false, I + " only eat (?<v>halal|kosher|plants|fish)\\b", AS_IT_IS);
    add(
        all,
        Slot.DIET,
        true,
        AM + "(?: not| no longer)(?: an?| really)? (?<v>" + DIET + ")\\b",
        AS_IT_IS);
    add(all, Slot.DIET, false, AM + " calling myself (?:an? )?(?<v>" + DIET + ")\\b", AS_IT_IS);
    add(
        all,
        Slot.HEALTH,
        false,
        "\\bmy (?<v>(?:blood pressure|cholesterol|blood sugar|ferritin|thyroid)(?:'s| is) (?:too |quite |very |a bit )?(?:high|low|up|down|\\d)[\\p{L}0-9 /.]{0,20})$",
        AS_IT_IS);
  }

  private static void tastes(List<Phrase> all) {
    String loves =
        "(?: love| adore| like| enjoy|'m fond of|'m a (?:big |huge )?fan of|'m (?:really )?into|'m mad about|'m crazy about|'m obsessed with| am fond of| am a (?:big |huge )?fan of)";
    String hates =
        "(?: hate| detest| loathe| dislike| despise| can't stand| can't bear| can't abide| cannot stand| don't like| do not like| don't enjoy| don't care for| never liked|'ve never liked|'m not a fan of|'m not (?:keen on|into|fond of)| am not a fan of)";
    add(
        all,
        Slot.LIKES,
        false,
        I + ADVERB + loves + " (?:an? )?" + THING + "(?:" + END + "|$)",
        EnglishPhrases::liked);
    add(
        all,
        Slot.LIKES,
        false,
        "^my (?:all-time )?favou?rite [\\p{L} ]{2,25} (?:is|are|'s) (?:the |an? )?" + THING + "$",
        EnglishPhrases::thing);
    add(
        all,
        Slot.DISLIKES,
        false,
        I + ADVERB + hates + " (?:an? )?" + THING + "(?:" + END + "|$)",
        EnglishPhrases::liked);
    add(
        all,
        Slot.DISLIKES,
        false,
        AM + "(?: not|n't) an? (?<v>\\p{L}+) person$",
        who -> who.matches("(?i)morning|evening|night|bad|good|nice|social|people") ? "" : who);
    add(
        all,
        Slot.LIKES,
        true,
        I
            + "(?:'m| am)? (?:no longer|not)(?: really)? (?:like|love|enjoy|into) "
            + THING
            + "(?:"
            + END
            + "|$)",
        EnglishPhrases::liked);
    add(
        all,
        Slot.DIET,
        true,
        I
            + ADVERB
            + "(?: don't| do not| never| can't| cannot| no longer|'ve stopped eating|'ve given up|'ve cut out)(?: even| really)?(?: eat| touch)? (?!eat|touch|drink|know|think|like|want|have|care|mind|get|see|go|do|say|believe|remember|understand|feel|need|make|stand|bear|wait|sleep|help|tell|find|work|live|play|watch|use)"
            + "(?<v>meat|fish|pork|beef|dairy|gluten|sugar|bread|eggs|nuts|seafood|shellfish|red meat|carbs|alcohol)\\b",
        AS_IT_IS);
    add(
        all,
        Slot.DIET,
        true,
        I
            + ADVERB
            + "(?: don't| do not| never| can't| cannot| no longer)(?: really)? eat "
            + THING
            + "(?: any ?more\\b|"
            + END
            + ")",
        EnglishPhrases::thing);
    add(
        all,
        Slot.DIET,
        true,
        I + ADVERB + "(?: don't| do not| no longer)(?: really)? drink " + THING + " any ?more\\b",
        EnglishPhrases::thing);
    add(all, Slot.DIET, true, I + " no longer drink " + THING + END, EnglishPhrases::thing);
    add(
        all,
        Slot.DIET,
        true,
        I
            + "(?: don't| do not| never|'ve stopped| no longer) (?<v>drink)(?:ing)?(?: alcohol| any ?more)?$",
        _ -> "drink alcohol");
    add(
        all,
        Slot.DISLIKES,
        false,
        I + "(?: don't| do not| never) drink (?!any ?more)" + THING + "(?=$| ever)",
        drink -> drink.matches("(?i).*(?:any ?more|alcohol|much|enough).*") ? "" : thing(drink));
    add(
        all,
        Slot.HABITS,
        true,
        I
            + "(?:'ve| have)? ?(?:never|don't|do not|no longer|stopped|quit|gave up|given up) (?<v>smok(?:e|ed|ing)|vap(?:e|ed|ing)|gambl(?:e|ed|ing))\\b",
        AS_IT_IS);
    add(
        all,
        Slot.HABITS,
        true,
        I
            + "(?: don't| do not) (?<v>(?:watch|read|play|use|wear|buy|drive|cycle|run|swim|cook|bake|gamble) ?[\\p{L} ]{0,25}?) any ?more\\b",
        AS_IT_IS);
    add(
        all,
        Slot.HABITS,
        true,
        I
            + "(?:'ve| have)? (?:stopped|quit|given up|gave up) (?!on\\b|at\\b|the\\b|my\\b|trying|worrying|caring)(?<v>[\\p{L}]{3,}ing(?: [\\p{L}]{3,15})?)(?=$| (?:because|after|since|for|in|when)\\b)",
        AS_IT_IS);
  }

  private static String liked(String value) {
    String liked = thing(value);
    return liked.matches(
            "(?i)(?:to |being |when |how |the |that ).*|.*\\b(?:you|me|him|her|them|idea|thought|sound|way|look|feeling|bit)\\b.*")
        ? ""
        : liked;
  }
}
