package chat.magpie.llm.internal;

import chat.magpie.llm.LlmConfig;
import java.time.Duration;

/// How long an answer may take.
record Timeouts(Duration connect, Duration firstToken, Duration idle, Duration total) {
  static Timeouts of(LlmConfig config) {
    return new Timeouts(
        positive("connect_timeout", config.connectTimeout()),
        positive("first_token_timeout", config.firstTokenTimeout()),
        positive("idle_timeout", config.idleTimeout()),
        positive("total_timeout", config.totalTimeout()));
  }

  private static Duration positive(String name, Duration span) {
    if (span.isNegative() || span.toMillis() == 0) {
      throw new IllegalArgumentException(
          "Configuration: magpie.llm." + name + " must be at least a millisecond");
    }
    return span;
  }
}
