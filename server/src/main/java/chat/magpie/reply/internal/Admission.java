package chat.magpie.reply.internal;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// Decides which replies of this node may generate now: at most so many in all and so many of one
/// user, first come, first served among those that may.
final class Admission {
  private final int limit;
  private final int limitPerUser;
  private final int maxWaiting;
  private final Map<String, Integer> runningByUser = new HashMap<>();
  private final Queue<Ticket> waiting = new ArrayDeque<>();
  private int running;
  private int arriving;

  Admission(int limit, int limitPerUser, int maxWaiting) {
    this.limit = limit;
    this.limitPerUser = limitPerUser;
    this.maxWaiting = maxWaiting;
  }

  /// Whether no more replies should be taken on.
  synchronized boolean overloaded() {
    return waiting.size() >= maxWaiting;
  }

  /// Announces a reply that may come, once its message is stored; false where there is no room for
  /// it. Counted until [#arrived], so that a burst cannot slip through while its messages are
  /// stored.
  synchronized boolean arrive() {
    int free = Math.max(0, limit - running);
    if (waiting.size() + arriving >= maxWaiting + free) {
      return false;
    }
    arriving++;
    return true;
  }

  /// The announced reply has entered, or will not come.
  synchronized void arrived() {
    arriving--;
  }

  /// Asks to run; the ticket tells when.
  synchronized Ticket enter(String user) {
    Ticket ticket = new Ticket(user);
    waiting.add(ticket);
    admit();
    return ticket;
  }

  synchronized int running() {
    return running;
  }

  synchronized int waiting() {
    return waiting.size();
  }

  private void admit() {
    for (Iterator<Ticket> next = waiting.iterator(); running < limit && next.hasNext(); ) {
      Ticket ticket = next.next();
      int own = runningByUser.getOrDefault(ticket.user, 0);
      if (own < limitPerUser) {
        next.remove();
        running++;
        runningByUser.put(ticket.user, own + 1);
        ticket.admitted = true;
        LockSupport.unpark(ticket.thread);
      }
    }
  }

  /// One reply's place.
  final class Ticket implements AutoCloseable {
    private final String user;
    private boolean admitted;
    private boolean cancelled;
    private @Nullable Thread thread;

    private Ticket(String user) {
      this.user = user;
    }

    /// Waits until the reply may run; false where it was cancelled instead.
    boolean await() {
      synchronized (Admission.this) {
        thread = Thread.currentThread();
      }
      while (true) {
        synchronized (Admission.this) {
          if (admitted || cancelled) {
            return admitted;
          }
        }
        LockSupport.park(this);
      }
    }

    /// Ends the waiting; a reply that runs already goes on.
    void cancel() {
      synchronized (Admission.this) {
        cancelled = true;
        LockSupport.unpark(thread);
      }
    }

    @Override
    public void close() {
      synchronized (Admission.this) {
        if (admitted) {
          admitted = false;
          running--;
          runningByUser.computeIfPresent(user, (u, n) -> n == 1 ? null : n - 1);
        } else {
          waiting.remove(this);
        }
        admit();
      }
    }
  }
}
