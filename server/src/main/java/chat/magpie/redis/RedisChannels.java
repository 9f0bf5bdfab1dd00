package chat.magpie.redis;

import io.lettuce.core.pubsub.RedisPubSubAdapter;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The subscriptions of this node, all on the connection of one server, wherever that is for now.
final class RedisChannels {
  private static final System.Logger LOG = System.getLogger(RedisChannels.class.getName());
  private static final int WAITING = 1000;

  private final Map<String, List<Reader>> readers = new HashMap<>();
  private @Nullable RedisLinks home;

  /// Subscribes to everything there, unless it does so already.
  synchronized void moveTo(RedisLinks links) {
    if (links.equals(home)) {
      return;
    }
    home = links;
    links
        .channels()
        .addListener(
            new RedisPubSubAdapter<>() {
              @Override
              public void message(String channel, String text) {
                deliver(links, channel, text);
              }
            });
    if (!readers.isEmpty()) {
      send(links, true, readers.keySet().toArray(String[]::new));
    }
  }

  /// The server where everything is subscribed to, or last was.
  synchronized @Nullable RedisLinks home() {
    return home;
  }

  synchronized Redis.Subscription subscribe(String channel, Consumer<String> consumer) {
    Reader reader = new Reader(consumer);
    List<Reader> others = readers.computeIfAbsent(channel, _ -> new CopyOnWriteArrayList<>());
    others.add(reader);
    if (home != null && others.size() == 1) {
      send(home, true, channel);
    }
    return () -> unsubscribe(channel, reader);
  }

  private synchronized void unsubscribe(String channel, Reader reader) {
    reader.thread.interrupt();
    List<Reader> others = readers.getOrDefault(channel, List.of());
    if (others.remove(reader) && others.isEmpty()) {
      readers.remove(channel);
      if (home != null) {
        send(home, false, channel);
      }
    }
  }

  synchronized void close() {
    readers.values().forEach(some -> some.forEach(reader -> reader.thread.interrupt()));
    readers.clear();
    home = null;
  }

  private static void send(RedisLinks links, boolean subscribe, String... channels) {
    var async = links.channels().async();
    var _ =
        (subscribe ? async.subscribe(channels) : async.unsubscribe(channels))
            .whenComplete((done, failure) -> {
              if (failure != null && !links.broken()) {
                LOG.log(System.Logger.Level.WARNING, "Redis refuses channels: " + failure);
              }
            });
  }

  private void deliver(RedisLinks from, String channel, String text) {
    List<Reader> to;
    synchronized (this) {
      if (!from.equals(home)) {
        return;
      }
      to = readers.getOrDefault(channel, List.of());
    }
    to.forEach(reader -> reader.waiting.offer(text));
  }

  /// A consumer with what waits for it.
  private static final class Reader {
    private final Consumer<String> consumer;
    private final BlockingQueue<String> waiting = new ArrayBlockingQueue<>(WAITING);
    private final Thread thread = Thread.ofVirtual().name("redis-channel").start(this::run);

    Reader(Consumer<String> consumer) {
      this.consumer = consumer;
    }

    private void run() {
      try {
        while (true) {
          String text = waiting.take();
          try {
            consumer.accept(text);
          } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.ERROR, "A consumer of a channel failed", e);
          }
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
