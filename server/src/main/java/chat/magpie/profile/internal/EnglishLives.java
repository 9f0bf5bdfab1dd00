package chat.magpie.profile.internal;

import static chat.magpie.profile.internal.EnglishPhrases.*;
import static chat.magpie.profile.internal.EnglishWords.*;

import chat.magpie.profile.Slot;
import java.util.List;
import java.util.regex.Pattern;

/// The ways to say in English whom one lives with and what one does.
final class EnglishLives {
  private EnglishLives() {}

  static void people(List<Phrase> all) {
    for (boolean kin : new boolean[] {true, false}) {
      String roles = kin ? KIN : OTHERS;
      all.add(
          new Phrase(
              kin ? Slot.FAMILY : Slot.RELATIONS,
              false,
              Pattern.compile(
                  "\\b(?i:my|our) (?<v>(?i:"
                      + roles
                      + "(?:'s name is|'s called| is called| is named| called| named)?) \\p{Lu}\\p{Ll}{1,15})(?!\\p{L})"),
              EnglishLives::relation));
    }
    all.add(
        new Phrase(
            Slot.PETS,
            false,
            Pattern.compile(
                "\\b(?i:my|our) (?<v>(?i:"
                    + ANIMAL
                    + "(?:'s name is|'s called| is called| is named| called| named)?) \\p{Lu}\\p{Ll}{1,15})(?!\\p{L})"),
            EnglishLives::relation));
    proper(
        all,
        Slot.RELATIONS,
        false,
        AM + " (?:dating|seeing|married to|engaged to|going out with) " + PROPER,
        name -> person(name).isEmpty() ? "" : "partner " + name);
    proper(
        all,
        Slot.RELATIONS,
        true,
        "(?:" + I + "|^we)(?:'ve| have)? (?:broke|broken|split) up with " + PROPER,
        EnglishPhrases::person);
    add(
        all,
        Slot.PETS,
        false,
        "(?:"
            + I
            + "|^we)(?:'ve| have)?(?: just| also)? (?:got|have|own|adopted) (?:an?|two|three|four|five) (?<v>"
            + ANIMAL
            + "(?: (?:called|named) \\p{L}+)?)$",
        AS_IT_IS);
    add(
        all,
        Slot.PETS,
        true,
        "(?:" + I + "|^we) (?:don't|do not) have (?:an?|any) (?<v>" + ANIMAL + ")$",
        AS_IT_IS);
  }

  private static String relation(String value) {
    String name = value.substring(value.lastIndexOf(' ') + 1);
    String role =
        value
            .substring(0, value.lastIndexOf(' '))
            .replaceAll("(?i)(?:'s name is|'s called| is called| is named| called| named)$", "");
    return person(name).isEmpty() ? "" : role + " " + name;
  }

  static void doings(List<Phrase> all) {
    add(
        all,
        Slot.HOBBIES,
        false,
        I + ADVERB + "(?:'ve been)? play(?:ing)? (?<v>" + INSTRUMENT_OR_GAME + ")\\b",
        AS_IT_IS);
    add(
        all,
        Slot.HOBBIES,
        false,
        "(?:"
            + AM
            + "(?: now)? learning|"
            + I
            + "(?:'ve)? started learning)(?: (?:how )?to)? (?<v>[\\p{L}]{3,20}(?: [\\p{L}]{3,15})?)(?=$| (?:on|at|in|every|with|from|for)\\b)",
        EnglishPhrases::thing);
    add(
        all,
        Slot.HOBBIES,
        false,
        I + "(?:'ve| have)?(?: just| recently)? (?:taken|took) up (?:the )?" + THING + END,
        EnglishPhrases::thing);
    add(
        all,
        Slot.HOBBIES,
        false,
        I
            + "(?:'ve| have)?(?: just)? joined (?:an?|the|our|my) "
            + "(?<v>(?:[\\p{L}-]+ ){1,3}(?:choir|club|band|orchestra|team|group|class|society)|(?:choir|club|band|orchestra|group) called [\\p{L} ]{3,30})(?=$| on| at| in| with)",
        AS_IT_IS);
    add(
        all,
        Slot.HOBBIES,
        false,
        I
            + " (?<v>(?:sing|play|dance) in (?:an?|the|our|my) (?:[\\p{L}-]+ ){0,2}(?:choir|band|orchestra|group|quartet|troupe))\\b",
        AS_IT_IS);
    add(
        all,
        Slot.HOBBIES,
        false,
        I
            + ADVERB
            + " (?:go|do) (?<v>(?:[\\p{L}]{3,}ing|yoga|pilates|karate|judo|tai chi|ballet|pottery)) (?:every|on \\p{L}+days|once|twice|most)\\b",
        AS_IT_IS);
    add(
        all,
        Slot.POSSESSIONS,
        false,
        "(?:"
            + I
            + "|^we)(?:'ve| have)?(?: just| finally)? (?:bought|own) (?:an?|our|my)(?: (?:new|used|second-hand|secondhand|old|little|small|first))* (?<v>car|van|caravan|campervan|motorhome|house|flat|apartment|bike|e-?bike|motorbike|boat|piano|guitar|truck|scooter|camera|telescope)\\b",
        AS_IT_IS);
    add(
        all,
        Slot.PLANS,
        false,
        "^(?:my |our |the )?next (?:trip|holiday|project|big trip|vacation)(?:'s| is)(?: to)?(?: the| an?)? (?<v>[\\p{L}0-9' ]{3,50})$",
        AS_IT_IS);
    add(
        all,
        Slot.PLANS,
        false,
        "(?:"
            + AM
            + " planning|"
            + I
            + "(?:'ve| have)? (?:plan|decided)) to (?<v>(?!be\\b|not\\b)[\\p{L}0-9' -]{4,60})$",
        AS_IT_IS);
    add(
        all,
        Slot.PLANS,
        false,
        I
            + "(?:'ve| have)?(?: just)? (?:signed|signing) up for (?:an? |the |my )?(?<v>[\\p{L}0-9' -]{3,50}?)$",
        EnglishPhrases::thing);
    add(
        all,
        Slot.PLANS,
        false,
        AM + " (?:training|saving(?: up)?) for (?:an? |the |my )?(?<v>[\\p{L}0-9' -]{3,50}?)$",
        EnglishPhrases::thing);
    add(
        all,
        Slot.PLANS,
        true,
        I
            + "(?:'ve| have)?(?: just)? (?:cancelled|called off|pulled out of) (?:the |my |our )?(?<v>[\\p{L}0-9' -]{3,40}?)$",
        EnglishPhrases::thing);
  }
}
