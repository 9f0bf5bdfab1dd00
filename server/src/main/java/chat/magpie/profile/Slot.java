package chat.magpie.profile;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/// What a fact is about; in the order in which facts matter to an answer.
public enum Slot {
  ALLERGIES("Allergies", "过敏"),
  MEDICATION("Medication", "用药"),
  HEALTH("Health", "健康"),
  DIET("Diet", "饮食"),
  NAME("Name", "名字"),
  AGE("Age", "年龄"),
  BIRTHDAY("Birthday", "生日"),
  PLACE("Lives in", "住在"),
  HOMETOWN("Comes from", "家乡"),
  OCCUPATION("Occupation", "职业"),
  WORKPLACE("Works at", "工作单位"),
  FAMILY("Family", "家人"),
  RELATIONS("People", "朋友"),
  PETS("Pets", "宠物"),
  PLANS("Plans", "计划"),
  DISLIKES("Dislikes", "不喜欢"),
  LIKES("Likes", "喜欢"),
  HABITS("Habits", "习惯"),
  HOBBIES("Hobbies", "爱好"),
  POSSESSIONS("Has", "拥有"),
  OTHER("Also", "其他");

  private static final Set<Slot> SINGLE =
      Set.of(NAME, AGE, BIRTHDAY, PLACE, HOMETOWN, OCCUPATION, WORKPLACE);

  private final String english;
  private final String chinese;

  Slot(String english, String chinese) {
    this.english = english;
    this.chinese = chinese;
  }

  /// The slot with this name in lower case.
  public static Optional<Slot> of(String word) {
    return Arrays.stream(values()).filter(slot -> slot.word().equals(word)).findFirst();
  }

  /// The name in lower case.
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /// Whether one fact at a time holds of it: a later one takes the place of the earlier.
  public boolean single() {
    return SINGLE.contains(this);
  }

  /// What stands before a fact in a prompt; Chinese where the fact is.
  public String label(boolean inChinese) {
    return inChinese ? chinese : english;
  }
}
