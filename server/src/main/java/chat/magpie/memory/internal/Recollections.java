package chat.magpie.memory.internal;

import chat.magpie.memory.MemoryKey;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/// The recollections of those who were here lately, as many as fit; those who were here longest ago
/// go first. They can all be made again.
final class Recollections {
  private final long capacity;
  private final Function<MemoryKey, Recollection> make;
  private final Map<MemoryKey, Recollection> held = new LinkedHashMap<>(16, .75f, true);
  private final Counter hits;
  private final Counter misses;

  Recollections(long capacity, Function<MemoryKey, Recollection> make, MeterRegistry registry) {
    this.capacity = capacity;
    this.make = make;
    this.hits = counter(registry, "hit");
    this.misses = counter(registry, "miss");
    Gauge.builder("magpie.memory.recall.cache.bytes", this, Recollections::bytes)
        .description("What indexes of long-term memory take, roughly")
        .register(registry);
  }

  private static Counter counter(MeterRegistry registry, String result) {
    return Counter.builder("magpie.memory.recall.cache")
        .description("Recalls by whether the index was in memory")
        .tag("result", result)
        .register(registry);
  }

  /// That of an owner; a new one is empty and is filled by its first use.
  Recollection of(MemoryKey owner) {
    synchronized (held) {
      return held.computeIfAbsent(owner, make);
    }
  }

  Optional<Recollection> held(MemoryKey owner) {
    synchronized (held) {
      return Optional.ofNullable(held.get(owner));
    }
  }

  /// To be called after each use.
  void used(boolean fresh) {
    (fresh ? misses : hits).increment();
    synchronized (held) {
      long left = bytes();
      Iterator<Recollection> eldest = held.values().iterator();
      while (left > capacity && held.size() > 1 && eldest.hasNext()) {
        left -= eldest.next().bytes();
        eldest.remove();
      }
    }
  }

  long bytes() {
    synchronized (held) {
      return held.values().stream().mapToLong(recollection -> recollection.bytes() + 500).sum();
    }
  }
}
