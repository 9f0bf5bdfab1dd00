package chat.magpie.handover.internal;

import chat.magpie.conversation.Conversation;
import chat.magpie.conversation.Desk;
import chat.magpie.conversation.Desk.Load;
import chat.magpie.conversation.Handover;
import chat.magpie.handover.Agent.Presence;
import chat.magpie.handover.Assigner;
import chat.magpie.handover.DeskSettings;
import chat.magpie.handover.DeskSettings.Assignment;
import chat.magpie.kernel.MagpieException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/// Brings conversations to agents, takes them back from agents who have gone, and notices targets
/// that were missed. Every node has one that looks at all queues; what two of them see at once, one
/// does.
///
/// It looks when it is told that something has changed on this node, and else every now and then
/// for what was done on others.
final class Router implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(Router.class);

  /// How long at least between two looks, however often it is told.
  private static final Duration PAUSE = Duration.ofMillis(100);

  private static final int BATCH = 1000;
  private static final int LOOKS_PER_CLEANING = 10;

  private final Desk desk;
  private final DeskBook book;
  private final Assigner assigner;
  private final DeskMetrics metrics;
  private final InstantSource clock;
  private final long ttlMillis;
  private final Duration interval;
  private final Semaphore told = new Semaphore(0);
  private volatile Set<String> automatic = Set.of();
  private volatile boolean closed;
  private boolean failing;
  private int looks;

  Router(
      Desk desk,
      DeskBook book,
      Assigner assigner,
      DeskMetrics metrics,
      InstantSource clock,
      long ttlMillis,
      Duration interval) {
    this.desk = desk;
    this.book = book;
    this.assigner = assigner;
    this.metrics = metrics;
    this.clock = clock;
    this.ttlMillis = ttlMillis;
    this.interval = interval;
  }

  void start() {
    Thread.ofVirtual().name("desk-router").start(this::run);
  }

  /// Something has changed that may bring a conversation to an agent. Never blocks.
  void tell() {
    told.release();
  }

  /// As [#tell], if conversations of this tenant are assigned by the server.
  void grew(String tenantId) {
    if (automatic.contains(tenantId)) {
      tell();
    }
  }

  @Override
  public void close() {
    closed = true;
    tell();
  }

  private void run() {
    try {
      while (!closed) {
        lookUnlessItFails();
        var _ = told.tryAcquire(interval.toMillis(), TimeUnit.MILLISECONDS);
        Thread.sleep(PAUSE);
        told.drainPermits();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void lookUnlessItFails() {
    try {
      look();
      failing = false;
    } catch (MagpieException e) {
      if (!failing) {
        LOG.warnf("The desk cannot be looked at for now: %s", e.getMessage());
      }
      failing = true;
    } catch (RuntimeException e) {
      LOG.error("Looking at the desk failed", e);
    }
  }

  /// Does all that is to be done now.
  void look() {
    book.refresh();
    long now = clock.millis();
    automatic =
        book.all().entrySet().stream()
            .filter(entry -> entry.getValue().settings().assignment() != Assignment.MANUAL)
            .map(Map.Entry::getKey)
            .collect(Collectors.toUnmodifiableSet());
    release(now);
    List<Desk.Waiting> queues = desk.waiting();
    queues.forEach(this::route);
    announceMissed(now);
    measure(now, queues);
    if (looks++ % LOOKS_PER_CLEANING == 0) {
      var _ = desk.closeEnded(BATCH);
    }
  }

  private void route(Desk.Waiting queue) {
    DeskBook.Desk known = book.of(queue.tenantId());
    DeskSettings settings = known.settings();
    if (settings.assignment() == Assignment.MANUAL || !settings.openAt(clock.instant())) {
      return;
    }
    List<AgentTable.Row> online =
        known.agents().stream()
            .filter(agent -> agent.presence(clock.millis(), ttlMillis) == Presence.ONLINE)
            .toList();
    if (online.isEmpty()) {
      return;
    }
    Map<String, Load> loads = desk.loads(queue.tenantId());
    for (Conversation conversation : desk.queue(queue.tenantId(), BATCH)) {
      List<Candidate> free = free(online, settings, loads);
      if (free.isEmpty()) {
        return;
      }
      Optional<Candidate> chosen =
          free.stream()
              .filter(candidate -> candidate.mayTake(conversation))
              .min(order(settings.assignment()));
      if (chosen.isPresent()) {
        assign(conversation, chosen.get());
        loads = desk.loads(queue.tenantId());
      }
    }
  }

  private void assign(Conversation conversation, Candidate agent) {
    boolean done =
        assigner.assign(
            conversation.tenantId(),
            conversation.id(),
            agent.row().userId(),
            agent.load(),
            agent.capacity());
    if (done) {
      metrics.assigned();
    } else {
      tell(); // Somebody was faster, with the agent or the conversation: look again.
    }
  }

  private static List<Candidate> free(
      List<AgentTable.Row> online, DeskSettings settings, Map<String, Load> loads) {
    return online.stream()
        .map(row ->
            new Candidate(
                row,
                loads.getOrDefault(row.userId(), Load.NONE),
                row.capacity().orElse(settings.capacity())))
        .filter(candidate -> candidate.load().conversations() < candidate.capacity())
        .toList();
  }

  private record Candidate(AgentTable.Row row, Load load, int capacity) {
    boolean mayTake(Conversation conversation) {
      return conversation.handling().skill().map(row.skills()::contains).orElse(true);
    }

    Instant assignedAt() {
      return load.assignedAt().orElse(Instant.EPOCH);
    }

    double used() {
      return (double) load.conversations() / capacity;
    }
  }

  private static Comparator<Candidate> order(Assignment assignment) {
    Comparator<Candidate> turns =
        Comparator.comparing(Candidate::assignedAt).thenComparing(agent -> agent.row().userId());
    return switch (assignment) {
      case MANUAL, ROUND_ROBIN -> turns;
      case LEAST_BUSY -> Comparator.comparingDouble(Candidate::used).thenComparing(turns);
    };
  }

  private void release(long now) {
    Optional<Duration> shortest =
        book.all().values().stream()
            .map(known -> known.settings().answerWithin())
            .min(Comparator.naturalOrder());
    if (shortest.isEmpty()) {
      return;
    }
    for (Handover handover :
        desk.unanswered(Instant.ofEpochMilli(now).minus(shortest.get()), BATCH)) {
      DeskBook.Desk known = book.of(handover.tenantId());
      boolean late =
          handover
              .assignedAt()
              .map(at -> !at.plus(known.settings().answerWithin()).isAfter(clock.instant()))
              .orElse(false);
      boolean gone =
          known.agents().stream()
              .filter(agent -> handover.agentId().filter(agent.userId()::equals).isPresent())
              .anyMatch(agent -> agent.presence(now, ttlMillis) == Presence.OFFLINE);
      if (late && gone && desk.release(handover)) {
        metrics.released();
      }
    }
  }

  private void announceMissed(long now) {
    book.all()
        .forEach((tenant, known) -> {
          for (Handover.Target target : Handover.Target.values()) {
            known
                .settings()
                .within(target)
                .ifPresent(within -> announceMissed(tenant, target, within, now));
          }
        });
  }

  private void announceMissed(String tenantId, Handover.Target target, Duration within, long now) {
    Instant askedBefore = Instant.ofEpochMilli(now).minus(within);
    for (Handover handover : desk.overdue(tenantId, target, askedBefore, BATCH)) {
      if (desk.announceMissed(handover, target, handover.askedAt().plus(within))) {
        metrics.missed(target);
      }
    }
  }

  private void measure(long now, List<Desk.Waiting> queues) {
    int waiting = queues.stream().mapToInt(Desk.Waiting::conversations).sum();
    long longest =
        queues.stream().mapToLong(queue -> now - queue.since().toEpochMilli()).max().orElse(0);
    long online =
        book.all().values().stream()
            .flatMap(known -> known.agents().stream())
            .filter(agent -> agent.presence(now, ttlMillis) == Presence.ONLINE)
            .count();
    metrics.queues(waiting, Math.max(0, longest), (int) online);
  }
}
