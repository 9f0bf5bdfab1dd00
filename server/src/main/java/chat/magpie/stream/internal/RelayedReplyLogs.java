package chat.magpie.stream.internal;

import chat.magpie.stream.LogEntry;
import chat.magpie.stream.LogStore;
import chat.magpie.stream.LogStore.Unreachable;
import chat.magpie.stream.OwnedReplyLog;
import chat.magpie.stream.ReplyLog;
import chat.magpie.stream.ReplyLogs;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// All reply logs of this node, with one thread that looks after those whose store fails and lets
/// go of those that have ended.
public final class RelayedReplyLogs implements ReplyLogs, AutoCloseable {
  private static final Duration TICK = Duration.ofMillis(100);

  /// Logs that are over are looked at this much more seldom.
  private static final int LINGER_TICKS = 10;

  /// How long readers of an ended reply are served from memory before the store serves them.
  private static final Duration LINGER = Duration.ofSeconds(5);

  /// How long the end of a reply waits for a store that is away; the system of record has it.
  private static final Duration GIVE_UP = Duration.ofMinutes(10);

  private final LogStore store;
  private final Duration ttlAfterEnd;
  private final Duration stallLimit;
  private final StoreTails tails;
  private final Map<String, RelayedReplyLog> live = new ConcurrentHashMap<>();
  private final Map<String, Long> endedSince = new ConcurrentHashMap<>();
  private final Set<RelayedReplyLog> broken = ConcurrentHashMap.newKeySet();
  private final Thread caretaker;
  private volatile boolean closed;

  /// @param stallLimit how long readers wait for a silent store before they are served without it
  /// @param ended which of these replies have ended, as the system of record knows
  public RelayedReplyLogs(
      LogStore store,
      Duration ttlAfterEnd,
      Duration stallLimit,
      Function<Collection<String>, Set<String>> ended) {
    this.tails = new StoreTails(store, ended);
    this.store = store;
    this.ttlAfterEnd = ttlAfterEnd;
    this.stallLimit = stallLimit;
    this.caretaker = Thread.ofVirtual().name("reply-logs").start(this::look);
  }

  @Override
  public OwnedReplyLog prepare(String replyId) {
    RelayedReplyLog log =
        live.compute(
            replyId,
            (id, known) -> {
              if (known != null && !known.abandoned()) {
                return known;
              }
              endedSince.remove(id);
              return new RelayedReplyLog(id, store, ttlAfterEnd, this::repair);
            });
    tails.leave(replyId);
    return log;
  }

  @Override
  public ReplyLog follow(String replyId) {
    @Nullable ReplyLog own = own(replyId);
    if (own != null) {
      return own;
    }
    ReplyLog tail = tails.follow(replyId);
    // It may have come here in between; then nobody would send the reader on.
    own = own(replyId);
    return own != null ? own : tail;
  }

  private @Nullable RelayedReplyLog own(String replyId) {
    @Nullable RelayedReplyLog log = live.get(replyId);
    return log == null || log.abandoned() ? null : log;
  }

  @Override
  public List<LogEntry> stored(String replyId) {
    @Nullable RelayedReplyLog own = own(replyId);
    if (own != null && own.visible() > 0) {
      return own.seen();
    }
    try {
      return store.read(replyId);
    } catch (Unreachable e) {
      return List.of();
    }
  }

  @Override
  public void erase(String replyId, boolean fence) {
    store.erase(replyId, fence);
  }

  private void repair(RelayedReplyLog log) {
    broken.add(log);
    LockSupport.unpark(caretaker);
  }

  private void look() {
    int ticks = 0;
    while (!closed) {
      LockSupport.parkNanos(this, TICK.toNanos());
      for (RelayedReplyLog log : List.copyOf(broken)) {
        // Taken out first: a failure during the repair puts it in again.
        broken.remove(log);
        if (!log.reattach()) {
          broken.add(log);
        }
      }
      live.values().stream().filter(log -> !log.ended()).forEach(log -> log.checkStall(stallLimit));
      if (++ticks % LINGER_TICKS == 0) {
        live.values().forEach(this::letGo);
      }
    }
  }

  /// Forgets a log that has been over for long enough.
  private void letGo(RelayedReplyLog log) {
    if (!log.ended() && !log.settled()) {
      return;
    }
    long now = System.nanoTime();
    long since = endedSince.computeIfAbsent(log.replyId(), id -> now);
    Duration age = Duration.ofNanos(now - since);
    if (age.compareTo(log.settled() ? LINGER : GIVE_UP) > 0) {
      live.computeIfPresent(
          log.replyId(),
          (id, known) -> {
            if (known != log) {
              return known;
            }
            store.forget(id);
            return null;
          });
      endedSince.remove(log.replyId());
      broken.remove(log);
    }
  }

  @Override
  public void close() {
    closed = true;
    tails.close();
    LockSupport.unpark(caretaker);
  }
}
