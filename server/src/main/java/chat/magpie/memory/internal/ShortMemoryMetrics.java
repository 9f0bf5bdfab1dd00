package chat.magpie.memory.internal;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;

/// What short-term memory tells about itself; every series is there from the start, at 0.
final class ShortMemoryMetrics {
  /// The operations, as they are named in labels.
  enum Operation {
    GET,
    ADD,
    GET_META,
    UPDATE_STATE,
    CLEAR,
    COUNT
  }

  /// How an operation ended, as it is named in labels.
  enum Status {
    SUCCESS,
    FAILURE,
    TIMEOUT
  }

  private static final Duration[] BUCKETS =
      java.util.stream.LongStream.of(1, 5, 10, 25, 50, 100, 250, 500, 1000)
          .mapToObj(Duration::ofMillis)
          .toArray(Duration[]::new);

  private final Map<Operation, Map<Status, Counter>> operations = new EnumMap<>(Operation.class);
  private final Map<Operation, Timer> latencies = new EnumMap<>(Operation.class);
  private final Counter timeouts;
  private final Counter errors;
  private final Counter undecodable;
  private final DistributionSummary windows;

  ShortMemoryMetrics(MeterRegistry registry) {
    for (Operation operation : Operation.values()) {
      String name = label(operation);
      Map<Status, Counter> byStatus = new EnumMap<>(Status.class);
      for (Status status : Status.values()) {
        byStatus.put(
            status,
            Counter.builder("short_memory_operations_total")
                .description("Operations on short-term memory")
                .tag("operation", name)
                .tag("status", label(status))
                .register(registry));
      }
      operations.put(operation, byStatus);
      latencies.put(
          operation,
          Timer.builder("short_memory_latency_seconds")
              .description("How long an operation on short-term memory took, retries included")
              .tag("operation", name)
              .serviceLevelObjectives(BUCKETS)
              .register(registry));
    }
    timeouts = degradation(registry, "timeout");
    errors = degradation(registry, "error");
    undecodable =
        Counter.builder("short_memory_undecodable_total")
            .description("Entries of short-term memory that could not be decoded and were skipped")
            .register(registry);
    windows =
        DistributionSummary.builder("short_memory_message_count")
            .description("Messages that a read of short-term memory gave")
            .register(registry);
  }

  void ended(Operation operation, Status status, long nanos) {
    java.util.Objects.requireNonNull(
            java.util.Objects.requireNonNull(operations.get(operation)).get(status))
        .increment();
    java.util.Objects.requireNonNull(latencies.get(operation))
        .record(nanos, java.util.concurrent.TimeUnit.NANOSECONDS);
    switch (status) {
      case SUCCESS -> {}
      case FAILURE -> errors.increment();
      case TIMEOUT -> timeouts.increment();
    }
  }

  void undecodable() {
    undecodable.increment();
  }

  void read(int messages) {
    windows.record(messages);
  }

  private static Counter degradation(MeterRegistry registry, String reason) {
    return Counter.builder("short_memory_degradation_total")
        .description("Times that a conversation went on without short-term memory")
        .tag("reason", reason)
        .register(registry);
  }

  private static String label(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}
