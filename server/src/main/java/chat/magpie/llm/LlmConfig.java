package chat.magpie.llm;

import chat.magpie.kernel.Secret;
import chat.magpie.kernel.Setting;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/// Which models there are and how long they may take.
public interface LlmConfig {
  @Setting("The provider that answers where a character names none; the first by name if absent.")
  Optional<String> defaultProvider();

  @Setting("Model providers by name: any endpoint that speaks OpenAI's chat completions.")
  Map<String, Provider> providers();

  @Setting("How long connecting to a provider may take.")
  @WithDefault("5s")
  Duration connectTimeout();

  @Setting("How long a provider may take until the first event of an answer.")
  @WithDefault("30s")
  Duration firstTokenTimeout();

  @Setting("How long a provider may pause between two events.")
  @WithDefault("20s")
  Duration idleTimeout();

  @Setting("How long one answer may take in all.")
  @WithDefault("5m")
  Duration totalTimeout();

  @Setting("The encoding that counts tokens: cl100k_base or o200k_base.")
  @WithDefault("cl100k_base")
  String encoding();

  @Setting("Token counts that are remembered at most.")
  @WithDefault("10000")
  int tokenCacheSize();

  /// One provider.
  interface Provider {
    @Setting("Base URL up to and including the version, such as https://api.openai.com/v1.")
    String baseUrl();

    @Setting("API key, sent as a bearer token.")
    Optional<Secret> apiKey();

    @Setting("The model that is asked where a character names none.")
    Optional<String> model();
  }
}
