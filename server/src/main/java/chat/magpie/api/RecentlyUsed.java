package chat.magpie.api;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/// A bounded map that forgets what was used longest ago. Safe for many threads; every call is
/// short.
final class RecentlyUsed<V> {
  private final ReentrantLock lock = new ReentrantLock();
  private final LinkedHashMap<String, V> entries;

  RecentlyUsed(int capacity) {
    entries =
        new LinkedHashMap<>(16, 0.75f, true) {
          @Override
          protected boolean removeEldestEntry(Map.Entry<String, V> eldest) {
            return size() > capacity;
          }
        };
  }

  /// The entry, made now if there is none.
  V get(String key, Supplier<V> maker) {
    lock.lock();
    try {
      return entries.computeIfAbsent(key, _ -> maker.get());
    } finally {
      lock.unlock();
    }
  }

  Optional<V> find(String key) {
    lock.lock();
    try {
      return Optional.ofNullable(entries.get(key));
    } finally {
      lock.unlock();
    }
  }

  int size() {
    lock.lock();
    try {
      return entries.size();
    } finally {
      lock.unlock();
    }
  }
}
