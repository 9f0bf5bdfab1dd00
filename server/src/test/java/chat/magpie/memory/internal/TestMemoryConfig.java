package chat.magpie.memory.internal;

import chat.magpie.memory.Compression;
import chat.magpie.memory.MemoryConfig;
import java.time.Duration;
import java.util.Optional;

/// The defaults of [MemoryConfig], with what a test changes.
record TestMemoryConfig(
    int maxContextMessages,
    int maxContextTokens,
    Optional<Boolean> clusterKeys,
    Duration timeout,
    Compression compression)
    implements MemoryConfig {
  TestMemoryConfig(int maxContextMessages, int maxContextTokens, Optional<Boolean> clusterKeys) {
    this(
        maxContextMessages,
        maxContextTokens,
        clusterKeys,
        Duration.ofSeconds(1),
        Compression.SUMMARIZE);
  }

  /// Waits for a store that answers however busy the machine is.
  TestMemoryConfig patient() {
    return new TestMemoryConfig(
        maxContextMessages, maxContextTokens, clusterKeys, Duration.ofSeconds(20), compression);
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

  TestMemoryConfig with(Compression other) {
    return new TestMemoryConfig(maxContextMessages, maxContextTokens, clusterKeys, timeout, other);
  }

  @Override
  public int maxDigestTokens() {
    return 800;
  }

  @Override
  public boolean summaries() {
    return true;
  }

  @Override
  public int summaryMessages() {
    return 40;
  }

  @Override
  public Duration summaryTimeout() {
    return Duration.ofSeconds(60);
  }

  @Override
  public Optional<String> summaryProvider() {
    return Optional.empty();
  }

  @Override
  public Optional<String> summaryModel() {
    return Optional.empty();
  }

  @Override
  public int maxRecalledTokens() {
    return 2000;
  }

  @Override
  public boolean recall() {
    return true;
  }

  @Override
  public int recallTurns() {
    return 20_000;
  }

  @Override
  public long recallCacheBytes() {
    return 1 << 20;
  }

  @Override
  public String zone() {
    return "UTC";
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
