package chat.magpie.redis;

import io.lettuce.core.RedisFuture;
import io.lettuce.core.StreamMessage;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/// The connections of this node to Redis: one server, the master behind Sentinels, or the masters
/// of a Cluster. At the first sign of trouble the connections to a server are given up, everything
/// in flight on them fails, and every call for what it holds throws [RedisFailure] at once, until
/// an attempt in the background has reached it, or its successor, again. A command that failed so
/// may or may not have been carried out; none is sent twice, and none is redirected.
///
/// Strings are UTF-8.
public interface Redis extends AutoCloseable {
  /// The server that holds the key. Ask at each use: another one may hold it after a failure.
  /// Throws [RedisFailure] at once while there is none.
  RedisNode at(String key);

  /// Reads what streams have after the given ids, without waiting for more. One future per command:
  /// one in all, or one per slot on a Cluster, where the keys should share few hash tags. Each
  /// completes within the time-out, on a thread that must not be held up; a failure is a
  /// [RedisFailure]. Empty lists where there is nothing new.
  ///
  /// @param after for each key the id behind which to read
  /// @param count entries per key at most
  List<RedisFuture<List<StreamMessage<String, String>>>> xread(
      Map<String, String> after, int count);

  /// Sends a text to the subscribers of a channel on all nodes: at most once, and not at all while
  /// Redis is away. Never blocks and never fails.
  void publish(String channel, String text);

  /// Hands texts sent to the channel to the consumer, in their order, one at a time, on a virtual
  /// thread of its own. The subscription begins soon after this call and is renewed after every
  /// failure; texts sent in between are lost, as are those that come while more than a thousand
  /// wait for the consumer. So they can be hints and no more.
  Subscription subscribe(String channel, Consumer<String> consumer);

  /// Whether several keys of one command must share a hash tag.
  boolean cluster();

  /// Whether every key has a server that the last attempt has reached.
  boolean healthy();

  /// Asks Redis (on a Cluster, all its masters) for a sign of life and returns how long that took.
  Duration probe();

  @Override
  void close();

  /// Ends when closed: a text that is sent afterwards does not reach the consumer; one that it is
  /// being handed at that moment may.
  interface Subscription extends AutoCloseable {
    @Override
    void close();
  }
}
