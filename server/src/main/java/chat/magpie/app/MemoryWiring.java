package chat.magpie.app;

import chat.magpie.conversation.Conversations;
import chat.magpie.conversation.Message;
import chat.magpie.conversation.Sessions;
import chat.magpie.llm.Embeddings;
import chat.magpie.llm.Models;
import chat.magpie.llm.Tokens;
import chat.magpie.memory.Digests;
import chat.magpie.memory.PromptAssembler;
import chat.magpie.memory.ShortTermMemory;
import chat.magpie.memory.internal.BudgetedPromptAssembler;
import chat.magpie.memory.internal.ExcerptDigests;
import chat.magpie.memory.internal.RedisShortTermMemory;
import chat.magpie.memory.internal.SqlLongTermMemory;
import chat.magpie.memory.internal.SqlSummaries;
import chat.magpie.memory.internal.StoredMessages;
import chat.magpie.memory.internal.Summarizer;
import chat.magpie.redis.Redis;
import chat.magpie.sql.Database;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.Dependent;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;

/// Puts short-term and long-term memory, digests and prompt assembly together.
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
  PromptAssembler promptAssembler(MagpieConfig config) {
    return new BudgetedPromptAssembler(config.reply().promptTokens(), config.memory());
  }

  @Produces
  @Singleton
  SqlLongTermMemory longTermMemory(
      Database database,
      Embeddings embeddings,
      MagpieConfig config,
      Sessions sessions,
      MeterRegistry registry,
      InstantSource clock) {
    SqlLongTermMemory memory =
        new SqlLongTermMemory(database, embeddings, config.memory(), registry, clock);
    sessions.onErase((deleted, replies) -> memory.erasedConversation(deleted.conversationId()));
    return memory;
  }

  /// Behind the requests.
  void start(@Observes StartupEvent event, SqlLongTermMemory memory) {
    memory.start();
  }

  /// While the database is still there.
  void close(@Observes ShutdownEvent event, SqlLongTermMemory memory) {
    memory.close();
  }

  @Produces
  @Singleton
  Digests digests(
      Database database,
      Conversations conversations,
      Models models,
      Tokens tokens,
      MagpieConfig config,
      MeterRegistry registry,
      InstantSource clock) {
    StoredMessages messages =
        new StoredMessages() {
          @Override
          public List<Message> before(String conversationId, long seq, int limit) {
            return conversations.recent(conversationId, seq, limit);
          }

          @Override
          public List<Message> at(String conversationId, Collection<Long> seqs) {
            return conversations.at(conversationId, seqs);
          }
        };
    SqlSummaries summaries = new SqlSummaries(database);
    return new ExcerptDigests(
        messages,
        summaries,
        new Summarizer(models, summaries, messages, config.memory(), tokens, registry, clock),
        config.memory(),
        tokens);
  }

  void close(@Disposes Digests digests) {
    digests.close();
  }
}
