package chat.magpie.redis;

import io.lettuce.core.RedisFuture;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.async.RedisAsyncCommands;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The connections of this node to Redis. After a time-out or a lost connection everything in
/// flight fails, and every call here throws [RedisFailure] at once, until a probe in the background
/// has reached Redis again. A command that failed so may or may not have been carried out; none is
/// sent twice.
///
/// Strings are UTF-8. Ask for a connection at each use: a new one replaces it after a failure.
public interface Redis extends AutoCloseable {
  /// The connection that reply logs append on. Commands of one caller reach the server in the order
  /// they were issued. Throws [RedisFailure] at once while Redis is down.
  StatefulRedisConnection<String, String> appends();

  /// The connection for short, independent commands (memory, reads of a log). Throws [RedisFailure]
  /// at once while Redis is down.
  StatefulRedisConnection<String, String> commands();

  /// Waits for the command's result within the configured time-out; a failure or time-out is a
  /// [RedisFailure]. What Redis answers with nil is null.
  <T extends @Nullable Object> T await(RedisFuture<T> command);

  /// Runs the commands as one MULTI … EXEC and returns their results in order; nothing else comes
  /// between them. A [RedisFailure] where one of them was refused.
  List<Object> transaction(Commands commands);

  /// Whether the last attempt to reach Redis succeeded.
  boolean healthy();

  /// Asks Redis for a sign of life and returns how long that took.
  Duration probe();

  @Override
  void close();

  /// Issues the commands of a transaction; the futures it gets must not be awaited.
  @FunctionalInterface
  interface Commands {
    void issue(RedisAsyncCommands<String, String> redis);
  }
}
