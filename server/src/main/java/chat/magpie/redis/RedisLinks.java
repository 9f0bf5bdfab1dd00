package chat.magpie.redis;

import io.lettuce.core.RedisChannelHandler;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisConnectionException;
import io.lettuce.core.RedisConnectionStateListener;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.StringCodec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/// The connections to Redis that live and die together. Commands of a transaction have one of their
/// own, where they are written when the transaction is complete.
record RedisLinks(List<StatefulRedisConnection<String, String>> connections) {
  static final int COUNT = 3;

  /// Connects all and asks for a sign of life, each within the time-out.
  ///
  /// @param broken told once or more when a connection is lost
  static RedisLinks open(
      RedisClient client, RedisURI address, Duration timeout, Consumer<RedisLinks> broken) {
    List<CompletableFuture<StatefulRedisConnection<String, String>>> opening = new ArrayList<>();
    for (int i = 0; i < COUNT; i++) {
      opening.add(client.connectAsync(StringCodec.UTF8, address).toCompletableFuture());
    }
    try {
      CompletableFuture.allOf(opening.toArray(CompletableFuture<?>[]::new))
          .get(timeout.toNanos(), TimeUnit.NANOSECONDS);
      RedisLinks links = new RedisLinks(opening.stream().map(CompletableFuture::join).toList());
      links.commands().async().ping().get(timeout.toNanos(), TimeUnit.NANOSECONDS);
      links.transactions().setAutoFlushCommands(false);
      RedisConnectionStateListener listener =
          new RedisConnectionStateListener() {
            @Override
            public void onRedisDisconnected(RedisChannelHandler<?, ?> connection) {
              broken.accept(links);
            }
          };
      links.connections.forEach(connection -> connection.addListener(listener));
      return links;
    } catch (ExecutionException | TimeoutException e) {
      closeWhenOpen(opening);
      throw new RedisConnectionException("Redis does not answer", e);
    } catch (InterruptedException e) {
      closeWhenOpen(opening);
      Thread.currentThread().interrupt();
      throw new RedisConnectionException("interrupted", e);
    }
  }

  StatefulRedisConnection<String, String> appends() {
    return connections.get(0);
  }

  StatefulRedisConnection<String, String> commands() {
    return connections.get(1);
  }

  StatefulRedisConnection<String, String> transactions() {
    return connections.get(2);
  }

  boolean broken() {
    return connections.stream().anyMatch(connection -> !connection.isOpen());
  }

  /// Closes all; whatever is in flight fails.
  void closeAsync() {
    connections.forEach(RedisLinks::closeAsync);
  }

  private static void closeWhenOpen(
      List<CompletableFuture<StatefulRedisConnection<String, String>>> opening) {
    for (CompletableFuture<StatefulRedisConnection<String, String>> one : opening) {
      var _ = one.thenAccept(RedisLinks::closeAsync);
    }
  }

  private static void closeAsync(StatefulRedisConnection<String, String> connection) {
    var _ = connection.closeAsync();
  }
}
