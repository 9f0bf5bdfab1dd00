package chat.magpie.profile.internal;

import chat.magpie.profile.Slot;
import java.text.Normalizer;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// When two facts are about the same thing.
final class Likeness {
  private static final Pattern NOISE = Pattern.compile("[\\p{P}\\p{S}\\s]+");
  private static final Pattern LEADING =
      Pattern.compile("^(?:the|a|an|my|any|some|i am|i m|i|all) ");
  private static final Pattern KIND_OF_DIET =
      Pattern.compile(
          "(?:.*\\b)?(?:vegan|vegetarian|pescatarian|flexitarian|omnivore)s?(?:\\b.*)?|.*(?:素食|吃素|纯素|蛋奶素).*");

  /// What is set for a day, or measured.
  private static final Pattern MATTER =
      Pattern.compile(
          "^(?<m>[a-z]+(?: [a-z]+)?) (?:s|is) (?:(?:set|booked|scheduled|fixed) for |on |in )?(?:the )?(?:\\d|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|high|low|next)");

  private static final Pattern CHINESE_MATTER =
      Pattern.compile("^(?<m>[\\p{IsHan}]{2,6}?)(?:推迟?到|延期?到|改到|提前到|定在|约在)");

  /// Slots between which people and models do not agree.
  private static final List<Set<Slot>> NEAR =
      List.of(
          Set.of(Slot.LIKES, Slot.HOBBIES),
          Set.of(Slot.DISLIKES, Slot.DIET),
          Set.of(Slot.HEALTH, Slot.ALLERGIES),
          Set.of(Slot.FAMILY, Slot.RELATIONS),
          Set.of(Slot.OCCUPATION, Slot.WORKPLACE),
          Set.of(Slot.DIET, Slot.HABITS));

  /// Slots in which one fact can put an end to another.
  private static final List<Set<Slot>> TOUCHING =
      List.of(
          Set.of(Slot.LIKES, Slot.DISLIKES, Slot.DIET, Slot.HABITS, Slot.HOBBIES),
          Set.of(Slot.HEALTH, Slot.ALLERGIES, Slot.MEDICATION),
          Set.of(Slot.FAMILY, Slot.RELATIONS, Slot.PETS),
          Set.of(Slot.OCCUPATION, Slot.WORKPLACE),
          Set.of(Slot.PETS, Slot.POSSESSIONS));

  private Likeness() {}

  static boolean near(Slot one, Slot other) {
    return one == other || together(NEAR, one, other);
  }

  static boolean touching(Slot one, Slot other) {
    return one == other || together(TOUCHING, one, other);
  }

  private static boolean together(List<Set<Slot>> groups, Slot one, Slot other) {
    return groups.stream().anyMatch(group -> group.contains(one) && group.contains(other));
  }

  /// The value without what differs from one saying to the next.
  static String plain(String value) {
    String text = Normalizer.normalize(value, Normalizer.Form.NFKC).toLowerCase(Locale.ROOT);
    text = NOISE.matcher(text).replaceAll(" ").strip();
    return LEADING.matcher(text).replaceFirst("");
  }

  /// Whether one of the two values is the other or a part of it; words as wholes.
  static boolean overlap(String one, String other) {
    String a = " " + plain(one) + " ";
    String b = " " + plain(other) + " ";
    if (a.isBlank() || b.isBlank()) {
      return false;
    }
    return within(a, b) || within(b, a);
  }

  private static boolean within(String part, String whole) {
    String bare = part.strip();
    return whole.contains(part)
        || whole.contains(" " + bare + "s ")
        || (isHan(bare) && whole.contains(bare));
  }

  private static boolean isHan(String text) {
    return text.codePoints().anyMatch(Likeness::isHan);
  }

  /// Whether the text is in Chinese.
  static boolean isHan(int codePoint) {
    return Character.UnicodeScript.of(codePoint) == Character.UnicodeScript.HAN;
  }

  /// Whether a later fact takes the place of an earlier one, whatever its value.
  static boolean exclude(Slot one, String value, Slot other, String otherValue) {
    return (one == other && one.single())
        || (one == other
            && (one == Slot.PLANS || one == Slot.HEALTH)
            && sameMatter(value, otherValue))
        || (one == Slot.DIET
            && other == Slot.DIET
            && KIND_OF_DIET.matcher(plain(value)).matches()
            && KIND_OF_DIET.matcher(plain(otherValue)).matches());
  }

  /// Whether both say of one matter when it is, or how high it is.
  private static boolean sameMatter(String one, String other) {
    String matter = matter(one).isEmpty() ? matter(other) : matter(one);
    return !matter.isEmpty()
        && within(" " + matter + " ", " " + plain(one) + " ")
        && within(" " + matter + " ", " " + plain(other) + " ");
  }

  private static String matter(String value) {
    Matcher matcher = MATTER.matcher(plain(value));
    if (matcher.find()) {
      return matcher.group("m");
    }
    Matcher chinese = CHINESE_MATTER.matcher(plain(value));
    return chinese.find() ? chinese.group("m") : "";
  }

  /// Whether two positive facts on the same thing cannot both hold.
  static boolean opposed(Slot one, Slot other) {
    return (one == Slot.DISLIKES && (other == Slot.LIKES || other == Slot.HOBBIES))
        || (other == Slot.DISLIKES && (one == Slot.LIKES || one == Slot.HOBBIES));
  }
}
