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

  @Setting(
      "Providers that answer where the one that a character asks first fails, in this order, separated"
          + " by commas; others for all that are configured, the default one first; none for none. A"
          + " character may have a list of its own.")
  @WithDefault("others")
  String fallbacks();

  @Setting(
      value = "How often one provider is asked for one answer before the next one is.",
      min = 1,
      max = 10)
  @WithDefault("2")
  int tries();

  @Setting(
      "How long a provider may ask us to wait (Retry-After) before it is asked again; where it asks"
          + " for more, the next provider is asked at once.")
  @WithDefault("2s")
  Duration longestRetryAfter();

  @Setting(
      value = "Failures in a row after which a provider is passed over for a while.",
      min = 1,
      max = 1000000)
  @WithDefault("5")
  int breakerFailures();

  @Setting(
      "How long a failing provider is passed over before it is tried with one answer; up to half as"
          + " long again, and up to eight times as long while the trials fail.")
  @WithDefault("10s")
  Duration breakerPause();

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

  @Setting(
      "How long one call to a provider may take in all; none is begun for an answer that has taken longer.")
  @WithDefault("5m")
  Duration totalTimeout();

  @Setting(
      "The encoding that counts tokens: cl100k_base or o200k_base. A prompt for a model whose name"
          + " tells (gpt-4, gpt-3.5: cl100k_base; gpt-4o, gpt-4.1, gpt-5, o1 and later: o200k_base)"
          + " is counted with that model's.")
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

    @Setting(
        "How the provider is asked to go on with an answer that was interrupted: none (begin again),"
            + " partial (Qwen), prefix (DeepSeek, base URL https://api.deepseek.com/beta) or"
            + " continue_final_message (vLLM).")
    @WithDefault("none")
    PrefixMode prefixMode();

    @Setting(
        "The encoding that counts the tokens of prompts for this provider: cl100k_base or o200k_base;"
            + " by the model's name if absent.")
    Optional<String> encoding();

    @Setting(
        "Whether the provider takes tools (function calling): then its models may ask for a human on"
            + " their own.")
    @WithDefault("false")
    boolean tools();
  }
}
