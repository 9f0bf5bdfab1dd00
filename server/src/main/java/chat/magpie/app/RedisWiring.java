package chat.magpie.app;

import chat.magpie.redis.EmbeddedRedis;
import chat.magpie.redis.LettuceRedis;
import chat.magpie.redis.Redis;
import chat.magpie.redis.RedisClients;
import chat.magpie.redis.RedisConfig;
import io.lettuce.core.RedisURI;
import io.quarkus.runtime.ShutdownEvent;
import io.vertx.core.Vertx;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Connects to Redis on Vert.x's event loops, and runs a Redis of our own where none is configured.
@Singleton
class RedisWiring {
  private @Nullable EmbeddedRedis embedded;
  private @Nullable LettuceRedis redis;

  @Produces
  @Singleton
  @SuppressWarnings("deprecation") // the loops have no other public way out of Vert.x 4
  Redis redis(RedisConfig config, DataFolder data, Vertx vertx) {
    LettuceRedis opened =
        LettuceRedis.connect(
            address(config, data), config, Optional.of(vertx.nettyEventLoopGroup()));
    redis = opened;
    return opened;
  }

  private Supplier<RedisURI> address(RedisConfig config, DataFolder data) {
    if (config.url().isPresent()) {
      RedisURI address = RedisClients.address(config.url().get());
      return () -> address;
    }
    EmbeddedRedis started = EmbeddedRedis.start(data.redis());
    embedded = started;
    return started::address;
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
