package chat.magpie.profile.internal;

import chat.magpie.profile.Slot;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/// What Chinese sentences say of whoever says them; words of other languages may stand in them.
final class ChineseRules {
  /// What makes a sentence no statement of how things are.
  private static final Pattern HEDGED =
      Pattern.compile(
          "如果|假如|要是|若是|假设|万一|也许|说不定|大概|好像|似乎|会不会|要不要|是不是|能不能|该不该|"
              + "还没想好|没决定|不确定|在考虑|梦见|梦到|假装|恨不得|差点|倘若|就好了");

  private static final Pattern PAST = Pattern.compile("以前|从前|曾经|当年|那时候|小时候|原来|之前|本来|过去");

  /// Somebody else's opinion of the one who speaks.
  private static final Pattern REPORTED =
      Pattern.compile("(?:以为|觉得|说|怀疑|问|让|劝|叫|嫌|笑|骂|怪|夸|要求|希望|想让|猜)(?:过|了)?我(?!家)");

  private static final Pattern DOCTOR = Pattern.compile("(?:医生|大夫|医院|检查)[^，]{0,6}我");

  private static final Pattern CLAUSE =
      Pattern.compile("[，,:：（）()—\\s]*(?:[，,:：（）()—]|\\s{2,})[，,:：（）()—\\s]*");

  private static final String LEAD =
      "^(?:其实|反正|不过|但是?|可是?|因为|所以|对了|而且|另外|还有|现在|如今|今年|目前|最近|后来|说真的|说实话|老实说|"
          + "你好|您好|嗨|哈喽|是的|嗯|哦|啊|好吧|那|这边|一般|平时|平常|从小|本人|然后|昨天|今天|上个?月|上周|去年|前天|结果|报告){0,3} ?我(?!的?(?:爸|妈|父|母|弟|哥|姐|妹|奶|爷|外[公婆甥孙]|老[公婆爸妈板师]|儿子|女|孙|表|堂|舅|姑|姨|叔|伯|婆婆|岳|室友|舍友|同|朋友|闺蜜|邻|男|对象|领导|师[父傅]|学生))(?:呢|嘛|这人|这个人)?";
  private static final String ADV =
      "(?:真的|其实|一直|就是|就|从来都?|最|很|特别|超级?|非常|挺|还是|也|都|现在|如今|目前|平时|比较|可|还|又|确实|天生|从小就?|向来|这个人|这人|自己|本人|已经|刚|特) ?{0,1}";
  private static final String ADVS = "(?:" + ADV + "){0,3} ?";
  private static final String X = "(?<v>[\\p{IsHan}A-Za-z0-9][\\p{IsHan}A-Za-z0-9 ·-]{0,14}?)";
  private static final String END = "(?:了|呢|的|啊|呀|吧|哦|啦|哈|嘛|哈哈+|的说|得不行|得很)*$";

  private static final String SURNAME =
      "[王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段漕钱汤尹黎易常武乔贺赖龚文庞樊兰殷施陶洪翟安颜倪严牛温芦季俞章鲁葛伍韦申尤毕聂丛焦向柳邢路岳齐沿梅莫庄辛管祝左涂谷祁时舒耿牟卜詹关苗凌费纪靳盛童欧甄项曲成游阳裴席卫查屈鲍位覃霍翁隋植甘景薄单包司柏宁柯阮桂闵解强柴华车冉房边辜吉饶刁瞿戚丘古米池滕晋苑邬臧畅宫来嵺苟全褚廉简娄盖符奚木穆党燕郎邸冀谈姬屠连郜晏栾郁商蒙计喻揭窦迟宇敖糜鄢冷卓花仇艾蓝都巩稽井练仲乐虞卞封竺冼原官衣楚佟栗匡宗应台巫鞠僧桑荆谌银扬明沙薄伏岑习胥保和蔺]";

  private static final String PLACES =
      "(?:北京|上海|天津|重庆|香港|澳门|台湾|台北|广州|深圳|东莞|佛山|珠海|中山|惠州|汕头|湛江|成都|绵阳|杭州|宁波|温州|绍兴|金华|嘉兴|台州|南京|苏州|无锡|常州|徐州|扬州|南通|武汉|宜昌|襄阳|黄石|长沙|株洲|岳阳|郑州|洛阳|开封|西安|咸阳|宝鸡|济南|青岛|烟台|威海|潍坊|临沂|合肥|芜湖|福州|厦门|泉州|漳州|南昌|九江|赣州|昆明|大理|丽江|贵阳|遵义|南宁|桂林|柳州|海口|三亚|石家庄|保定|唐山|秦皇岛|太原|大同|沈阳|大连|鞍山|长春|吉林|哈尔滨|齐齐哈尔|大庆|呼和浩特|包头|兰州|天水|西宁|银川|乌鲁木齐|拉萨|四川|广东|浙江|江苏|湖北|湖南|河南|河北|山东|山西|陕西|安徽|福建|江西|云南|贵州|广西|海南|辽宁|黑龙江|内蒙古|甘肃|青海|宁夏|新疆|西藏|中国|美国|英国|法国|德国|日本|韩国|加拿大|澳大利亚|新西兰|新加坡|马来西亚|泰国|越南|意大利|西班牙|俄罗斯|东京|大阪|首尔|纽约|伦敦|巴黎|柏林|悉尼|墨尔本|多伦多|温哥华|洛杉矶|旧金山|西雅图|波士顿|芝加哥|曼谷|吉隆坡)";

  private static final String JOB =
      "(?:医生|护士|老师|教师|律师|会计|程序员|工程师|设计师|插画师|摄影师|厨师|药剂师|咨询师|分析师|理发师|美容师|建筑师|"
          + "翻译|记者|编辑|作家|画家|演员|歌手|司机|快递员|外卖员|保安|警察|军人|消防员|公务员|售货员|收银员|服务员|店长|店员|"
          + "经理|产品经理|项目经理|总监|主管|秘书|助理|前台|客服|销售|运营|学生|大学生|研究生|博士生|高中生|初中生|实习生|"
          + "教授|讲师|研究员|科学家|农民|工人|木匠|电工|水管工|园丁|花匠|裁缝|导游|空姐|飞行员|列车员|药师|牙医|兽医|法官|"
          + "检察官|银行职员|出纳|审计|自由职业者?|全职妈妈|家庭主妇|个体户|老板|教练|播音员|主持人|策划|美工|测试|架构师|博主|主播)";

  private static final String KIN =
      "(?:爸爸?|妈妈?|父亲|母亲|爷爷|奶奶|外公|外婆|姥姥|姥爷|哥哥?|姐姐?|弟弟?|妹妹?|老公|老婆|丈夫|妻子|爱人|儿子|女儿|孙子|孙女|"
          + "外孙女?|表[哥姐弟妹]|堂[哥姐弟妹]|舅舅|姑姑|姨妈|小姨|叔叔|伯伯|婆婆|公公|岳父|岳母|侄子|侄女|外甥女?)";
  private static final String OTHERS =
      "(?:(?:大学|高中|初中|小学|中学|老|新|好|前)?(?:室友|舍友|同学|同事|朋友|闺蜜|哥们|邻居|房东|男朋友|女朋友|男友|女友|对象|"
          + "老板|领导|师父|师傅|导师|搭档|同桌|发小|战友|队友|学生|徒弟))";
  private static final String NAME =
      "(?:[A-Z][A-Za-z]{1,14}|[阿小老大][\\p{IsHan}A-Z]|" + SURNAME + "[\\p{IsHan}]{1,2})";

  private static final String ANIMAL =
      "(?:[\\p{IsHan}]{0,4}(?:猫|狗|犬|兔子?|仓鼠|鹦鹉|乌龟|金鱼|柯基|泰迪|金毛|拉布拉多|哈士奇|边牧|布偶|英短|美短|龙猫|蜥蜴|鸟|豚鼠))";

  private static final String ILLNESS =
      "(?:[\\p{IsHan}]{0,4}(?:高血压|低血压|糖尿病|哮喘|鼻炎|胃炎|胃溃疡|关节炎|肩周炎|咽炎|湿疹|痛风|贫血|失眠症?|抑郁症|焦虑症|近视|散光|"
          + "偏头痛|颈椎病|腰椎间盘突出|乳糖不耐受?|心脏病|冠心病|甲亢|甲减|癫痫|色盲|色弱|白内障|青光眼|脂肪肝|肾结石|胆结石|荨麻疹|低血糖|耳鸣|多囊))";

  private static final String DRUG =
      "(?:[\\p{IsHan}]{1,4}(?:沙坦|地平|洛尔|普利|他汀|双胍|拉唑|西林|霉素|洛芬|西汀|曲林|西泮|列汀|格列净|列奈|替丁)|胰岛素|阿司匹林|布洛芬|优甲乐|褪黑素|避孕药|降压药|降糖药|抗抑郁药|安眠药|钙片|维生素[A-Z]?)";

  private static final String INSTRUMENT =
      "(?:吉他|钢琴|贝斯|琵琶|古筝|古琴|扬琴|尤克里里|电子琴|小提琴|大提琴|二胡|手风琴|笛子|萨克斯|口琴|葫芦丝|小号|单簧管|长笛|架子鼓|鼓|"
          + "太极拳?|篮球|羽毛球|网球|乒乓球|排球|高尔夫|台球|桥牌|麻将|桌游|足球|街舞|广场舞|芭蕾|拉丁舞?|瑜伽|书法|国画|油画|水彩|素描|"
          + "摄影|陶艺|围棋|象棋|拳击|跆拳道|游泳|滑雪|滑板|冲浪|潜水|攀岩|骑马|编程|烘焙|插花|刺绣|针织|声乐|唱歌|日语|英语|法语|德语|韩语|西班牙语|手语|[\\p{IsHan}]{2}舞)";

  private static final Pattern NO_THING =
      Pattern.compile(
          "^(?:你|您|他|她|它|这|那|我|谁|什么|怎么|哪|自己|人家|大家|别人|啥|死|上|有|是|要|会|把|被|跟|和|给|对|到|就|都|也|去|来|说|得|着|太|很|不).*"
              + "|.*(?:的时候|这样|那样|一下|起来|死了|不行|这种|那种|这个|那个|的感觉|的话).*|.*(?:你|您|他|她)$|.?");

  private static final UnaryOperator<String> AS_IT_IS = UnaryOperator.identity();
  private static final List<Phrase> PHRASES = phrases();

  private ChineseRules() {}

  /// @param asked the sentence ends as a question: its last two clauses say nothing
  static List<Claim> claims(String sentence, boolean asked) {
    if (HEDGED.matcher(sentence).find()) {
      return List.of();
    }
    List<Claim> claims = new ArrayList<>();
    String[] parts = CLAUSE.split(sentence, -1);
    for (int i = 0; i < parts.length - (asked ? 2 : 0); i++) {
      String clause = parts[i].replaceAll("[。！!.；;…~～\\s]+$", "").strip();
      boolean past =
          PAST.matcher(clause).find() || (REPORTED.matcher(clause).find() && !doctor(clause));
      if (clause.length() < 3 || past) {
        continue;
      }
      String said = doctor(clause) ? clause.substring(clause.indexOf('我')) : clause;
      for (Phrase phrase : PHRASES) {
        phrase.in(said, sentence).ifPresent(claims::add);
      }
    }
    return claims;
  }

  private static boolean doctor(String clause) {
    return DOCTOR.matcher(clause).find();
  }

  private static String thing(String value) {
    String plain = value.replaceAll("(?:的|了|呢|啊|呀|吧|啦|嘛)+$", "").strip();
    return NO_THING.matcher(plain).matches() ? "" : plain;
  }

  private static String place(String value) {
    String plain = thing(value);
    return plain.matches(".*(?:家|宿舍|公司|学校|医院|酒店|外面|里|楼|一起|隔壁|楼上|楼下|这边|那边|院|一段|几天|新家|新房)$")
            || plain.matches("^(?:\\d|一|两|三|四|五|十|不).*")
        ? ""
        : plain;
  }

  private static List<Phrase> phrases() {
    List<Phrase> all = new ArrayList<>();
    who(all);
    where(all);
    work(all);
    body(all);
    tastes(all);
    people(all);
    doings(all);
    return List.copyOf(all);
  }

  private static void add(
      List<Phrase> all, Slot slot, boolean negated, String pattern, UnaryOperator<String> value) {
    all.add(new Phrase(slot, negated, Pattern.compile(pattern), value));
  }

  private static void who(List<Phrase> all) {
    add(
        all,
        Slot.NAME,
        false,
        LEAD + "(?:的名字)?(?:叫|是) ?(?<v>" + SURNAME + "[\\p{IsHan}]{1,2}|[A-Z][a-z]{1,14})$",
        name -> name.matches(".*(?:的|了|人|师|员|生)$") ? "" : name);
    add(
        all,
        Slot.NAME,
        false,
        LEAD + "的?名字(?:叫|是) ?(?<v>[\\p{IsHan}]{2,4}|[A-Z][a-z]{1,14})$",
        AS_IT_IS);
    add(
        all,
        Slot.NAME,
        false,
        "^(?:大家都?|你|您|朋友们?都?|同事都?|可以|就)?叫我 ?(?<v>[小老阿大][\\p{IsHan}]|[\\p{IsHan}]{2,3}|[A-Z][A-Za-z]{1,14})(?:就行|就好|吧|就可以了?|好了)?$",
        name -> name.matches("(?:怎么|出去|起来|回去|吃饭|过去|回家|去|来).*") ? "" : name);
    add(
        all,
        Slot.AGE,
        false,
        LEAD + "(?:今年|都|已经|刚|刚满|马上)?(?<v>\\d{1,2}|[一二三四五六七八九]?十[一二三四五六七八九]?)岁(?:了|啦)?$",
        AS_IT_IS);
    add(
        all,
        Slot.BIRTHDAY,
        false,
        LEAD
            + "的?生日(?:是|在|就是)?(?<v>(?:农历|阳历|阴历)?(?:\\d{1,2}|[一二三四五六七八九十]{1,2})月(?:初?[一二三四五六七八九十廿]{1,3}|\\d{1,2})[号日]?)",
        AS_IT_IS);
    add(all, Slot.OTHER, false, LEAD + "(?:是)?(?<v>属[鼠牛虎兔龙蛇马羊猴鸡狗猪])(?:的|人)?$", AS_IT_IS);
  }

  private static void where(List<Phrase> all) {
    add(
        all,
        Slot.PLACE,
        false,
        LEAD
            + "(?:们)?"
            + ADVS
            + "(?:住在|定居在?|搬到了?|搬来了?|搬回了?|家住|家在) ?(?<v>[\\p{IsHan}A-Za-z]{2,12}?)"
            + END,
        ChineseRules::place);
    add(
        all,
        Slot.PLACE,
        false,
        LEAD + ADVS + "在 ?(?<v>" + PLACES + "|[A-Z][A-Za-z]{2,15}) ?(?:住|生活|定居|上班|工作|读|上学|念)",
        AS_IT_IS);
    add(
        all,
        Slot.PLACE,
        false,
        "^在 ?(?<v>" + PLACES + ") ?(?:住了|生活了|待了|呆了)?[\\p{IsHan}0-9]{1,4}年了?$",
        AS_IT_IS);
    add(
        all,
        Slot.PLACE,
        true,
        LEAD + "(?:已经)?(?:不住|不再住)在? ?(?<v>[\\p{IsHan}A-Za-z]{2,10}?)了?$",
        ChineseRules::place);
    add(
        all,
        Slot.HOMETOWN,
        false,
        LEAD + "(?:是|来自|老家在?|老家是|出生在|生在) ?(?<v>" + PLACES + ")",
        AS_IT_IS);
    add(
        all,
        Slot.HOMETOWN,
        false,
        "^老家(?:在|是) ?(?<v>[\\p{IsHan}]{2,8}?)" + END,
        ChineseRules::place);
    add(
        all,
        Slot.HOMETOWN,
        false,
        LEAD + "在(?<v>" + PLACES + "[\\p{IsHan}]{0,4})(?:出生|长大)",
        AS_IT_IS);
  }

  private static void work(List<Phrase> all) {
    add(
        all,
        Slot.OCCUPATION,
        false,
        LEAD + ADVS + "(?:是|当|做)(?:一名|一个|一位|个|名|了)?(?<v>[\\p{IsHan}]{0,6}?" + JOB + ")" + END,
        job -> job.contains("的") && job.matches(".*(?:我|你|他).*") ? "" : job);
    add(
        all,
        Slot.OCCUPATION,
        false,
        LEAD
            + "在[\\p{IsHan}A-Za-z ]{2,24}(?:当|做|任) ?(?<v>[\\p{IsHan}]{0,4}?"
            + JOB
            + "|[A-Z]{2,4})"
            + END,
        AS_IT_IS);
    add(
        all,
        Slot.OCCUPATION,
        false,
        LEAD + ADVS + "(?<v>教[\\p{IsHan}]{0,4}(?:语文|数学|英语|物理|化学|历史|生物|地理|音乐|美术|体育|书法|钢琴))",
        AS_IT_IS);
    add(
        all,
        Slot.OCCUPATION,
        false,
        "^教了[\\p{IsHan}0-9]{1,5}年(?<v>语文|数学|英语|物理|化学|历史|生物|地理|音乐|美术|体育)",
        subject -> subject + "老师");
    add(
        all,
        Slot.OCCUPATION,
        false,
        LEAD + "(?:在[\\p{IsHan}]{2,8})?(?:读|上|念)(?<v>大[一二三四五]|高[一二三]|初[一二三]|研[一二三]|博士|硕士|研究生)",
        AS_IT_IS);
    add(all, Slot.OCCUPATION, false, "^[\\p{IsHan}]{2,4}读(?<v>大[一二三四五]|研[一二三])$", AS_IT_IS);
    add(
        all,
        Slot.WORKPLACE,
        false,
        LEAD
            + ADVS
            + "在 ?(?<v>[\\p{IsHan}A-Za-z0-9 ]{2,14}?(?:公司|医院|学校|大学|银行|工厂|厂|出版社|书社|事务所|研究所|超市|餐厅|酒店|中学|小学|幼儿园|图书馆|书店)) ?(?:上班|工作|当|做|教书)",
        ChineseRules::thing);
    add(
        all,
        Slot.OCCUPATION,
        true,
        "^(?<v>[\\p{IsHan}]{2,8}?)(?:的(?:工作|活|活儿|班))?我(?:已经)?(?:辞|辞掉|不干|不做)了",
        ChineseRules::thing);
    add(
        all,
        Slot.OCCUPATION,
        true,
        LEAD + "(?:已经)?(?:不做|不当|不再做|不再当|不干)(?<v>[\\p{IsHan}]{0,4}?" + JOB + ")了?",
        AS_IT_IS);
    add(
        all,
        Slot.OCCUPATION,
        true,
        LEAD + "(?:已经)?(?:从|把) ?(?<v>[\\p{IsHan}A-Za-z ]{2,12}?)(?:的工作|的活)?(?:离职|辞职|辞|辞掉|辞职走人)了",
        ChineseRules::thing);
  }

  private static void body(List<Phrase> all) {
    add(
        all,
        Slot.ALLERGIES,
        false,
        LEAD + ADVS + "(?:对 ?)?" + X + " ?(?:严重|特别|会|是|有点|轻微|也|都)?过敏" + END,
        allergen ->
            allergen.matches(".*(?:不|没).*") ? "" : thing(allergen.replaceAll("^(?:对|有|会|吃)", "")));
    add(
        all,
        Slot.ALLERGIES,
        false,
        "^" + X + " ?我(?:一)?(?:过敏|碰不得|吃了就过敏|一吃就过敏|碰了就过敏)",
        ChineseRules::thing1);
    add(
        all,
        Slot.ALLERGIES,
        false,
        LEAD + "(?:一)?(?:吃|碰|闻到?)(?:到|了)?" + X + "(?:就|会|都)(?:过敏|起疹子|起红点|起风团|手痒|嘴肿|浑身痒|喘不上气)",
        ChineseRules::thing);
    add(
        all,
        Slot.ALLERGIES,
        true,
        LEAD + ADVS + "(?:不对|对) ?" + X + " ?(?:并不|不|已经不|从不)?过敏" + END,
        ChineseRules::thing);
    add(
        all,
        Slot.HEALTH,
        false,
        LEAD
            + ADVS
            + "(?:有|得了|患有|得过|查出了?|确诊了?|是|被查出|被确诊)(?:点|些|一点|轻微的?|严重的?)? ?(?<v>"
            + ILLNESS
            + ")",
        AS_IT_IS);
    add(
        all,
        Slot.HEALTH,
        false,
        LEAD
            + ADVS
            + "(?<v>"
            + ILLNESS
            + "|血压高|血糖高|血脂高|血压低|血糖低)"
            + "(?: ?又|$|了$|好多年|[\\p{IsHan}0-9]{1,3}年)",
        AS_IT_IS);
    add(
        all,
        Slot.HEALTH,
        false,
        "^(?:查出来|查出|诊断|确诊|诊断出来|结果)(?:是|为)? ?(?<v>" + ILLNESS + ")$",
        AS_IT_IS);
    add(all, Slot.HEALTH, true, LEAD + ADVS + "(?:没有?|没得过) ?(?<v>" + ILLNESS + ")", AS_IT_IS);
    add(
        all,
        Slot.MEDICATION,
        false,
        "(?:"
            + LEAD
            + ADVS
            + "(?:在|每天|一直|得|天天|要)?|^(?:每天|一直|现在)?)(?:在?吃|服用|服|打|改吃|换成|换了)(?:着)? ?(?<v>"
            + DRUG
            + ")",
        AS_IT_IS);
    add(
        all,
        Slot.MEDICATION,
        true,
        "(?:" + LEAD + "|^)(?:大夫把|医生把)?(?:停了|不吃|停|不再吃)? ?(?<v>" + DRUG + ") ?(?:停了|不吃了|停药了|不用吃了)",
        AS_IT_IS);
    add(
        all,
        Slot.DIET,
        false,
        LEAD + ADVS + "(?:是|开始|改)?(?<v>吃素|吃全素|吃纯素|素食者|素食主义者|素食主义)" + END,
        AS_IT_IS);
    add(
        all,
        Slot.DIET,
        true,
        LEAD + ADVS + "(?:不是|不|早就不|没有?|并不|不再) ?(?<v>吃素|吃全素|素食者|素食主义者)" + END,
        value -> value.equals("吃素") ? "不吃素" : value);
  }

  private static void tastes(List<Phrase> all) {
    String verb = "(?:吃|喝|看|听|玩|用|穿|逛|去|做|养|写|画|读)?";
    add(
        all,
        Slot.LIKES,
        false,
        LEAD + ADVS + "(?:喜欢|爱|热爱|迷上了?|爱上了?|偏爱|酷爱)(" + verb + ")" + X + END,
        ChineseRules::thing);
    add(
        all,
        Slot.LIKES,
        false,
        "^" + X + "(?:是我的?最爱|是我最喜欢的?|我能吃一(?:盘|碗|锅)|我最爱|我最喜欢|我特别喜欢|我超爱|我超喜欢)" + END,
        ChineseRules::thing);
    add(
        all,
        Slot.LIKES,
        false,
        LEAD + "(?:最喜欢|最爱)的[\\p{IsHan}]{1,6}是 ?" + X + END,
        ChineseRules::thing);
    add(
        all,
        Slot.DISLIKES,
        false,
        LEAD + ADVS + "(?:不喜欢|讨厌|不爱|受不了|不太喜欢|不大喜欢|最烦|痛恨|接受不了|不待见)(" + verb + ")" + X + END,
        ChineseRules::thing);
    add(
        all,
        Slot.DISLIKES,
        false,
        "^" + X + "我(?:真的|实在|从小就?|一直|可|最|是)*(?:不喜欢|受不了|接受不了|讨厌|不爱吃|不爱喝|不爱)" + END,
        ChineseRules::thing);
    add(all, Slot.DISLIKES, false, LEAD + ADVS + "(?:not a|不是) ?(?<v>[a-z]+) person$", AS_IT_IS);
    add(
        all,
        Slot.DISLIKES,
        false,
        LEAD + ADVS + "(?:不喝|从不喝|喝不惯|吃不惯) ?" + X + "(?<!了)(?:的)?$",
        drink -> drink.matches("酒.*") ? "" : thing(drink));
    add(
        all,
        Slot.DISLIKES,
        false,
        "^" + X + "(?:我)?(?:是)?(?:不喝|喝不惯|吃不惯|喝不来|吃不来)(?:的)?$",
        ChineseRules::topic);
    add(
        all,
        Slot.DIET,
        true,
        LEAD
            + "(?:已经|从来|从此|早就|现在|也|都|是|真的|从小就?|再也|以后)*(?:不|不再|不能|没法|再也不|不敢|戒)(?:吃|喝|沾|碰) ?"
            + X
            + "(?:了|的)?(?:啊|啦|呢)?$",
        food -> food.equals("素") || food.length() > 8 ? "" : thing1(food));
    add(all, Slot.DIET, true, LEAD + "(?:已经|早就|从此|现在|是|也)*(?<v>不喝|不喝酒|戒酒|滴酒不沾)了?$", _ -> "喝酒");
    add(
        all,
        Slot.DIET,
        true,
        "^我[\\p{IsHan}0-9]{0,8}?(?:别|不许|不要|不能)(?:再)?(?:吃|碰|喝|沾) ?" + X + "的?了?$",
        ChineseRules::thing1);
    add(
        all,
        Slot.LIKES,
        false,
        LEAD + "(?:平时|一向|常年|一般)?(?:只|就爱|就好)(?:喝|吃) ?" + X + "$",
        ChineseRules::thing);
    add(
        all,
        Slot.DIET,
        true,
        "^" + X + "我(?:已经|早就|从此|现在|也|是|可)*(?:不吃|不喝|戒|不碰|不能吃|不能碰|吃不了)了?(?:的)?$",
        ChineseRules::topic);
    add(
        all,
        Slot.DIET,
        true,
        LEAD + "(?:已经|早就|终于|刚|把)*戒(?:掉)?了? ?(?<v>[\\p{IsHan}A-Za-z]{1,6}?)了?$",
        thing -> thing.matches("烟|了|掉") ? "" : thing);
    add(
        all,
        Slot.HABITS,
        true,
        LEAD + ADVS + "(?:不|从不|从来不|从没|没|不再|戒|早就不)(?<v>抽烟|吸烟|烟|熬夜|赌博|打游戏)(?:了|过)?$",
        habit -> habit.equals("烟") ? "抽烟" : habit);
    add(
        all,
        Slot.HABITS,
        true,
        LEAD + "(?:已经|现在|以后|从此)*(?:不再|再也不)(?<v>(?:看|玩|刷|用|熬|跑|逛|追|熬|追)[\\p{IsHan}A-Za-z]{1,8}?)了?$",
        AS_IT_IS);
    add(
        all,
        Slot.LIKES,
        true,
        LEAD + "(?:已经|现在|早就|也)*(?:不再喜欢|不喜欢|不爱)(?:吃|喝|看|听|玩)?" + X + "了$",
        ChineseRules::thing);
  }

  /// A single character may be what somebody does not eat.
  private static String thing1(String value) {
    return value.length() == 1 && "辣甜肉鱼蛋奶酒糖葱蒜姜鸡虾蟹猪牛羊面".contains(value) ? value : thing(value);
  }

  private static String topic(String value) {
    return value.matches(".*(?:我|他|她|就|一|都|也|从|在|了|很|还|给|跟).*") ? "" : thing1(value);
  }

  private static void people(List<Phrase> all) {
    add(
        all,
        Slot.FAMILY,
        false,
        "(?:^|[^\\p{IsHan}]|是|和|跟|带|陪|给)我(?:的|家)?(?<v>"
            + KIN
            + " ?(?:叫|名叫)?[ ]?(?:[A-Z][a-z]{1,14}|(?<=叫)"
            + NAME
            + "))(?![A-Za-z])",
        value -> value.replaceAll(" ?(?:名叫|叫) ?", " "));
    add(
        all,
        Slot.FAMILY,
        false,
        "^(?<v>" + KIN + "(?:的名字)?叫" + "(?:" + SURNAME + "?[\\p{IsHan}]{2}|[A-Z][a-z]+))$",
        value -> value.replaceAll("(?:的名字)?叫", " "));
    add(
        all,
        Slot.RELATIONS,
        false,
        "(?:^|[^\\p{IsHan}]|是|和|跟|带|陪|给)我(?:的|们)?(?<v>"
            + OTHERS
            + " ?(?:叫|名叫)?[ ]?(?:[A-Z][a-z]{1,14}|[阿小老][\\p{IsHan}A-Z]|(?<=叫)"
            + NAME
            + "))(?![A-Za-z])",
        value -> value.replaceAll(" ?(?:名叫|叫) ?", " "));
    add(
        all,
        Slot.RELATIONS,
        false,
        LEAD + "(?:跟|和|与) ?(?<v>[\\p{IsHan}A-Za-z]{2,8}?)在一起了",
        who -> "伴侣 " + who);
    add(
        all,
        Slot.RELATIONS,
        true,
        LEAD + "(?:跟|和|与) ?(?<v>[\\p{IsHan}A-Za-z]{2,8}?)(?:已经|刚)?(?:分手|分开|离婚|分|离)了",
        AS_IT_IS);
    add(
        all,
        Slot.PETS,
        false,
        "(?:"
            + LEAD
            + "(?:家)?(?:里)?(?:还|也)?|^家里)(?:养|有|领养|收养|买|捡)(?:了|着)?(?:一|两|三|四|1|2|3)?(?:只|条|个)(?<v>"
            + ANIMAL
            + ")"
            + END,
        AS_IT_IS);
    add(
        all,
        Slot.PETS,
        false,
        LEAD + "家(?:的)?(?<v>" + ANIMAL + "(?:叫|是|名叫) ?[\\p{IsHan}A-Za-z]{1,8})$",
        value -> value.replaceAll("名?叫", " "));
    add(
        all,
        Slot.PETS,
        true,
        LEAD + "(?:可|家)?(?:没养|不养|没有养|从没养过|不想养) ?(?<v>" + ANIMAL + ")",
        AS_IT_IS);
  }

  private static void doings(List<Phrase> all) {
    add(
        all,
        Slot.HOBBIES,
        false,
        LEAD
            + ADVS
            + "(?:每天|每周[\\p{IsHan}]?|周末|经常|常常|有空就|没事就|平时)?(?![\\p{IsHan}0-9]*(?:送|陪|带|让|接|看|给|教))(?:都|会|就)?[\\p{IsHan}0-9:]{0,14}?(?:弹|打|拉|吹|踢|跳|练|学|开始学|在学|在练|玩)(?:了|着)?(?<v>"
            + INSTRUMENT
            + ")"
            + END,
        AS_IT_IS);
    add(
        all,
        Slot.HOBBIES,
        false,
        LEAD
            + "(?:们)?(?:刚|又|还)?(?:报了?|报名了?|参加了?|加入了?)(?:一?个|一家)? ?(?<v>[\\p{IsHan}]{1,8}?(?:班|课|合唱团|乐团|俱乐部|社团|舞蹈队|篮球队|足球队|协会))",
        AS_IT_IS);
    add(
        all,
        Slot.HOBBIES,
        false,
        LEAD
            + ADVS
            + "在(?<v>[\\p{IsHan}]{0,6}(?:合唱团|乐队|乐团|舞蹈队|篮球队|足球队|话剧社|诗社|棋社)) ?(?:里)?(?:唱|弹|打|当|拉|吹|跳|演|踢)",
        AS_IT_IS);
    add(
        all,
        Slot.HOBBIES,
        true,
        "^(?<v>" + INSTRUMENT + ")我(?:已经|早就|也)?(?:不学|不弹|不打|不练|不跳|不玩)了",
        AS_IT_IS);
    add(
        all,
        Slot.HOBBIES,
        true,
        LEAD + "(?:已经|早就|现在|也)?(?:不再|不)(?:学|弹|打|练|跳|玩|拉|吹|踢)(?<v>" + INSTRUMENT + ")了?$",
        AS_IT_IS);
    add(all, Slot.HOBBIES, false, "^改(?:学|报|练)了?(?<v>" + INSTRUMENT + "班?)", AS_IT_IS);
    add(
        all,
        Slot.PLANS,
        false,
        LEAD + ADVS + "(?:打算|计划|决定)(?:了)?(?!不)(?<v>[\\p{IsHan}A-Za-z0-9 ·]{2,24})" + END,
        plan -> plan.matches("(?:先?(?:睡|吃饭|洗澡|出门|下班|休息|回家|躺)).*") ? "" : plan.replaceAll("了$", ""));
    add(
        all,
        Slot.PLANS,
        true,
        "^(?<v>[\\p{IsHan}A-Za-z]{2,10}) ?我?(?:不去|去不成|去不了)了",
        ChineseRules::topic);
  }
}
