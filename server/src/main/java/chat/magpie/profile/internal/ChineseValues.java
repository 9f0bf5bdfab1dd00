package chat.magpie.profile.internal;

import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/// How what Chinese sentences name is written down; empty where it is no such thing after all.
final class ChineseValues {
  static final Map<String, UnaryOperator<String>> FILTERS =
      Map.of(
          "as-it-is", UnaryOperator.identity(),
          "thing", ChineseValues::thing,
          "place", ChineseValues::place,
          "food", ChineseValues::food,
          "topic", ChineseValues::topic,
          "allergen", value -> thing(value.replaceAll("^(?:对|有|会|吃)", "")),
          "called", value -> value.replaceAll(" ?(?:的名字)?(?:名叫|叫) ?", " "),
          "plan", ChineseValues::plan,
          "employer", ChineseValues::employer,
          "skill", ChineseValues::skill);

  private static final Pattern NO_THING =
      Pattern.compile(
          "^(?:你|您|他|她|它|这|那|我|谁|什么|怎么|哪|自己|人家|大家|别人|啥|死|上|有|是|要|会|把|被|跟|和|给|对|到|就|都|也|去|来|说|得|着|太|很|不).*"
              + "|.*(?:的时候|这样|那样|一下|起来|死了|不行|这种|那种|这个|那个|的感觉|的话).*|.*(?:你|您|他|她)$|.?");
  private static final Pattern NO_PLACE =
      Pattern.compile(
          ".*(?:家|宿舍|公司|学校|医院|酒店|外面|里|楼|一起|隔壁|楼上|楼下|这边|那边|院|一段|几天|新家|新房)"
              + "|(?:\\d|一|两|三|四|五|十|不).*");
  private static final Pattern NO_TOPIC = Pattern.compile(".*(?:我|他|她|就|一|都|也|从|在|了|很|还|给|跟).*");
  private static final Pattern NO_PLAN =
      Pattern.compile("(?:先?(?:睡|吃饭|洗澡|出门|下班|休息|回家|躺)).*|.{0,5}(?:走|去|来|动身|出发)");

  private static final Pattern NO_EMPLOYER =
      Pattern.compile(
          ".*(?:家|外面|楼[上下]?|里|这边|那边|单位|床上|附近|一起|努力|认真|拼命|远程|加班|周末|早上|晚上)|(?:一|两|几|同).*|正.*|.*好好|(?:公司|学校|医院里)");
  private static final Pattern NO_SKILL =
      Pattern.compile(
          "(?:会|校|到|半|两|完|期|历|费|生|位|名|得|点|乖|好|坏|聪明|东西|一|着|过|几|习).*|.*(?:东西|知识|本事|什么|经验|销)");

  private ChineseValues() {}

  private static String thing(String value) {
    String plain = value.replaceAll("(?:的|了|呢|啊|呀|吧|啦|嘛)+$", "").strip();
    return NO_THING.matcher(plain).matches() ? "" : plain;
  }

  private static String place(String value) {
    String plain = thing(value);
    return NO_PLACE.matcher(plain).matches() ? "" : plain;
  }

  /// A single character may be what somebody does not eat.
  private static String food(String value) {
    return value.length() == 1 && "辣甜肉鱼蛋奶酒糖葱蒜姜鸡虾蟹猪牛羊面".contains(value) ? value : thing(value);
  }

  private static String topic(String value) {
    return NO_TOPIC.matcher(value).matches() ? "" : food(value);
  }

  private static String employer(String value) {
    String plain = thing(value);
    return NO_EMPLOYER.matcher(plain).matches() ? "" : plain;
  }

  private static String skill(String value) {
    String plain = thing(value);
    return NO_SKILL.matcher(plain).matches() ? "" : plain;
  }

  private static String plan(String value) {
    return NO_PLAN.matcher(value).matches() ? "" : value.replaceAll("了$", "");
  }
}
