package chat.magpie.handover.internal;

import chat.magpie.conversation.Handover;
import chat.magpie.conversation.HandoverReason;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/// What can be seen of the desks from outside: sums over all tenants, as this node last saw them.
/// No label tells of a tenant, an agent or a customer.
final class DeskMetrics {
  private final MeterRegistry registry;
  private final AtomicInteger waiting = new AtomicInteger();
  private final AtomicLong longestMillis = new AtomicLong();
  private final AtomicInteger online = new AtomicInteger();
  private final Counter assigned;
  private final Counter released;

  DeskMetrics(MeterRegistry registry) {
    this.registry = registry;
    Gauge.builder("magpie.desk.waiting", waiting, AtomicInteger::get)
        .description("Conversations that wait for a human")
        .register(registry);
    Gauge.builder("magpie.desk.longest.wait.seconds", longestMillis, millis -> millis.get() / 1e3)
        .description("How long the conversation has waited that waits longest")
        .register(registry);
    Gauge.builder("magpie.desk.agents.online", online, AtomicInteger::get)
        .description("Agents who are present and online")
        .register(registry);
    assigned =
        Counter.builder("magpie.desk.assigned")
            .description("Conversations that this node assigned to an agent")
            .register(registry);
    released =
        Counter.builder("magpie.desk.released")
            .description("Conversations that this node took back from agents who had gone")
            .register(registry);
    for (Handover.Target target : Handover.Target.values()) {
      missed(target, 0);
    }
    for (HandoverReason reason : HandoverReason.values()) {
      calls(reason, 0);
    }
  }

  void queues(int conversations, long longestWaitMillis, int agentsOnline) {
    waiting.set(conversations);
    longestMillis.set(longestWaitMillis);
    online.set(agentsOnline);
  }

  void assigned() {
    assigned.increment();
  }

  void released() {
    released.increment();
  }

  void missed(Handover.Target target) {
    missed(target, 1);
  }

  void called(HandoverReason reason) {
    calls(reason, 1);
  }

  private void missed(Handover.Target target, int more) {
    Counter.builder("magpie.desk.sla.breaches")
        .description("Targets that this node announced as missed")
        .tag("target", target.name().toLowerCase(Locale.ROOT))
        .register(registry)
        .increment(more);
  }

  private void calls(HandoverReason reason, int more) {
    Counter.builder("magpie.desk.calls")
        .description("Times that a rule on this node called a human")
        .tag("reason", reason.name().toLowerCase(Locale.ROOT))
        .register(registry)
        .increment(more);
  }
}
