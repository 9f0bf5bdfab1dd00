package chat.magpie.llm.internal;

import chat.magpie.kernel.Secret;
import chat.magpie.llm.PromptMessage;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/// Keeps the key and the prompt of one request out of what a provider says about its failure:
/// providers quote both in their error messages.
final class Redaction {
  private static final int LONGEST = 200;
  private static final int WINDOW = 12;
  private static final int IDEOGRAPHS = 5;
  private static final char FIRST_IDEOGRAPH = '\u2E80';
  private static final int STEP = 4;
  private static final Pattern IDENTIFIER = Pattern.compile("[A-Za-z0-9_.\\-]{1,64}");
  private static final Pattern KEY_LIKE = Pattern.compile("(?i)(sk-|bearer\\s+)[\\w*.+/=\\-]{4,}");
  private static final Pattern NO_TEXT = Pattern.compile("[\\p{Cntrl}\\p{Zl}\\p{Zp}\\s]+");

  private final Optional<Secret> key;
  private final List<PromptMessage> prompt;

  Redaction(Optional<Secret> key, List<PromptMessage> prompt) {
    this.key = key;
    this.prompt = prompt;
  }

  /// `(code): message` as far as they may be shown; begins with a space unless empty.
  String describe(ProviderError error) {
    StringBuilder text = new StringBuilder();
    if (IDENTIFIER.matcher(error.code()).matches() && !quotes(error.code())) {
      text.append(" (").append(error.code()).append(')');
    }
    String message = clean(error.message(), LONGEST);
    if (!message.isEmpty()) {
      text.append(": ").append(message);
    }
    return text.toString();
  }

  /// The word if it is a plain identifier, else a note that it is none.
  String identifier(String word) {
    return IDENTIFIER.matcher(word).matches() ? word : "(not shown)";
  }

  /// One line without secrets, at most this long; a note instead where it quotes the prompt.
  String clean(String text, int longest) {
    String line = WellFormed.of(NO_TEXT.matcher(text).replaceAll(" ")).strip();
    if (key.isPresent() && !key.get().reveal().isEmpty()) {
      line = line.replace(key.get().reveal(), "***");
    }
    line = KEY_LIKE.matcher(line).replaceAll("$1***");
    if (quotes(line)) {
      return "(the message quotes the prompt and is not shown)";
    }
    if (line.length() <= longest) {
      return line;
    }
    int end = Character.isHighSurrogate(line.charAt(longest - 1)) ? longest - 1 : longest;
    return line.substring(0, end) + "…";
  }

  private boolean quotes(String line) {
    for (PromptMessage message : prompt) {
      String said = NO_TEXT.matcher(message.content()).replaceAll(" ").strip();
      if ((said.length() >= 2 && line.contains(said)) || sharesWords(line, said)) {
        return true;
      }
    }
    return false;
  }

  /// Whether some words of the line stand in what was said: two or three in either script.
  private static boolean sharesWords(String line, String said) {
    for (int from = 0; from < line.length(); from += STEP) {
      int window = line.charAt(from) < FIRST_IDEOGRAPH ? WINDOW : IDEOGRAPHS;
      if (from + window <= line.length() && said.contains(line.substring(from, from + window))) {
        return true;
      }
    }
    return false;
  }
}
