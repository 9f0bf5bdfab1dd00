package chat.magpie.memory.internal;

import chat.magpie.llm.PromptMessage;
import chat.magpie.llm.Tokens;
import java.util.List;

/// Four code points are a token; the rest of a text is one, too.
public final class RoughTokens implements Tokens {
  @Override
  public int count(String text) {
    return Math.ceilDiv(text.codePointCount(0, text.length()), 4);
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
    return text.substring(0, text.offsetByCodePoints(0, (int) most));
  }
}
