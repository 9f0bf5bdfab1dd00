package chat.magpie.app;

import chat.magpie.llm.Tokens;
import chat.magpie.memory.PromptAssembler;
import chat.magpie.memory.ShortTermMemory;
import chat.magpie.memory.internal.BudgetedPromptAssembler;
import chat.magpie.memory.internal.RedisShortTermMemory;
import chat.magpie.redis.Redis;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.context.Dependent;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.InstantSource;

/// Puts short-term memory and prompt assembly together.
@Dependent
class MemoryWiring {
  @Produces
  @Singleton
  ShortTermMemory shortTermMemory(
      Redis redis,
      MagpieConfig config,
      Tokens tokens,
      MeterRegistry registry,
      InstantSource clock) {
    return new RedisShortTermMemory(
        redis, config.redis().timeout(), config.memory(), tokens, registry, clock);
  }

  @Produces
  @Singleton
  PromptAssembler promptAssembler(Tokens tokens, MagpieConfig config) {
    return new BudgetedPromptAssembler(tokens, config.reply().promptTokens(), config.memory());
  }
}
