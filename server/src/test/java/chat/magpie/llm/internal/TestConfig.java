package chat.magpie.llm.internal;

import chat.magpie.kernel.Secret;
import chat.magpie.llm.LlmConfig;
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
    int tokenCacheSize)
    implements LlmConfig {

  record TestProvider(String baseUrl, Optional<Secret> apiKey, Optional<String> model)
      implements LlmConfig.Provider {}

  static TestConfig of(Map<String, LlmConfig.Provider> providers) {
    return new TestConfig(
        Optional.empty(),
        providers,
        Duration.ofSeconds(5),
        Duration.ofSeconds(20),
        Duration.ofSeconds(20),
        Duration.ofSeconds(60),
        "cl100k_base",
        100);
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
        tokenCacheSize);
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
        tokenCacheSize);
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
        tokenCacheSize);
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
        tokenCacheSize);
  }
}
