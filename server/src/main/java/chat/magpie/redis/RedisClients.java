package chat.magpie.redis;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisClient;
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
final class RedisClients {
  private RedisClients() {}

  /// No reconnecting and no repeating by Lettuce: [LettuceRedis] replaces lost connections, and
  /// whoever issued a command decides what to do about its failure.
  static RedisClient create(Duration timeout, Optional<EventLoopGroup> loops) {
    ClientResources.Builder resources =
        DefaultClientResources.builder().commandLatencyRecorder(CommandLatencyRecorder.disabled());
    loops.ifPresent(shared ->
        resources.eventLoopGroupProvider(new SharedEventLoops(shared)).eventExecutorGroup(shared));
    RedisClient client = new AsyncRedisClient(resources.build());
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
