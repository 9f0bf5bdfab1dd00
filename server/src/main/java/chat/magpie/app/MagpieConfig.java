package chat.magpie.app;

import chat.magpie.api.ApiConfig;
import chat.magpie.character.CharacterConfig;
import chat.magpie.contact.ContactConfig;
import chat.magpie.conversation.SessionConfig;
import chat.magpie.demo.DemoConfig;
import chat.magpie.handover.HandoverConfig;
import chat.magpie.identity.IdentityConfig;
import chat.magpie.insight.InsightConfig;
import chat.magpie.kernel.Setting;
import chat.magpie.knowledge.KnowledgeConfig;
import chat.magpie.live.LiveConfig;
import chat.magpie.llm.EmbeddingsConfig;
import chat.magpie.llm.LlmConfig;
import chat.magpie.memory.MemoryConfig;
import chat.magpie.profile.ProfileConfig;
import chat.magpie.redis.RedisConfig;
import chat.magpie.registry.RegistryConfig;
import chat.magpie.reply.ReplyConfig;
import chat.magpie.sql.DatabaseConfig;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/// The whole configuration. Every feature declares its own slice; see `docs/configuration.md`.
@ConfigMapping(prefix = "magpie", namingStrategy = ConfigMapping.NamingStrategy.SNAKE_CASE)
public interface MagpieConfig {
  ServerConfig server();

  DatabaseConfig database();

  RedisConfig redis();

  IdentityConfig identity();

  CharacterConfig character();

  LlmConfig llm();

  EmbeddingsConfig embeddings();

  MemoryConfig memory();

  ProfileConfig profile();

  KnowledgeConfig knowledge();

  ReplyConfig reply();

  HandoverConfig handover();

  SessionConfig session();

  LiveConfig live();

  ContactConfig contact();

  InsightConfig insight();

  ApiConfig api();

  RegistryConfig registry();

  DemoConfig demo();

  LogConfig log();

  /// Where the server listens and keeps its data.
  interface ServerConfig {
    @Setting("Address to listen on; 0.0.0.0 for all.")
    @WithDefault("127.0.0.1")
    String host();

    @Setting(value = "Port to listen on; 0 for any free one.", max = 65535)
    @WithDefault("8000")
    int port();

    @Setting("Folder of the database, the embedded Redis, keys and logs; also MAGPIE_DATA.")
    @WithDefault("data")
    String data();
  }
}
