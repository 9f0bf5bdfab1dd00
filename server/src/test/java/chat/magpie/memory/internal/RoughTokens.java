package chat.magpie.memory.internal;

import chat.magpie.llm.PromptMessage;
import chat.magpie.llm.Tokens;
import java.util.List;
import java.util.regex.Pattern;

/// Four code points are a token; the rest of a text is one, too. As with real encodings, no token
/// goes on from a line's end to the `<` or `-` behind it.
public final class RoughTokens implements Tokens {
  private static final Pattern CUT = Pattern.compile("(?<=\n)(?=[<-])");

  @Override
  public String encoding() {
    return "rough";
  }

  @Override
  public int count(String text) {
    return CUT.splitAsStream(text)
        .mapToInt(piece -> Math.ceilDiv(piece.codePointCount(0, piece.length()), 4))
        .sum();
  }

  @Override
  public int countPrompt(List<PromptMessage> messages) {
    return messages.stream().mapToInt(message -> count(message.content()) + 4).sum() + 2;
  }

  @Override
  public int estimate(String text) {
    return count(text);
  }

  @Override
  public String truncate(String text, int maxTokens) {
    int points = text.codePointCount(0, text.length());
    long most = Math.min(points, 4L * maxTokens);
    while (count(text.substring(0, text.offsetByCodePoints(0, (int) most))) > maxTokens) {
      most--;
    }
    return text.substring(0, text.offsetByCodePoints(0, (int) most));
  }
}
