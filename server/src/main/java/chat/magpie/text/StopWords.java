package chat.magpie.text;

import java.util.Set;
import java.util.regex.Pattern;

/// Words that say nothing about what a text or a question is about, question words and courtesies
/// among them.
public final class StopWords {
  /// Dropped from texts and questions alike, before stemming.
  public static final Set<String> ENGLISH =
      Set.of(
          """
          a about also am an and another any are as at be been but by can could did do does find for from get got
          had has have he hello her hey hi his how i if in into is it its just know let like may me
          mean means meaning might must my need no not of on or other our please she should so some such
          tell than thank thanks that the their them then there these they this those to us want was
          we were what when where which who whom whose why will with would you your
          """
              .strip()
              .split("\\s+"));

  /// No character of the phrases in [#CHINESE] comes before it.
  public static final char FIRST_CHINESE = '\u2E80';

  /// Weighs nothing in a Chinese question. Phrases, since single characters of theirs may be part
  /// of other words.
  public static final Pattern CHINESE =
      Pattern.compile(
          "(?:请问|請問|你好|您好|谢谢|謝謝|怎么样|怎么办|怎么|怎麼|怎样|怎樣|如何|什么时候|什么样|什么|什麼|甚麼|为什么|為什麼|为何|为啥|哪里|哪裡|哪儿|哪些"
              + "|哪个|哪種|哪种|哪|谁|誰|多少天|多少|多久|多长时间|多大|几天|几|东西|是否|是不是|能不能|可不可以|可以|可否|能否|能够|会不会|有没有|有什么|有哪些|需要|想要|想知道"
              + "|想问|我想|我要|想了解|了解|知道|告诉|一下|帮我|帮忙|你们|您们|我们|他们|她们|你|您|我|他|她|它|这个|那个|这些|那些|这|那|如果|的话|吗|嗎|呢|吧|啊"
              + "|呀|嘛|么|的|了|是|已经|现在|刚才|刚刚|一直|然后|一些|一点|非常|比较|真的|没有|不是|就是|应该|可能|以及|还是|或者|因为|所以|但是)");

  private StopWords() {}
}
