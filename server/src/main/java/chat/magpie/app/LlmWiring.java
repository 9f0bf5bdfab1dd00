package chat.magpie.app;

import chat.magpie.llm.Embeddings;
import chat.magpie.llm.EmbeddingsConfig;
import chat.magpie.llm.Models;
import chat.magpie.llm.Tokens;
import chat.magpie.llm.internal.Closing;
import chat.magpie.llm.internal.FailOverModels;
import chat.magpie.llm.internal.InProcessEmbeddings;
import chat.magpie.llm.internal.JtokkitTokens;
import chat.magpie.llm.internal.NoEmbeddings;
import chat.magpie.llm.internal.OpenAiModels;
import chat.magpie.llm.internal.ProviderEmbeddings;
import chat.magpie.llm.internal.RememberedQuestions;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.Dependent;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import org.eclipse.microprofile.config.Config;

/// Makes models and token counts from the configuration.
@Dependent
class LlmWiring {
  @Produces
  @Singleton
  OpenAiModels openAiModels(Vertx vertx, MagpieConfig config, Config environment) {
    return new OpenAiModels(
        vertx, config.llm(), name -> environment.getOptionalValue(name, String.class));
  }

  @Produces
  @Singleton
  Models models(OpenAiModels providers, MagpieConfig config, MeterRegistry registry) {
    return new FailOverModels(providers, config.llm(), registry);
  }

  @Produces
  @Singleton
  Tokens tokens(MagpieConfig config, MeterRegistry registry) {
    JtokkitTokens tokens = new JtokkitTokens(config.llm());
    FunctionCounter.builder("magpie.llm.token_cache", tokens, JtokkitTokens::hits)
        .description("Token counts that were asked for, by whether they were remembered")
        .tag("result", "hit")
        .register(registry);
    FunctionCounter.builder("magpie.llm.token_cache", tokens, JtokkitTokens::misses)
        .description("Token counts that were asked for, by whether they were remembered")
        .tag("result", "miss")
        .register(registry);
    return tokens;
  }

  @Produces
  @Singleton
  Embeddings embeddings(MagpieConfig config) {
    EmbeddingsConfig embeddings = config.embeddings();
    return switch (embeddings.mode()) {
      case OFF -> new NoEmbeddings();
      case AUTO ->
          new RememberedQuestions(
              new InProcessEmbeddings(
                  embeddings.threads(), embeddings.releaseAfter(), embeddings.questionTimeout()),
              System::nanoTime);
      case PROVIDER ->
          new RememberedQuestions(new ProviderEmbeddings(embeddings), System::nanoTime);
    };
  }

  void close(@Disposes Embeddings embeddings) {
    if (embeddings instanceof Closing closing) {
      closing.close();
    }
  }

  void close(@Disposes OpenAiModels models) {
    models.close();
  }
}
