package chat.magpie.llm.internal;

import chat.magpie.llm.ModelFailure.Kind;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Locale;
import java.util.Optional;

/// What can be seen of the providers from outside. The label `provider` has the names of the
/// configuration.
final class ProviderMetrics {
  private final MeterRegistry registry;

  ProviderMetrics(MeterRegistry registry) {
    this.registry = registry;
  }

  /// Shows the breaker of a provider.
  void watch(String provider, Breaker breaker) {
    Gauge.builder("magpie.llm.breaker", breaker, ProviderMetrics::figure)
        .description("Whether a provider is passed over: 0 no, 1 it is being tried, 2 yes")
        .tag("provider", provider)
        .register(registry);
  }

  private static int figure(Breaker breaker) {
    return switch (breaker.state()) {
      case CLOSED -> 0;
      case HALF_OPEN -> 1;
      case OPEN -> 2;
    };
  }

  /// A call to a provider is over.
  void called(String provider, Optional<Kind> failure) {
    Counter.builder("magpie.llm.calls")
        .description("Requests to model providers, by what came of them")
        .tag("provider", provider)
        .tag("outcome", failure.map(kind -> kind.name().toLowerCase(Locale.ROOT)).orElse("ok"))
        .register(registry)
        .increment();
  }

  /// An answer goes from this provider to another one.
  void left(String provider) {
    Counter.builder("magpie.llm.failovers")
        .description("Answers that another provider took over, by the one that was left")
        .tag("provider", provider)
        .register(registry)
        .increment();
  }

  /// A provider is asked to go on with an answer.
  void continued(String provider) {
    Counter.builder("magpie.llm.continuations")
        .description("Calls that asked a provider to go on with an interrupted answer")
        .tag("provider", provider)
        .register(registry)
        .increment();
  }

  /// A provider has begun an answer again of which readers had seen some.
  void restarted(String provider) {
    Counter.builder("magpie.llm.restarts")
        .description("Answers that a provider began again after readers had seen some of it")
        .tag("provider", provider)
        .register(registry)
        .increment();
  }
}
