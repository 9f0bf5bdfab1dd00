package chat.magpie.llm;

import java.util.Optional;

/// Counts tokens as the models do.
public interface Tokens {
  /// Counts as this model of this provider does, or as nearly as can be told from the configuration
  /// and the model's name.
  default Tokens of(Optional<String> provider, Optional<String> model) {
    return this;
  }

  /// The encoding that is counted with, such as `cl100k_base`. Counts of one encoding are not those
  /// of another.
  String encoding();

  /// Tokens of the text alone; special tokens in it count as the plain text they are. Linear in the
  /// length of the text, also for hostile ones.
  int count(String text);

  /// Tokens of a whole prompt: each message's text + 4, + 2 for the reply.
  int countPrompt(java.util.List<PromptMessage> messages);

  /// A fast guess: Chinese, Japanese and Korean characters × 1.5, others × 0.3, rounded up.
  int estimate(String text);

  /// The longest beginning of the text with at most this many tokens; never half a code point.
  String truncate(String text, int maxTokens);
}
