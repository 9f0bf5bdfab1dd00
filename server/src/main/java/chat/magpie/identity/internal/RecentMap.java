package chat.magpie.identity.internal;

import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// A map that forgets what has not been used lately. It holds between `limit` and 2 × `limit`
/// entries of what was used last; safe for use by many threads, and reads do not lock.
final class RecentMap<K, V> {
  private final int limit;
  private volatile ConcurrentHashMap<K, V> young = new ConcurrentHashMap<>();
  private volatile ConcurrentHashMap<K, V> old = new ConcurrentHashMap<>();

  RecentMap(int limit) {
    this.limit = limit;
  }

  @Nullable V get(K key) {
    V value = young.get(key);
    if (value == null) {
      value = old.get(key);
      if (value != null) {
        put(key, value);
      }
    }
    return value;
  }

  void put(K key, V value) {
    young.put(key, value);
    if (young.size() > limit) {
      rotate();
    }
  }

  void remove(K key) {
    young.remove(key);
    old.remove(key);
  }

  void removeIf(Predicate<V> condition) {
    old.values().removeIf(condition);
    young.values().removeIf(condition);
  }

  private synchronized void rotate() {
    if (young.size() > limit) {
      old = young;
      young = new ConcurrentHashMap<>();
    }
  }
}
