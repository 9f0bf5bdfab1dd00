package chat.magpie.redis;

import chat.magpie.kernel.Secret;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.metrics.CommandLatencyRecorder;
import io.lettuce.core.protocol.ProtocolVersion;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.DefaultClientResources;
import io.netty.channel.EventLoopGroup;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// How Lettuce is set up here.
public final class RedisClients {
  private RedisClients() {}

  /// The address in the configuration: `redis://`, `rediss://`, or `redis-sentinel://…#master`.
  /// [IllegalArgumentException] without any of its text where it cannot be read.
  public static RedisURI address(Secret url) {
    try {
      return RedisURI.create(url.reveal().strip());
    } catch (RuntimeException e) {
      throw new IllegalArgumentException(
          "magpie.redis.url cannot be read; expected redis://[user:password@]host:port/db, and"
              + " @ : / ? # % in the password percent-encoded");
    }
  }

  /// No reconnecting and no repeating by Lettuce: [LettuceRedis] replaces lost connections, and
  /// whoever issued a command decides what to do about its failure.
  static RedisClient create(Duration timeout, Optional<EventLoopGroup> loops) {
    ClientResources.Builder resources =
        DefaultClientResources.builder().commandLatencyRecorder(CommandLatencyRecorder.disabled());
    loops.ifPresent(shared ->
        resources.eventLoopGroupProvider(new SharedEventLoops(shared)).eventExecutorGroup(shared));
    RedisClient client = RedisClient.create(resources.build());
    client.setOptions(
        ClientOptions.builder()
            .autoReconnect(false)
            .disconnectedBehavior(ClientOptions.DisconnectedBehavior.REJECT_COMMANDS)
            .timeoutOptions(TimeoutOptions.builder().timeoutCommands(false).build())
            .protocolVersion(ProtocolVersion.RESP2)
            .socketOptions(
                SocketOptions.builder()
                    .connectTimeout(timeout)
                    .keepAlive(true)
                    .tcpNoDelay(true)
                    .build())
            .build());
    return client;
  }

  /// The innermost reason of a failed connection, in one line.
  static String reason(Throwable failure) {
    Throwable innermost = failure;
    for (@Nullable Throwable cause = failure; cause != null; cause = cause.getCause()) {
      innermost = cause;
    }
    String text = innermost.getMessage();
    return text == null ? innermost.getClass().getSimpleName() : text;
  }
}
