package chat.magpie.memory.internal;

import chat.magpie.memory.MemoryConfig;
import java.time.Duration;

/// The defaults of [MemoryConfig], with what a test changes.
record TestMemoryConfig(int maxContextMessages, int maxContextTokens, boolean clusterKeys)
    implements MemoryConfig {
  static TestMemoryConfig defaults() {
    return new TestMemoryConfig(50, 20_000, false);
  }

  static TestMemoryConfig context(int messages, int tokens) {
    return new TestMemoryConfig(messages, tokens, false);
  }

  @Override
  public int maxMessages() {
    return 100;
  }

  @Override
  public Duration ttl() {
    return Duration.ofHours(24);
  }

  @Override
  public Duration timeout() {
    return Duration.ofSeconds(1);
  }

  @Override
  public int retries() {
    return 2;
  }

  @Override
  public Duration retryDelay() {
    return Duration.ofMillis(100);
  }

  @Override
  public boolean degradation() {
    return true;
  }
}
