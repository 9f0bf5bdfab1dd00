package chat.magpie.stream;

import chat.magpie.kernel.Position;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// Keeps logs in memory, and can be told to fail, to fall silent, or to lose everything.
public final class InMemoryLogStore implements LogStore {
  private final Map<String, List<LogEntry>> logs = new HashMap<>();
  private final Deque<Unanswered> unanswered = new ArrayDeque<>();
  private final Set<String> forgotten = ConcurrentHashMap.newKeySet();
  private final Set<String> fenced = new HashSet<>();
  private boolean failing;
  private int failingAppends;
  private boolean silent;

  @Override
  public void append(String replyId, LogEntry entry, boolean create, Completion completion) {
    Outcome outcome;
    synchronized (this) {
      if (silent) {
        unanswered.add(new Unanswered(replyId, entry, create, completion));
        return;
      }
      outcome = put(replyId, entry, create);
    }
    completion.completed(outcome);
  }

  private Outcome put(String replyId, LogEntry entry, boolean create) {
    if (failing || failingAppends > 0) {
      failingAppends = Math.max(0, failingAppends - 1);
      return Outcome.FAILED;
    }
    if (fenced.contains(replyId)) {
      return Outcome.REFUSED;
    }
    if (!create && !logs.containsKey(replyId)) {
      return Outcome.MISSING;
    }
    List<LogEntry> log = logs.computeIfAbsent(replyId, id -> new ArrayList<>());
    if (!log.isEmpty() && !entry.position().isAfter(log.getLast().position())) {
      return Outcome.REFUSED;
    }
    log.add(entry);
    return Outcome.APPENDED;
  }

  @Override
  public synchronized List<LogEntry> read(String replyId) {
    if (failing || silent) {
      throw new Unreachable(new IllegalStateException("told to fail"));
    }
    return List.copyOf(logs.getOrDefault(replyId, List.of()));
  }

  @Override
  public Map<String, List<LogEntry>> readAfter(Map<String, Position> positions) {
    Map<String, List<LogEntry>> news = new HashMap<>();
    positions.forEach((replyId, position) -> {
      List<LogEntry> behind =
          read(replyId).stream().filter(entry -> entry.position().isAfter(position)).toList();
      if (!behind.isEmpty()) {
        news.put(replyId, behind);
      }
    });
    return news;
  }

  @Override
  public Optional<Position> last(String replyId) {
    List<LogEntry> log = read(replyId);
    return log.isEmpty() ? Optional.empty() : Optional.of(log.getLast().position());
  }

  @Override
  public void expire(String replyId, Duration ttl) {}

  @Override
  public void forget(String replyId) {
    forgotten.add(replyId);
  }

  /// Whether the owner here has said that it is done with the log.
  public boolean hasForgotten(String replyId) {
    return forgotten.contains(replyId);
  }

  @Override
  public synchronized void erase(String replyId, boolean fence) {
    if (failing || silent) {
      throw new Unreachable(new IllegalStateException("told to fail"));
    }
    if (fence || logs.containsKey(replyId)) {
      fenced.add(replyId);
    }
    logs.remove(replyId);
  }

  @Override
  public synchronized boolean healthy() {
    return !failing && !silent;
  }

  /// From now on every call fails, or works again.
  public synchronized void fail(boolean now) {
    failing = now;
  }

  /// Works again but for so many appends, as a store does that was full and has room now.
  public synchronized void makeRoomAfter(int appends) {
    failing = false;
    failingAppends = appends;
  }

  /// From now on appends are not answered; when it speaks again, it first takes what it was sent,
  /// in that order.
  public void fallSilent(boolean now) {
    if (now) {
      synchronized (this) {
        silent = true;
      }
      return;
    }
    while (true) {
      Unanswered next;
      Outcome outcome;
      synchronized (this) {
        if (unanswered.isEmpty()) {
          silent = false;
          return;
        }
        next = unanswered.removeFirst();
        outcome = put(next.replyId, next.entry, next.create);
      }
      next.completion.completed(outcome);
    }
  }

  private record Unanswered(
      String replyId, LogEntry entry, boolean create, Completion completion) {}

  /// Loses everything.
  public synchronized void wipe() {
    logs.clear();
  }
}
