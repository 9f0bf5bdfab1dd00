package chat.magpie.reply.internal;

import chat.magpie.conversation.Conversations;
import chat.magpie.conversation.ReplyRecord;
import chat.magpie.reply.NodeHints;
import chat.magpie.reply.NodeLeases;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/// Sees to it that every reply has an owner that works on it: keeps this node's lease, looks for
/// replies whose owner is gone, for those of this node that nobody works on, and for those that
/// somebody on another node wants stopped.
final class ReplyKeeper implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(ReplyKeeper.class);
  private static final Duration URGENT_SWEEP = Duration.ofMillis(500);
  private static final Duration FULL_SWEEP = Duration.ofSeconds(5);
  private static final Duration WATCH = Duration.ofMillis(100);

  private final String node;
  private final Optional<NodeLeases> leases;
  private final NodeHints hints;
  private final Duration ttl;
  private final Conversations conversations;
  private final Work work;
  private final Counter takenOver;
  private final List<Thread> threads = new ArrayList<>();
  private volatile boolean closed;
  private volatile boolean displaced;
  private volatile long leaseUntil;
  private volatile long takeOverFrom;
  private volatile int alive = 1;

  /// Of the sweep alone.
  private Set<String> idleBefore = Set.of();

  /// What this node works on.
  interface Work {
    boolean runs(String replyId);

    /// Whether no more replies should be taken on.
    boolean overloaded();

    /// Starts a reply that has been claimed.
    void start(ReplyRecord reply);

    void stop(String replyId, String reason);

    /// Leaves the replies whose log does not reach its store.
    void leaveUnfenced();

    /// Leaves all replies.
    void leaveAll();
  }

  /// @param leases absent where no other node can share the database
  ReplyKeeper(
      String node,
      Optional<NodeLeases> leases,
      NodeHints hints,
      Duration ttl,
      Conversations conversations,
      Work work,
      MeterRegistry registry) {
    this.node = node;
    this.leases = leases;
    this.hints = hints;
    this.ttl = ttl;
    this.conversations = conversations;
    this.work = work;
    this.takenOver =
        Counter.builder("magpie.replies.taken.over")
            .description(
                "Replies of other nodes, and of earlier processes, that this one went on with")
            .register(registry);
    Gauge.builder("magpie.nodes", () -> alive)
        .description("Nodes that hold a lease, as this one saw last")
        .register(registry);
    Gauge.builder("magpie.node.lease.seconds", this::leaseSeconds)
        .description("How long this node's lease still runs; negative once it has run out")
        .register(registry);
  }

  private double leaseSeconds() {
    return leases.isEmpty() ? ttl.toMillis() / 1e3 : (leaseUntil - System.nanoTime()) / 1e9;
  }

  /// Takes the lease, goes on with every reply that this node left unfinished when it went away,
  /// and looks after all others from now on.
  void start() {
    long asked = System.nanoTime();
    leases.ifPresent(lease -> alive = lease.renew(ttl, true).orElse(1));
    renewed(asked);
    // Others may have been away from the database as long as we, and come back just now.
    takeOverFrom = System.nanoTime() + ttl.toNanos();
    goOnWith(conversations.unfinished(node).stream().filter(this::isOurs).toList());
    if (leases.isPresent()) {
      every("lease", ttl.dividedBy(3), () -> renew(leases.get()));
      every("lease-watch", WATCH, this::watch);
      Thread urgent = every("replies-urgent", URGENT_SWEEP, this::sweepUrgent);
      hints.onLook(() -> LockSupport.unpark(urgent));
    }
    every("replies-sweep", FULL_SWEEP, this::sweep);
  }

  /// Runs the task again and again, with this pause at most in between, and when it is unparked.
  private Thread every(String name, Duration pause, Runnable task) {
    Thread thread =
        Thread.ofVirtual()
            .name(name)
            .start(() -> {
              while (!closed && !displaced) {
                // Nodes must not move in step.
                long nanos = pause.toNanos();
                LockSupport.parkNanos(
                    this, nanos - ThreadLocalRandom.current().nextLong(nanos / 4 + 1));
                if (!closed) {
                  quietly(name, task);
                }
              }
            });
    threads.add(thread);
    return thread;
  }

  private static void quietly(String name, Runnable task) {
    try {
      task.run();
    } catch (RuntimeException e) {
      LOG.warnf("%s: %s", name, e.getMessage());
    }
  }

  private void renew(NodeLeases lease) {
    long asked = System.nanoTime();
    boolean wasOver = asked - leaseUntil > 0;
    OptionalInt nodes = lease.renew(ttl, false);
    if (nodes.isPresent()) {
      alive = nodes.getAsInt();
      renewed(asked);
      if (wasOver) {
        LOG.info("The lease of this node had run out; it is held again");
        takeOverFrom = System.nanoTime() + ttl.toNanos();
      }
    } else {
      displaced = true;
      LOG.error(
          "Another server uses the id of this node: no two may work with copies of one data folder."
              + " This one makes no more replies");
      work.leaveAll();
    }
  }

  private void renewed(long asked) {
    leaseUntil = asked + ttl.toNanos();
  }

  /// Without a lease another node may have taken a reply. Its log then refuses what we append, so
  /// the reply may go on as long as the log is reachable, and must not when it is not.
  private void watch() {
    if (System.nanoTime() - leaseUntil > 0) {
      work.leaveUnfenced();
    }
  }

  /// Whether this node may make replies.
  boolean displaced() {
    return displaced;
  }

  private boolean isOurs(ReplyRecord reply) {
    return reply.owner() == null || reply.owner().equals(node);
  }

  private void sweepUrgent() {
    boolean room = !work.overloaded();
    long now = System.nanoTime();
    // A node that was away itself cannot tell who else is.
    boolean mayTakeOver = now - takeOverFrom > 0 && now - leaseUntil < 0;
    List<ReplyRecord> orphans = new ArrayList<>();
    for (ReplyRecord reply : conversations.urgent(node)) {
      if (node.equals(reply.owner())) {
        reply.stopReason().ifPresent(reason -> work.stop(reply.id(), reason));
      } else if (room && (mayTakeOver || reply.owner() == null)) {
        orphans.add(reply);
      }
    }
    Collections.shuffle(orphans);
    goOnWith(orphans);
  }

  /// Goes on with the replies that are as idle as they were the last time. Once is not enough: a
  /// reply that was just committed has not been started yet.
  private void sweep() {
    List<ReplyRecord> idle =
        conversations.unfinished(node).stream()
            .filter(this::isOurs)
            .filter(reply -> !work.runs(reply.id()))
            .toList();
    Set<String> before = idleBefore;
    idleBefore = idle.stream().map(ReplyRecord::id).collect(Collectors.toUnmodifiableSet());
    goOnWith(idle.stream().filter(reply -> before.contains(reply.id())).toList());
  }

  private void goOnWith(List<ReplyRecord> unfinished) {
    for (ReplyRecord left : unfinished) {
      if (closed || displaced) {
        return;
      }
      conversations
          .claim(left.id(), left.epoch(), node)
          .ifPresent(reply -> {
            LOG.infof(
                "Going on with reply %s of %s, attempt %d",
                reply.id(), left.owner() == null ? "nobody" : left.owner(), reply.attempts());
            takenOver.increment();
            work.start(reply);
          });
    }
  }

  /// There is something for other nodes to take on or to stop.
  void hintOthers() {
    if (leases.isPresent()) {
      hints.look();
    }
  }

  /// Gives up what this node owns for the others, after everybody here has stopped working on it.
  void release() {
    try {
      int released = conversations.release(node);
      if (released > 0) {
        LOG.infof("%d replies are left to whoever takes them on", released);
        hintOthers();
      }
    } catch (RuntimeException e) {
      LOG.warnf("The replies of this node could not be given up: %s", e.getMessage());
    }
  }

  /// Stops looking; with the lease, the node itself is given up.
  @Override
  public void close() {
    closed = true;
    threads.forEach(LockSupport::unpark);
    leases.ifPresent(lease -> quietly("lease", lease::leave));
  }
}
