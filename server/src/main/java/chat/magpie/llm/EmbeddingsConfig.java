package chat.magpie.llm;

import chat.magpie.kernel.Secret;
import chat.magpie.kernel.Setting;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.Optional;

/// What turns text into vectors, so that searches find what is meant beside what is written.
public interface EmbeddingsConfig {
  @Setting(
      "off: searches go by words alone. auto: two small models that come with the server, one for"
          + " Chinese and one for other text, read from the packaged jars on first use (about 250 MB"
          + " while loaded). provider: any endpoint that speaks OpenAI's embeddings.")
  @WithDefault("off")
  EmbeddingMode mode();

  @Setting(
      value = "Texts that the packaged models work at side by side while they index.",
      min = 1,
      max = 64)
  @WithDefault("1")
  int threads();

  @Setting(value = "How long a packaged model stays in memory after it was last used.", min = 100)
  @WithDefault("10m")
  Duration releaseAfter();

  @Setting(
      value = "How long a question waits for its vector; then it is searched for by words alone.",
      min = 1)
  @WithDefault("500ms")
  Duration questionTimeout();

  /// The endpoint of mode provider.
  ProviderEndpoint provider();

  /// An endpoint that speaks OpenAI's embeddings.
  interface ProviderEndpoint {
    @Setting("Base URL up to and including the version, such as https://api.openai.com/v1.")
    Optional<String> baseUrl();

    @Setting("API key, sent as a bearer token.")
    Optional<Secret> apiKey();

    @Setting(
        "The model, such as text-embedding-3-small. Another one makes vectors of its own: all"
            + " documents are embedded again.")
    Optional<String> model();

    @Setting(value = "Texts in one request at most.", min = 1, max = 2048)
    @WithDefault("32")
    int batch();

    @Setting(value = "How long one request for texts may take in all.", min = 1)
    @WithDefault("20s")
    Duration timeout();
  }
}
