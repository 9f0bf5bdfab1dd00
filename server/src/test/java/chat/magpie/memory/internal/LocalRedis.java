package chat.magpie.memory.internal;

import chat.magpie.kernel.Secret;
import chat.magpie.redis.LettuceRedis;
import chat.magpie.redis.Redis;
import chat.magpie.redis.RedisConfig;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.Optional;
import redis.embedded.RedisServer;

/// A Redis server of a test's own, with a plain connection beside the product's.
final class LocalRedis implements AutoCloseable {
  private final RedisServer server;
  private final RedisClient client;
  private final StatefulRedisConnection<String, String> connection;
  private final Redis redis;

  LocalRedis() {
    try {
      int port;
      try (ServerSocket free = new ServerSocket(0)) {
        port = free.getLocalPort();
      }
      server = RedisServer.newRedisServer().port(port).setting("save \"\"").build();
      server.start();
      client = RedisClient.create(RedisURI.create("127.0.0.1", port));
      connection = client.connect();
      redis =
          LettuceRedis.connect(
              () -> RedisURI.create("127.0.0.1", port), new Config(), Optional.empty());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Redis redis() {
    return redis;
  }

  RedisCommands<String, String> plain() {
    return connection.sync();
  }

  void stop() {
    try {
      server.stop();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    redis.close();
    connection.close();
    client.shutdown(Duration.ZERO, Duration.ofSeconds(2));
    stop();
  }

  record Config() implements RedisConfig {
    @Override
    public Optional<Secret> url() {
      return Optional.empty();
    }

    @Override
    public Duration timeout() {
      return Duration.ofSeconds(1);
    }

    @Override
    public int maxConnections() {
      return 20;
    }
  }
}
