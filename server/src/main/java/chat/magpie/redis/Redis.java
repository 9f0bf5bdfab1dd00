package chat.magpie.redis;

import io.lettuce.core.RedisFuture;
import io.lettuce.core.api.StatefulRedisConnection;
import java.util.List;

/// The connections of this node to Redis. All of them reconnect by themselves; a command that was
/// sent while the connection is down fails at once instead of being queued without bound.
public interface Redis extends AutoCloseable {
  /// The connection that reply logs append on. Commands of one caller reach the server in the order
  /// they were issued.
  StatefulRedisConnection<String, String> appends();

  /// The connection for short, independent commands (memory, reads of a log).
  StatefulRedisConnection<String, String> commands();

  /// Waits for the command's result within the configured time-out; a failure or time-out is a
  /// [RedisFailure].
  <T> T await(RedisFuture<T> command);

  /// Runs the commands as one MULTI … EXEC on a connection of the pool that nobody else uses
  /// meanwhile, and returns their results in order.
  List<Object> transaction(Commands commands);

  /// Whether the last attempt to reach Redis succeeded.
  boolean healthy();

  @Override
  void close();

  /// Issues the commands of a transaction; the futures it gets must not be awaited.
  @FunctionalInterface
  interface Commands {
    void issue(io.lettuce.core.api.async.RedisAsyncCommands<String, String> redis);
  }
}
