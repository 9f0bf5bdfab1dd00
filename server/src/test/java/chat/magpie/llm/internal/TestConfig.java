package chat.magpie.llm.internal;

import chat.magpie.kernel.Secret;
import chat.magpie.llm.LlmConfig;
import chat.magpie.llm.PrefixMode;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/// A configuration as tests want it.
record TestConfig(
    Optional<String> defaultProvider,
    Map<String, LlmConfig.Provider> providers,
    Duration connectTimeout,
    Duration firstTokenTimeout,
    Duration idleTimeout,
    Duration totalTimeout,
    String encoding,
    int tokenCacheSize,
    FailOver failOver)
    implements LlmConfig {

  record TestProvider(
      String baseUrl,
      Optional<Secret> apiKey,
      Optional<String> model,
      PrefixMode prefixMode,
      Optional<String> encoding)
      implements LlmConfig.Provider {

    @Override
    public boolean tools() {
      return false;
    }

    TestProvider(String baseUrl, Optional<Secret> apiKey, Optional<String> model) {
      this(baseUrl, apiKey, model, PrefixMode.NONE);
    }

    TestProvider(
        String baseUrl, Optional<Secret> apiKey, Optional<String> model, PrefixMode prefixMode) {
      this(baseUrl, apiKey, model, prefixMode, Optional.empty());
    }
  }

  /// What concerns one provider that takes over from another.
  record FailOver(
      String fallbacks,
      int tries,
      Duration longestRetryAfter,
      int breakerFailures,
      Duration breakerPause) {
    static final FailOver USUAL =
        new FailOver("others", 2, Duration.ofSeconds(2), 5, Duration.ofSeconds(10));
  }

  @Override
  public String fallbacks() {
    return failOver.fallbacks();
  }

  @Override
  public int tries() {
    return failOver.tries();
  }

  @Override
  public Duration longestRetryAfter() {
    return failOver.longestRetryAfter();
  }

  @Override
  public int breakerFailures() {
    return failOver.breakerFailures();
  }

  @Override
  public Duration breakerPause() {
    return failOver.breakerPause();
  }

  TestConfig withFailOver(FailOver other) {
    return new TestConfig(
        defaultProvider,
        providers,
        connectTimeout,
        firstTokenTimeout,
        idleTimeout,
        totalTimeout,
        encoding,
        tokenCacheSize,
        other);
  }

  static TestConfig of(Map<String, LlmConfig.Provider> providers) {
    return new TestConfig(
        Optional.empty(),
        providers,
        Duration.ofSeconds(5),
        Duration.ofSeconds(20),
        Duration.ofSeconds(20),
        Duration.ofSeconds(60),
        "cl100k_base",
        100,
        FailOver.USUAL);
  }

  static TestConfig of(String baseUrl) {
    return of(
        Map.of(
            "test",
            new TestProvider(
                baseUrl, Optional.of(new Secret("sk-verysecret")), Optional.of("test-model"))));
  }

  TestConfig withDefault(String name) {
    return new TestConfig(
        Optional.of(name),
        providers,
        connectTimeout,
        firstTokenTimeout,
        idleTimeout,
        totalTimeout,
        encoding,
        tokenCacheSize,
        failOver);
  }

  TestConfig withConnectTimeout(Duration connect) {
    return new TestConfig(
        defaultProvider,
        providers,
        connect,
        firstTokenTimeout,
        idleTimeout,
        totalTimeout,
        encoding,
        tokenCacheSize,
        failOver);
  }

  TestConfig withEncoding(String name) {
    return new TestConfig(
        defaultProvider,
        providers,
        connectTimeout,
        firstTokenTimeout,
        idleTimeout,
        totalTimeout,
        name,
        tokenCacheSize,
        failOver);
  }

  TestConfig withTimeouts(Duration firstToken, Duration idle, Duration total) {
    return new TestConfig(
        defaultProvider,
        providers,
        connectTimeout,
        firstToken,
        idle,
        total,
        encoding,
        tokenCacheSize,
        failOver);
  }
}
