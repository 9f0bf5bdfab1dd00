package chat.magpie.profile.internal;

import chat.magpie.llm.PromptMessage;
import chat.magpie.llm.Tokens;
import java.util.List;

/// One token per character.
public final class EstimatedTokens implements Tokens {
  @Override
  public int count(String text) {
    return text.length();
  }

  @Override
  public int countPrompt(List<PromptMessage> messages) {
    return messages.stream().mapToInt(message -> message.content().length()).sum();
  }

  @Override
  public int estimate(String text) {
    return text.length();
  }

  @Override
  public String truncate(String text, int maxTokens) {
    return text.substring(0, Math.min(text.length(), maxTokens));
  }
}
