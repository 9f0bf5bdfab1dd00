package chat.magpie.profile.internal;

import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/// How what English sentences name is written down; empty where it is no such thing after all.
final class EnglishValues {
  static final Map<String, UnaryOperator<String>> FILTERS =
      Map.of(
          "as-it-is", UnaryOperator.identity(),
          "thing", EnglishValues::thing,
          "person", EnglishValues::person,
          "place", EnglishValues::place,
          "liked", EnglishValues::liked,
          "past", value -> value.replaceFirst("(?i)^(?:worked as|was) an? ", ""),
          "relation", EnglishValues::relation,
          "soon", EnglishValues::soon);

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

  private static final Pattern TRAILING =
      Pattern.compile(
          "(?i)\\b(?:very much|a lot|so much|the most|anymore|any more|though|either|at all)$");
  private static final Pattern NOT_LIKED =
      Pattern.compile(
          "(?i)(?:to |being |when |how |the |that ).*|.*\\b(?:you|me|him|her|them|idea|thought|sound|way|look|feeling|bit|stuff|one|ones|part|kind|sort|thing|things)\\b.*");
  private static final Pattern DAILY =
      Pattern.compile(
          "(?i)^(?:being|having|thinking|feeling|looking|wondering|hoping|sitting|lying|waiting|trying|telling|talking|joking|dying|working|table|taxi|day off|slot)\\b");
  private static final Pattern CALLED =
      Pattern.compile("(?i)(?:'s name is|'s called| is called| is named| called| named)$");

  private EnglishValues() {}

  private static Set<String> words(String words) {
    return Set.of(words.strip().split(" +", -1));
  }

  private static String thing(String value) {
    String plain = value.strip();
    if (NOT_THINGS.contains(first(plain)) || plain.split(" ", -1).length > 5) {
      return "";
    }
    return TRAILING.matcher(plain).replaceAll("").strip();
  }

  private static String person(String value) {
    String first = value.split(" ", 2)[0].toLowerCase(Locale.ROOT);
    return NOT_NAMES.contains(first) || first.matches(".*(?:ish|ese|ian|ean|can)") ? "" : value;
  }

  private static String place(String value) {
    return NOT_NAMES.contains(value.split(" ", 2)[0].toLowerCase(Locale.ROOT)) ? "" : value;
  }

  private static String liked(String value) {
    String liked = thing(value);
    return NOT_LIKED.matcher(liked).matches() ? "" : liked;
  }

  /// What somebody is about to do, but not what everybody does.
  private static String soon(String value) {
    String plain = value.strip();
    return DAILY.matcher(plain).find() ? "" : plain;
  }

  private static String first(String value) {
    return value.toLowerCase(Locale.ROOT).split("[ ']", 2)[0];
  }

  private static String relation(String value) {
    String name = value.substring(value.lastIndexOf(' ') + 1);
    String role = CALLED.matcher(value.substring(0, value.lastIndexOf(' '))).replaceAll("");
    return person(name).isEmpty() ? "" : role + " " + name;
  }
}
