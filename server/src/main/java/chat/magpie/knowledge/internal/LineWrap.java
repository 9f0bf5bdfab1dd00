package chat.magpie.knowledge.internal;

import java.lang.Character.UnicodeScript;
import java.util.regex.Pattern;

/// Takes back the line breaks that an author's editor put into a Markdown paragraph: they mean a
/// space, or nothing between Chinese, Japanese and Korean characters, but a chat shows them as
/// breaks.
final class LineWrap {
  /// A line that begins something of its own: list items, quotes, table rows, indented code.
  private static final Pattern OWN_LINE =
      Pattern.compile("^(?: {4}|\\t| {0,3}(?:[-*+>|#]|\\d{1,9}[.)]\\s)).*", Pattern.DOTALL);

  private LineWrap() {}

  /// The block with its lines joined where they belong together; code and tables stay as they are.
  static String undo(String block) {
    if (block.indexOf('\n') < 0
        || block.startsWith("```")
        || block.startsWith("~~~")
        || block.startsWith("    ")
        || block.stripLeading().startsWith("|")) {
      return block;
    }
    StringBuilder joined = new StringBuilder(block.length());
    for (String line : block.lines().toList()) {
      if (joined.isEmpty()) {
        joined.append(line);
      } else if (OWN_LINE.matcher(line).matches() || isHardBreak(joined)) {
        joined.append('\n').append(line);
      } else {
        String rest = line.stripLeading();
        trimEnd(joined);
        joined.append(isWritten(joined, rest) ? " " : "").append(rest);
      }
    }
    return joined.toString();
  }

  private static boolean isHardBreak(StringBuilder text) {
    int length = text.length();
    return text.charAt(length - 1) == '\\'
        || (length > 1 && text.charAt(length - 1) == ' ' && text.charAt(length - 2) == ' ');
  }

  private static void trimEnd(StringBuilder text) {
    while (!text.isEmpty() && text.charAt(text.length() - 1) == ' ') {
      text.setLength(text.length() - 1);
    }
  }

  /// Whether a space is written between the two.
  private static boolean isWritten(StringBuilder before, String after) {
    return before.isEmpty()
        || after.isEmpty()
        || !(isEastAsian(before.codePointBefore(before.length()))
            && isEastAsian(after.codePointAt(0)));
  }

  private static boolean isEastAsian(int character) {
    UnicodeScript script = UnicodeScript.of(character);
    return script == UnicodeScript.HAN
        || script == UnicodeScript.HIRAGANA
        || script == UnicodeScript.KATAKANA
        || script == UnicodeScript.HANGUL
        || (character >= 0x3000 && character <= 0x303F)
        || (character >= 0xFF00 && character <= 0xFFEF);
  }
}
