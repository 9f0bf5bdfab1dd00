package chat.magpie.memory.internal;

import chat.magpie.memory.MemoryConfig;
import java.time.Duration;
import java.util.Optional;

/// The defaults of [MemoryConfig], with what a test changes.
record TestMemoryConfig(
    int maxContextMessages, int maxContextTokens, Optional<Boolean> clusterKeys, Duration timeout)
    implements MemoryConfig {
  TestMemoryConfig(int maxContextMessages, int maxContextTokens, Optional<Boolean> clusterKeys) {
    this(maxContextMessages, maxContextTokens, clusterKeys, Duration.ofSeconds(1));
  }

  /// Waits for a store that answers however busy the machine is.
  TestMemoryConfig patient() {
    return new TestMemoryConfig(
        maxContextMessages, maxContextTokens, clusterKeys, Duration.ofSeconds(20));
  }

  static TestMemoryConfig defaults() {
    return new TestMemoryConfig(50, 20_000, Optional.empty());
  }

  static TestMemoryConfig context(int messages, int tokens) {
    return new TestMemoryConfig(messages, tokens, Optional.empty());
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
  public int maxRecalledTokens() {
    return 2000;
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
