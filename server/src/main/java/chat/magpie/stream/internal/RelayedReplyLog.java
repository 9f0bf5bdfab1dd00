package chat.magpie.stream.internal;

import chat.magpie.kernel.Position;
import chat.magpie.stream.LogEntry;
import chat.magpie.stream.LogStore;
import chat.magpie.stream.LogStore.Outcome;
import chat.magpie.stream.LogStore.Unreachable;
import chat.magpie.stream.OwnedReplyLog;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/// A reply log in memory whose entries become visible as the store confirms them.
///
/// Entries `0 … size-1` exist; readers see `0 … visible-1`. The [Link] says what stands between the
/// two: confirmations in flight, a store that is away, or nothing any more because another owner
/// has the reply. All state changes happen under the object's monitor, which nobody holds while
/// waiting for the store.
final class RelayedReplyLog implements OwnedReplyLog {
  /// Appends that may be unconfirmed: enough to hide a round trip, few enough to bound what a dead
  /// store can hold back.
  private static final int MAX_IN_FLIGHT = 32;

  /// A log lives this long in the store even if nobody is left to end it.
  private static final Duration ORPHAN_TTL = Duration.ofHours(24);

  /// How the memory and the store stand to each other.
  private enum Link {
    /// No epoch is open.
    CLOSED,
    /// Every append goes to the store; its confirmation makes the entry visible.
    ATTACHED,
    /// The store refused an append; until it is known why, nothing becomes visible.
    SUSPECT,
    /// The store is away; entries become visible at once and are delivered later.
    DETACHED,
    /// Another owner has the reply.
    LOST
  }

  private final String replyId;
  private final LogStore store;
  private final Duration ttlAfterEnd;
  private final Consumer<RelayedReplyLog> repair;
  private final List<Runnable> readers = new CopyOnWriteArrayList<>();

  private final EntryList entries = new EntryList();
  private volatile boolean degraded;
  private Link link = Link.CLOSED;
  private long epoch;
  private long seq;
  private long oldestUnconfirmedSince;
  private boolean flushing;

  /// @param repair called when the store has to be given what it misses; must not block
  RelayedReplyLog(
      String replyId, LogStore store, Duration ttlAfterEnd, Consumer<RelayedReplyLog> repair) {
    this.replyId = replyId;
    this.store = store;
    this.ttlAfterEnd = ttlAfterEnd;
    this.repair = repair;
  }

  @Override
  public String replyId() {
    return replyId;
  }

  @Override
  public List<LogEntry> open(long newEpoch, String node) {
    List<LogEntry> earlier = List.of();
    synchronized (this) {
      epoch = newEpoch;
      seq = 0;
      link = Link.ATTACHED;
    }
    LogEntry claim = new LogEntry(new Position(newEpoch, 0), LogEntry.Kind.CLAIM, node);
    if (newEpoch > 1) {
      earlier = takeOver(claim);
    } else {
      put(claim, true);
    }
    store.expire(replyId, ORPHAN_TTL);
    return earlier;
  }

  /// Claims first, then reads: what an older owner appends after the claim is refused by the store,
  /// so what is read is all there will ever be of it.
  private List<LogEntry> takeOver(LogEntry claim) {
    var answer = new java.util.concurrent.CompletableFuture<Outcome>();
    store.append(replyId, claim, true, answer::complete);
    Outcome outcome =
        answer
            .orTimeout(2, java.util.concurrent.TimeUnit.SECONDS)
            .exceptionally(late -> Outcome.FAILED)
            .join();
    if (outcome == Outcome.REFUSED) {
      lose();
      throw new Fenced(replyId);
    }
    List<LogEntry> earlier = List.of();
    try {
      if (outcome == Outcome.APPENDED) {
        earlier =
            store.read(replyId).stream()
                .filter(e -> claim.position().isAfter(e.position()))
                .toList();
      }
    } catch (Unreachable e) {
      outcome = Outcome.FAILED;
    }
    synchronized (this) {
      entries.clear();
      earlier.forEach(entries::add);
      entries.add(claim);
      if (outcome != Outcome.APPENDED) {
        detach();
      }
      entries.show(entries.size());
    }
    wake();
    return earlier;
  }

  @Override
  public void append(LogEntry.Kind kind, String data) {
    Position position;
    synchronized (this) {
      position = new Position(epoch, ++seq);
    }
    put(new LogEntry(position, kind, data), false);
  }

  @Override
  public void seal(String terminalEvent) {
    put(new LogEntry(Position.END, LogEntry.Kind.END, terminalEvent), false);
    synchronized (this) {
      if (link != Link.ATTACHED) {
        return;
      }
    }
    store.expire(replyId, ttlAfterEnd);
  }

  private void put(LogEntry entry, boolean create) {
    int index;
    boolean send;
    synchronized (this) {
      awaitRoom();
      if (link == Link.LOST || link == Link.CLOSED) {
        throw new Fenced(replyId);
      }
      index = entries.size();
      if (entries.visible() == index) {
        oldestUnconfirmedSince = System.nanoTime();
      }
      entries.add(entry);
      send = link == Link.ATTACHED;
      if (link == Link.DETACHED) {
        entries.show(index + 1);
      }
    }
    if (send) {
      store.append(replyId, entry, create, outcome -> completed(index, outcome));
    } else {
      wake();
    }
  }

  private void awaitRoom() {
    boolean interrupted = false;
    while ((link == Link.ATTACHED || link == Link.SUSPECT) && unconfirmed() >= MAX_IN_FLIGHT) {
      try {
        wait();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private int unconfirmed() {
    return entries.size() - entries.visible();
  }

  private void completed(int index, Outcome outcome) {
    synchronized (this) {
      if (link != Link.ATTACHED || index < entries.visible()) {
        return;
      }
      switch (outcome) {
        case APPENDED -> confirm(index + 1);
        case MISSING, REFUSED -> {
          link = Link.SUSPECT;
          repair.accept(this);
        }
        case FAILED -> detach();
      }
    }
    wake();
  }

  private void confirm(int upTo) {
    boolean awaited = unconfirmed() >= MAX_IN_FLIGHT || flushing;
    entries.show(upTo);
    oldestUnconfirmedSince = System.nanoTime();
    if (awaited) {
      notifyAll();
    }
  }

  private void detach() {
    link = Link.DETACHED;
    degraded = true;
    entries.show(entries.size());
    notifyAll();
    repair.accept(this);
  }

  /// Readers are woken too: they are led to where the reply goes on.
  private void lose() {
    synchronized (this) {
      link = Link.LOST;
      notifyAll();
    }
    wake();
  }

  @Override
  public boolean flush(Duration limit) {
    long deadline = System.nanoTime() + limit.toNanos();
    synchronized (this) {
      flushing = true;
      while (link == Link.ATTACHED && unconfirmed() > 0) {
        long left = Duration.ofNanos(deadline - System.nanoTime()).toMillis();
        if (left <= 0) {
          break;
        }
        try {
          wait(left);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          break;
        }
      }
      return link == Link.ATTACHED && unconfirmed() == 0;
    }
  }

  @Override
  public synchronized boolean detached() {
    return link == Link.DETACHED;
  }

  @Override
  public void abandon() {
    lose();
  }

  /// Goes on without the store where it has left an append unanswered for too long.
  void checkStall(Duration limit) {
    synchronized (this) {
      boolean waiting = link == Link.ATTACHED && unconfirmed() > 0;
      if (!waiting || System.nanoTime() - oldestUnconfirmedSince < limit.toNanos()) {
        return;
      }
      detach();
    }
    wake();
  }

  /// Gives the store what it misses, from wherever it stands, and attaches again. Blocks. Returns
  /// whether there is nothing left to do.
  boolean reattach() {
    try {
      while (true) {
        Optional<Position> last = store.last(replyId);
        int from;
        int upTo;
        synchronized (this) {
          if (link != Link.DETACHED && link != Link.SUSPECT) {
            return true;
          }
          from = last.map(this::after).orElse(0);
          upTo = entries.size();
          if (from < 0) {
            lose(); // waking readers waits for nothing, so it may be done here
            return true;
          }
          if (from == upTo) {
            link = Link.ATTACHED;
            confirm(upTo);
            notifyAll();
            break;
          }
        }
        if (!deliver(from, upTo)) {
          return false;
        }
      }
    } catch (Unreachable e) {
      synchronized (this) {
        if (link == Link.SUSPECT) {
          detach();
        }
      }
      wake();
      return false;
    }
    store.expire(replyId, ended() ? ttlAfterEnd : ORPHAN_TTL);
    wake();
    return true;
  }

  /// The index behind the position, or -1 where the position is not of this log's making.
  private int after(Position last) {
    for (int i = entries.size() - 1; i >= 0; i--) {
      int order = entries.get(i).position().compareTo(last);
      if (order == 0) {
        return i + 1;
      }
      if (order < 0) {
        return last.epoch() == epoch ? i + 1 : -1;
      }
    }
    return 0;
  }

  /// The first by itself: as long as the store fails it (it is full, say), nothing that is already
  /// behind it on the way can get in after all and leave a hole.
  private boolean deliver(int from, int upTo) {
    return send(from, from + 1) && (from + 1 == upTo || send(from + 1, upTo));
  }

  private boolean send(int from, int upTo) {
    var outcome = new java.util.concurrent.CompletableFuture<Boolean>();
    for (int i = from; i < upTo; i++) {
      boolean lastOne = i == upTo - 1;
      store.append(
          replyId,
          entries.get(i),
          i == 0,
          o -> {
            if (o == Outcome.FAILED) {
              outcome.complete(false);
            } else if (lastOne) {
              outcome.complete(true);
            }
          });
    }
    return outcome.completeOnTimeout(false, 5, java.util.concurrent.TimeUnit.SECONDS).join();
  }

  @Override
  public boolean degraded() {
    return degraded;
  }

  @Override
  public int visible() {
    return entries.visible();
  }

  @Override
  public LogEntry entry(int index) {
    return entries.get(index);
  }

  List<LogEntry> seen() {
    return entries.seen();
  }

  @Override
  public boolean ended() {
    return entries.ended();
  }

  @Override
  public synchronized boolean abandoned() {
    return link == Link.LOST;
  }

  synchronized boolean settled() {
    return link == Link.LOST || (link == Link.ATTACHED && ended());
  }

  @Override
  public Optional<Integer> indexOf(Position position) {
    return entries.indexOf(position);
  }

  @Override
  public Subscription subscribe(Runnable wake) {
    readers.add(wake);
    return () -> readers.remove(wake);
  }

  private void wake() {
    for (Runnable reader : readers) {
      reader.run();
    }
  }

  @Override
  public String toString() {
    return "reply log " + replyId + " at " + entries;
  }
}
