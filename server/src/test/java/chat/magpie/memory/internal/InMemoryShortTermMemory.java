package chat.magpie.memory.internal;

import chat.magpie.llm.Tokens;
import chat.magpie.memory.MemoryKey;
import chat.magpie.memory.MemoryMessage;
import chat.magpie.memory.MemoryMeta;
import chat.magpie.memory.ShortTermMemory;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Short-term memory for tests of others: within the process, by a clock that they turn.
public final class InMemoryShortTermMemory implements ShortTermMemory {
  private static final int MAX_MESSAGES = 100;
  private static final Duration TTL = Duration.ofHours(24);

  private final InstantSource clock;
  private final ContextWindow window;
  private final Map<MemoryKey, Held> held = new HashMap<>();
  private boolean available = true;

  private record Held(List<MemoryMessage> newestFirst, MemoryMeta meta, Instant until) {}

  public InMemoryShortTermMemory(Tokens tokens, InstantSource clock) {
    this.window = new ContextWindow(tokens);
    this.clock = clock;
  }

  /// From now on every operation fails, or works again.
  public synchronized void available(boolean available) {
    this.available = available;
  }

  @Override
  public synchronized Window messages(MemoryKey key, int limit, int maxTokens) {
    if (!available) {
      return new Window.Unavailable();
    }
    Held found = find(key);
    return new Window.Read(
        found == null ? List.of() : window.pick(found.newestFirst(), limit, maxTokens));
  }

  @Override
  public synchronized boolean add(MemoryKey key, List<MemoryMessage> messages) {
    if (!available || messages.isEmpty()) {
      return available;
    }
    Held found = find(key);
    Instant now = now();
    List<MemoryMessage> newestFirst = new ArrayList<>(messages.reversed());
    long tokens = messages.stream().mapToLong(MemoryMessage::tokenCount).sum();
    MemoryMeta meta = new MemoryMeta(MemoryMeta.State.ACTIVE, now, messages.size(), now, tokens);
    if (found != null) {
      newestFirst.addAll(found.newestFirst());
      meta =
          new MemoryMeta(
              MemoryMeta.State.ACTIVE,
              now,
              found.meta().messageCount() + messages.size(),
              found.meta().sessionStart(),
              found.meta().totalTokens() + tokens);
    }
    List<MemoryMessage> kept =
        List.copyOf(newestFirst.subList(0, Math.min(MAX_MESSAGES, newestFirst.size())));
    held.put(key, new Held(kept, meta, clock.instant().plus(TTL)));
    return true;
  }

  @Override
  public synchronized Optional<MemoryMeta> meta(MemoryKey key) {
    Held found = available ? find(key) : null;
    return found == null ? Optional.empty() : Optional.of(found.meta());
  }

  @Override
  public synchronized boolean updateState(MemoryKey key, MemoryMeta.State state) {
    Held found = available ? find(key) : null;
    if (found != null) {
      MemoryMeta meta = found.meta();
      held.put(
          key,
          new Held(
              found.newestFirst(),
              new MemoryMeta(
                  state,
                  meta.lastActiveAt(),
                  meta.messageCount(),
                  meta.sessionStart(),
                  meta.totalTokens()),
              found.until()));
    }
    return available;
  }

  @Override
  public synchronized boolean clear(MemoryKey key) {
    if (available) {
      held.remove(key);
    }
    return available;
  }

  @Override
  public synchronized long count(MemoryKey key) {
    Held found = available ? find(key) : null;
    return found == null ? 0 : found.newestFirst().size();
  }

  synchronized Duration lasts(MemoryKey key) {
    Held found = find(key);
    return found == null ? Duration.ZERO : Duration.between(clock.instant(), found.until());
  }

  private @Nullable Held find(MemoryKey key) {
    Held found = held.get(key);
    return found == null || !clock.instant().isBefore(found.until()) ? null : found;
  }

  private Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.SECONDS);
  }
}
