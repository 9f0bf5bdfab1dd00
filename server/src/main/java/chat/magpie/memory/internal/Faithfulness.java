package chat.magpie.memory.internal;

import chat.magpie.text.StopWords;
import chat.magpie.text.Terms;
import java.math.BigDecimal;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Whether a summary keeps to its source: every number and every name in it has to stand there. In
/// doubt it does not, since there is something else to use.
///
/// Numbers are compared by their value, in digits, Chinese characters or English words. English
/// names are words with a capital letter that no lower-case word of the source explains. Chinese
/// names have no mark: what is quoted, spelled with Latin letters, follows a word that introduces a
/// name, precedes one that ends a name of a place, a firm or a person, or begins with a common
/// surname behind a word that people stand behind, counts as one.
final class Faithfulness {
  private static final Pattern DIGITS = Pattern.compile("\\d+(?:[,，]\\d{3})*(?:\\.\\d+)?");
  private static final Pattern STAMP = Pattern.compile("at=\"(\\d{4}-\\d\\d-\\d\\d)[^\"]*\"");
  private static final String NUMERALS = "零〇一二两三四五六七八九十百千万亿";
  private static final Pattern CHINESE =
      Pattern.compile("[%s]{2,}|[%s](?=[年月日号天岁个只块元点次周位名台张套本公斤])".formatted(NUMERALS, NUMERALS));
  private static final Map<String, Integer> WORDS =
      Map.ofEntries(
          Map.entry("two", 2),
          Map.entry("three", 3),
          Map.entry("four", 4),
          Map.entry("five", 5),
          Map.entry("six", 6),
          Map.entry("seven", 7),
          Map.entry("eight", 8),
          Map.entry("nine", 9),
          Map.entry("ten", 10),
          Map.entry("eleven", 11),
          Map.entry("twelve", 12),
          Map.entry("thirteen", 13),
          Map.entry("fourteen", 14),
          Map.entry("fifteen", 15),
          Map.entry("sixteen", 16),
          Map.entry("seventeen", 17),
          Map.entry("eighteen", 18),
          Map.entry("nineteen", 19),
          Map.entry("twenty", 20),
          Map.entry("thirty", 30),
          Map.entry("forty", 40),
          Map.entry("fifty", 50),
          Map.entry("sixty", 60),
          Map.entry("seventy", 70),
          Map.entry("eighty", 80),
          Map.entry("ninety", 90),
          Map.entry("hundred", 100),
          Map.entry("thousand", 1000),
          Map.entry("million", 1_000_000));
  private static final Pattern WORD = Pattern.compile("\\p{IsLatin}[\\p{IsLatin}\\p{M}'’-]*");

  /// Words of a summary about the summed up, not from it.
  private static final Set<String> OWN =
      Set.of("user", "assistant", "character", "users", "both", "later", "earlier", "no", "yes");

  private static final String SURNAMES =
      "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文";
  private static final Pattern CHINESE_NAME =
      Pattern.compile(
          "[《「“‘]([^》」”’]{1,30})[》」”’]"
              + "|(?:名叫|名字是|名为|叫做|叫作|叫|姓|称为)([\\p{IsHan}·]{1,4})"
              + "|(\\p{IsHan}{1,2})(?:省|市|县|镇|路|街|公司|大学|医院|先生|女士|小姐|老师|教授|经理|医生)"
              + "|(?:和|跟|与|、|找|给|向|对|同事|朋友|女儿|儿子|妻子|丈夫|老板|[，。；：\\s]|^)([%s]\\p{IsHan}{1,2})"
                  .formatted(SURNAMES)
              + "|(\\p{IsHan}{1,6}·\\p{IsHan}{1,6})");

  private Faithfulness() {}

  /// Whether all names and numbers of the summary are in the source.
  ///
  /// @param source turns, each with its time in an attribute `at`: a summary may name its day, but
  ///   what it says of something else is not borne out by it
  static boolean holds(String summary, String source) {
    Matcher stamps = STAMP.matcher(source);
    String said = summary;
    while (stamps.find()) {
      said = said.contains(stamps.group(1)) ? said.replace(stamps.group(1), " ") : said;
    }
    String text = stamps.replaceAll("");
    return numbers(text).containsAll(numbers(said))
        && englishNames(said, text)
        && chineseNames(said, text);
  }

  private static boolean englishNames(String summary, String source) {
    Set<String> words = new HashSet<>();
    Matcher known = WORD.matcher(source);
    while (known.find()) {
      words.add(stemmed(known.group()));
    }
    Matcher word = WORD.matcher(summary);
    while (word.find()) {
      String lower = word.group().toLowerCase(Locale.ROOT);
      if (Character.isUpperCase(word.group().codePointAt(0))
          && !OWN.contains(lower)
          && !StopWords.ENGLISH.contains(lower)
          && !words.contains(stemmed(word.group()))) {
        return false;
      }
    }
    return true;
  }

  /// A word without its endings; what consists of stop words alone as it is.
  private static String stemmed(String word) {
    String stem = String.join(" ", Terms.of(word));
    return stem.isEmpty() ? word.toLowerCase(Locale.ROOT) : stem;
  }

  private static boolean chineseNames(String summary, String source) {
    Matcher name = CHINESE_NAME.matcher(summary);
    for (int from = 0; name.find(from); from = name.start() + 1) {
      for (int group = 1; group <= name.groupCount(); group++) {
        String found = name.group(group);
        if (found != null && !isIn(found, source)) {
          return false;
        }
      }
    }
    return true;
  }

  /// What follows a name may belong to it or not, so its first two characters count.
  private static boolean isIn(String name, String source) {
    String stripped = name.strip();
    return source.contains(
        stripped.codePointCount(0, stripped.length()) > 2
                && stripped
                    .codePoints()
                    .allMatch(c -> Character.UnicodeScript.of(c) == Character.UnicodeScript.HAN)
            ? stripped.substring(0, stripped.offsetByCodePoints(0, 2))
            : stripped);
  }

  private static Set<BigDecimal> numbers(String text) {
    Set<BigDecimal> numbers = new HashSet<>();
    Matcher digits = DIGITS.matcher(text);
    while (digits.find()) {
      String plain = digits.group().replaceAll("[,，]", "");
      if (plain.length() > 40) {
        plain = plain.substring(0, 40);
      }
      numbers.add(new BigDecimal(plain).stripTrailingZeros());
    }
    Matcher chinese = CHINESE.matcher(text);
    while (chinese.find()) {
      numbers.add(BigDecimal.valueOf(value(chinese.group())).stripTrailingZeros());
    }
    Matcher words = WORD.matcher(text);
    while (words.find()) {
      Integer value = WORDS.get(words.group().toLowerCase(Locale.ROOT));
      if (value != null) {
        numbers.add(BigDecimal.valueOf(value).stripTrailingZeros());
      }
    }
    return numbers;
  }

  /// The value of Chinese numerals: with units (二十三) or digit by digit (二三).
  private static long value(String numerals) {
    long total = 0;
    long section = 0;
    long digit = 0;
    boolean units = false;
    for (int i = 0; i < numerals.length(); i++) {
      char c = numerals.charAt(i);
      long unit =
          switch (c) {
            case '十' -> 10;
            case '百' -> 100;
            case '千' -> 1000;
            case '万' -> 10_000;
            case '亿' -> 100_000_000;
            default -> 0;
          };
      if (unit == 0) {
        int value = "零一二三四五六七八九".indexOf(c == '两' ? '二' : c == '〇' ? '零' : c);
        digit = units || c == '零' || c == '〇' ? (units ? value : digit * 10) : digit * 10 + value;
      } else if (unit >= 10_000) {
        total = (total + section + digit) * unit;
        section = 0;
        digit = 0;
        units = true;
      } else {
        section += (digit == 0 ? 1 : digit) * unit;
        digit = 0;
        units = true;
      }
    }
    return total + section + digit;
  }
}
