package chat.magpie.identity.internal;

import chat.magpie.kernel.ErrorCode;
import chat.magpie.kernel.MagpieException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Values of a source that takes its time, never more than 30 seconds old while the source answers.
///
/// A value that is in use is read anew in the background after 15 seconds, so that nobody waits for
/// it; after a pause its first reader waits. While the source does not answer, readers get the
/// value of before, up to a limit of its age, and only the first of them waits for it, for one
/// second.
final class FreshValues<K, V> {
  private static final long FRESH_MILLIS = Duration.ofSeconds(15).toMillis();
  private static final long USABLE_MILLIS = Duration.ofSeconds(30).toMillis();
  private static final long PATIENCE_MILLIS = 1000;

  private final Function<K, V> source;
  private final long longestMillis;
  private final InstantSource clock;
  private final RecentMap<K, Entry<V>> entries;
  private final ConcurrentHashMap<K, CompletableFuture<V>> loads = new ConcurrentHashMap<>();

  /// The last answer of the source was late or a failure.
  private volatile boolean silent;

  /// @param longest how old a value may be while the source does not answer
  FreshValues(Function<K, V> source, Duration longest, InstantSource clock, int capacity) {
    this.source = source;
    this.longestMillis = longest.toMillis();
    this.clock = clock;
    this.entries = new RecentMap<>(capacity);
  }

  /// The value, or what the source throws.
  V get(K key) {
    @Nullable Entry<V> known = entries.get(key);
    if (known == null) {
      return await(load(key));
    }
    long age = Math.abs(clock.millis() - known.atMillis());
    if (age < FRESH_MILLIS) {
      return known.value();
    }
    CompletableFuture<V> load = load(key);
    if (age < USABLE_MILLIS) {
      return known.value();
    }
    try {
      boolean mayWait = !silent || age >= longestMillis;
      return load.get(mayWait ? PATIENCE_MILLIS : 0, TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      silent = true;
      return notOlder(known, age, e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof MagpieException failure
          && failure.code() == ErrorCode.STORAGE_UNAVAILABLE) {
        return notOlder(known, age, failure);
      }
      throw unwrapped(e);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  /// Lets the next reader wait for a new value: this one has changed.
  synchronized void forget(K key) {
    loads.remove(key);
    entries.remove(key);
  }

  private V notOlder(Entry<V> known, long age, Exception cause) {
    if (age < longestMillis) {
      return known.value();
    }
    throw new MagpieException(
        ErrorCode.STORAGE_UNAVAILABLE, ErrorCode.STORAGE_UNAVAILABLE.english(), cause);
  }

  private CompletableFuture<V> load(K key) {
    CompletableFuture<V> begun = new CompletableFuture<>();
    @Nullable CompletableFuture<V> running = loads.putIfAbsent(key, begun);
    if (running != null) {
      return running;
    }
    var _ = Thread.ofVirtual().name("identity-load").start(() -> run(key, begun));
    return begun;
  }

  private void run(K key, CompletableFuture<V> load) {
    long at = clock.millis();
    try {
      V value = source.apply(key);
      keep(key, load, new Entry<>(value, at));
      silent = false;
      load.complete(value);
    } catch (RuntimeException | Error e) {
      silent = true;
      // Before anybody hears of it, so that whoever comes next asks anew.
      loads.remove(key, load);
      load.completeExceptionally(e);
    }
  }

  /// Unless the value was forgotten in the meantime: then this one may be that of before.
  private synchronized void keep(K key, CompletableFuture<V> load, Entry<V> entry) {
    if (loads.remove(key, load)) {
      entries.put(key, entry);
    }
  }

  private static <T> T await(CompletableFuture<T> load) {
    try {
      return load.get();
    } catch (ExecutionException e) {
      throw unwrapped(e);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private static RuntimeException unwrapped(ExecutionException e) {
    return e.getCause() instanceof RuntimeException cause
        ? cause
        : new IllegalStateException(e.getCause());
  }

  private static MagpieException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new MagpieException(ErrorCode.OVERLOADED, ErrorCode.OVERLOADED.english(), e);
  }

  private record Entry<V>(V value, long atMillis) {}
}
