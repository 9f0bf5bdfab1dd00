package chat.magpie.character.internal;

import chat.magpie.character.Persona;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The characters of each tenant in memory, never more than 5 seconds old.
///
/// While they are used, they are read anew in the background, so that nobody waits for it; only the
/// first reader after a pause does. Where the source fails, readers keep what was there before.
final class PersonaCache {
  private static final long FRESH_NANOS = Duration.ofSeconds(2).toNanos();
  private static final long USABLE_NANOS = Duration.ofSeconds(5).toNanos();

  private final Function<String, List<Persona>> source;
  private final LongSupplier nanoTime;
  private final Map<String, Entry> entries = new ConcurrentHashMap<>();

  PersonaCache(Function<String, List<Persona>> source) {
    this(source, System::nanoTime);
  }

  PersonaCache(Function<String, List<Persona>> source, LongSupplier nanoTime) {
    this.source = source;
    this.nanoTime = nanoTime;
  }

  /// The characters of the tenant.
  Snapshot of(String tenantId) {
    return entry(tenantId).current();
  }

  /// Reads the tenant's characters anew, so that whoever comes later sees what has been committed.
  void reload(String tenantId) {
    entry(tenantId).load();
  }

  private Entry entry(String tenantId) {
    Entry entry = entries.get(tenantId);
    return entry != null ? entry : entries.computeIfAbsent(tenantId, Entry::new);
  }

  /// One tenant's characters. Loads happen one after the other, so that an older one never replaces
  /// a newer one.
  private final class Entry {
    private final String tenantId;
    private final ReentrantLock loading = new ReentrantLock();
    private volatile @Nullable Snapshot snapshot;

    Entry(String tenantId) {
      this.tenantId = tenantId;
    }

    Snapshot current() {
      Snapshot seen = snapshot;
      if (seen == null) {
        return loadUnlessNewerThan(null);
      }
      long age = nanoTime.getAsLong() - seen.loadedAt();
      if (age < FRESH_NANOS) {
        return seen;
      }
      if (age < USABLE_NANOS) {
        if (!loading.isLocked()) {
          Thread.startVirtualThread(() -> loadUnlessNewerThan(seen));
        }
        return seen;
      }
      return loadUnlessNewerThan(seen);
    }

    void load() {
      loading.lock();
      try {
        long now = nanoTime.getAsLong();
        snapshot = Snapshot.of(source.apply(tenantId), now);
      } finally {
        loading.unlock();
      }
    }

    /// Loads, unless somebody did since `seen` was current.
    private Snapshot loadUnlessNewerThan(@Nullable Snapshot seen) {
      loading.lock();
      try {
        Snapshot latest = snapshot;
        if (latest == null || (seen != null && latest.loadedAt() == seen.loadedAt())) {
          long now = nanoTime.getAsLong();
          latest = Snapshot.of(source.apply(tenantId), now);
          snapshot = latest;
        }
        return latest;
      } catch (RuntimeException e) {
        if (seen == null) {
          throw e;
        }
        System.getLogger(PersonaCache.class.getName())
            .log(System.Logger.Level.WARNING, "characters could not be read anew", e);
        Snapshot kept = seen.keptAt(nanoTime.getAsLong());
        snapshot = kept;
        return kept;
      } finally {
        loading.unlock();
      }
    }
  }

  /// The characters as they were at one moment.
  ///
  /// @param loadedAt on the monotonic clock, before the read began
  record Snapshot(List<Persona> all, Map<String, Persona> byId, long loadedAt) {
    static Snapshot of(List<Persona> personas, long loadedAt) {
      List<Persona> sorted = personas.stream().sorted(Comparator.comparing(Persona::id)).toList();
      Map<String, Persona> byId =
          sorted.stream().collect(Collectors.toUnmodifiableMap(Persona::id, Function.identity()));
      return new Snapshot(sorted, byId, loadedAt);
    }

    Optional<Persona> find(String id) {
      return Optional.ofNullable(byId.get(id));
    }

    /// The same, to be tried again after a while.
    Snapshot keptAt(long now) {
      return new Snapshot(all, byId, now);
    }
  }
}
