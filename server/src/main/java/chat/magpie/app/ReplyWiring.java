package chat.magpie.app;

import chat.magpie.character.CharacterConfig;
import chat.magpie.character.Characters;
import chat.magpie.conversation.Archive;
import chat.magpie.conversation.Conversations;
import chat.magpie.conversation.Desk;
import chat.magpie.conversation.Modes;
import chat.magpie.conversation.Sessions;
import chat.magpie.conversation.internal.SqlSessions;
import chat.magpie.handover.HumanCalls;
import chat.magpie.knowledge.Gaps;
import chat.magpie.knowledge.KnowledgeBase;
import chat.magpie.knowledge.KnowledgeConfig;
import chat.magpie.live.LiveConfig;
import chat.magpie.live.internal.SseReplyStreams;
import chat.magpie.llm.Models;
import chat.magpie.llm.Tokens;
import chat.magpie.memory.Digests;
import chat.magpie.memory.LongTermMemory;
import chat.magpie.memory.MemoryConfig;
import chat.magpie.memory.PromptAssembler;
import chat.magpie.memory.ShortTermMemory;
import chat.magpie.profile.Profiles;
import chat.magpie.redis.Redis;
import chat.magpie.redis.RedisConfig;
import chat.magpie.reply.NodeLeases;
import chat.magpie.reply.ReplyConfig;
import chat.magpie.reply.ReplyOutcomes;
import chat.magpie.reply.TurnErasures;
import chat.magpie.reply.internal.ErasedTurns;
import chat.magpie.reply.internal.RedisNodeHints;
import chat.magpie.reply.internal.ReplyEngine;
import chat.magpie.reply.internal.SqlNodeLeases;
import chat.magpie.sql.Database;
import chat.magpie.stream.ReplyLogs;
import chat.magpie.stream.internal.RedisLogStore;
import chat.magpie.stream.internal.RelayedReplyLogs;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownDelayInitiatedEvent;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.Dependent;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.InstantSource;
import java.util.Optional;

/// Puts together what makes replies and what serves them, and goes on with those that were left
/// unfinished before the server takes requests.
@Dependent
class ReplyWiring {
  @Produces
  @Singleton
  RelayedReplyLogs logs(
      Redis redis, ReplyConfig config, RedisConfig redisConfig, Conversations conversations) {
    return new RelayedReplyLogs(
        new RedisLogStore(redis), config.streamTtl(), redisConfig.timeout(), conversations::ended);
  }

  /// Nobody shares SQLite.
  private static Optional<NodeLeases> leases(
      Database database, InstantSource clock, DataFolder data) {
    return switch (database.dialect()) {
      case SQLITE -> Optional.empty();
      case POSTGRES, MARIADB -> Optional.of(new SqlNodeLeases(database, clock, data.nodeId()));
    };
  }

  @Produces
  @Singleton
  ReplyOutcomes outcomes(Characters characters, ObjectMapper mapper) {
    return new ReplyOutcomes(characters, mapper);
  }

  @Produces
  @Singleton
  ReplyEngine engine(
      DataFolder data,
      Database database,
      Redis redis,
      InstantSource clock,
      ReplyConfig config,
      CharacterConfig characterConfig,
      Conversations conversations,
      Modes modes,
      Desk desk,
      HumanCalls calls,
      Sessions sessions,
      Characters characters,
      ReplyLogs logs,
      Models models,
      Tokens tokens,
      ShortTermMemory memory,
      Digests digests,
      LongTermMemory longTerm,
      MemoryConfig memoryConfig,
      PromptAssembler prompts,
      Profiles profiles,
      KnowledgeBase knowledge,
      KnowledgeConfig knowledgeConfig,
      Gaps gaps,
      ReplyOutcomes outcomes,
      ObjectMapper mapper,
      MeterRegistry registry) {
    return new ReplyEngine(
        data.nodeId(),
        leases(database, clock, data),
        new RedisNodeHints(redis),
        config,
        characterConfig,
        conversations,
        modes,
        desk,
        calls,
        sessions,
        characters,
        logs,
        models,
        tokens,
        memory,
        digests,
        longTerm,
        memoryConfig,
        prompts,
        profiles,
        knowledge,
        knowledgeConfig,
        gaps,
        outcomes,
        mapper,
        registry);
  }

  @Produces
  @Singleton
  TurnErasures turnErasures(
      Archive archive,
      ReplyLogs logs,
      ShortTermMemory memory,
      LongTermMemory longTerm,
      Digests digests) {
    return new ErasedTurns(archive, logs, memory, longTerm, digests);
  }

  @Produces
  @Singleton
  SseReplyStreams streams(
      Vertx vertx,
      LiveConfig config,
      ReplyLogs logs,
      Conversations conversations,
      ReplyOutcomes outcomes,
      MeterRegistry registry) {
    return new SseReplyStreams(vertx, config, logs, conversations, outcomes, registry);
  }

  /// Also makes the streams, so that their figures are there before the first reader.
  void recover(
      @Observes StartupEvent event,
      ReplyEngine engine,
      SqlSessions sessions,
      SseReplyStreams streams,
      MeterRegistry registry) {
    engine.recover();
    Gauge.builder("magpie.sessions.active", sessions, SqlSessions::active)
        .description("Conversations that are active, on whichever node")
        .register(registry);
    sessions.start();
  }

  /// While the sockets are still open, so that readers come to the end of what there is here and
  /// come back with their cursors to wherever the reply goes on.
  void leave(
      @Observes ShutdownDelayInitiatedEvent event, ReplyEngine engine, SseReplyStreams streams) {
    engine.leave();
    streams.close();
  }

  /// While Redis and the database are still there.
  void close(
      @Observes ShutdownEvent event,
      ReplyEngine engine,
      SqlSessions sessions,
      RelayedReplyLogs logs) {
    sessions.close();
    engine.close();
    logs.close();
  }
}
