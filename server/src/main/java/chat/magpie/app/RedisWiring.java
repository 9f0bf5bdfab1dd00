package chat.magpie.app;

import chat.magpie.redis.ClusterRedis;
import chat.magpie.redis.EmbeddedRedis;
import chat.magpie.redis.LettuceRedis;
import chat.magpie.redis.Redis;
import chat.magpie.redis.RedisAddress;
import chat.magpie.redis.RedisConfig;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.channel.EventLoopGroup;
import io.quarkus.runtime.ShutdownEvent;
import io.vertx.core.Vertx;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Connects to Redis on Vert.x's event loops, and runs a Redis of our own where none is configured.
@Singleton
class RedisWiring {
  private @Nullable EmbeddedRedis embedded;
  private @Nullable Redis redis;

  @Produces
  @Singleton
  @SuppressWarnings("deprecation") // the loops have no other public way out of Vert.x 4
  Redis redis(RedisConfig config, DataFolder data, Vertx vertx, MeterRegistry registry) {
    Redis opened = open(config, data, Optional.of(vertx.nettyEventLoopGroup()));
    redis = opened;
    Gauge.builder("magpie.redis.reachable", () -> opened.healthy() ? 1 : 0)
        .description(
            "1 while every key has a server; 0 while calls fail at once instead of waiting")
        .register(registry);
    return opened;
  }

  private Redis open(RedisConfig config, DataFolder data, Optional<EventLoopGroup> loops) {
    if (config.url().isEmpty()) {
      EmbeddedRedis started = EmbeddedRedis.start(data.redis());
      embedded = started;
      return LettuceRedis.connect(started::address, config, loops);
    }
    return switch (RedisAddress.of(config.url().get(), config.sentinelPassword())) {
      case RedisAddress.Server server -> LettuceRedis.connect(server::uri, config, loops);
      case RedisAddress.Sentinels sentinels -> LettuceRedis.connect(sentinels, config, loops);
      case RedisAddress.Cluster cluster -> ClusterRedis.connect(cluster.seeds(), config, loops);
    };
  }

  void close(@Observes @Priority(SqlWiring.LAST) ShutdownEvent event) {
    if (redis != null) {
      redis.close();
    }
    if (embedded != null) {
      embedded.close();
    }
  }
}
