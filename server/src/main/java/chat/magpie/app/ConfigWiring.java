package chat.magpie.app;

import chat.magpie.api.ApiConfig;
import chat.magpie.character.CharacterConfig;
import chat.magpie.contact.ContactConfig;
import chat.magpie.conversation.SessionConfig;
import chat.magpie.handover.HandoverConfig;
import chat.magpie.identity.IdentityConfig;
import chat.magpie.insight.InsightConfig;
import chat.magpie.knowledge.KnowledgeConfig;
import chat.magpie.live.LiveConfig;
import chat.magpie.llm.LlmConfig;
import chat.magpie.memory.MemoryConfig;
import chat.magpie.profile.ProfileConfig;
import chat.magpie.redis.RedisConfig;
import chat.magpie.reply.ReplyConfig;
import chat.magpie.sql.DatabaseConfig;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.context.Dependent;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/// Gives each feature its slice of the configuration.
@Dependent
class ConfigWiring {
  @Produces
  @Singleton
  DatabaseConfig database(MagpieConfig config) {
    return config.database();
  }

  @Produces
  @Singleton
  RedisConfig redis(MagpieConfig config) {
    return config.redis();
  }

  @Produces
  @Singleton
  IdentityConfig identity(MagpieConfig config) {
    return config.identity();
  }

  @Produces
  @Singleton
  CharacterConfig character(MagpieConfig config) {
    return config.character();
  }

  @Produces
  @Singleton
  LlmConfig llm(MagpieConfig config) {
    return config.llm();
  }

  @Produces
  @Singleton
  MemoryConfig memory(MagpieConfig config) {
    return config.memory();
  }

  @Produces
  @Singleton
  KnowledgeConfig knowledge(MagpieConfig config) {
    return config.knowledge();
  }

  @Produces
  @Singleton
  ReplyConfig reply(MagpieConfig config) {
    return config.reply();
  }

  @Produces
  @Singleton
  HandoverConfig handover(MagpieConfig config) {
    return config.handover();
  }

  @Produces
  @Singleton
  SessionConfig session(MagpieConfig config) {
    return config.session();
  }

  @Produces
  @Singleton
  LiveConfig live(MagpieConfig config) {
    return config.live();
  }

  @Produces
  @Singleton
  ContactConfig contact(MagpieConfig config) {
    return config.contact();
  }

  @Produces
  @Singleton
  InsightConfig insight(MagpieConfig config) {
    return config.insight();
  }

  @Produces
  @Singleton
  ProfileConfig profile(MagpieConfig config) {
    return config.profile();
  }

  /// Behind a proxy, because filters are made before there is a configuration.
  @Produces
  @ApplicationScoped
  ApiConfig api(MagpieConfig config) {
    return config.api();
  }
}
