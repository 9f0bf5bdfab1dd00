package chat.magpie.llm.internal;

import chat.magpie.llm.LlmConfig;
import chat.magpie.llm.ModelChoice;
import chat.magpie.llm.ModelFailure;
import chat.magpie.llm.ModelFailure.Kind;
import chat.magpie.llm.ModelRequest;
import chat.magpie.llm.ModelStream;
import chat.magpie.llm.Models;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SequencedSet;
import java.util.TreeMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import org.jboss.logging.Logger;

/// Asks one provider after the other until an answer is whole.
public final class FailOverModels implements Models {
  private static final Logger LOG = Logger.getLogger(FailOverModels.class);

  private final Providers providers;
  private final List<String> fallbacks;
  private final Map<String, Breaker> breakers = new TreeMap<>();
  private final Patience patience;
  private final ProviderMetrics metrics;
  private final LongSupplier nanoTime;
  private final DoubleSupplier random;

  /// @throws IllegalArgumentException if `magpie.llm.fallbacks` names a provider that is none
  public FailOverModels(OpenAiModels providers, LlmConfig config, MeterRegistry registry) {
    this(
        providers,
        config,
        registry,
        System::nanoTime,
        () -> ThreadLocalRandom.current().nextDouble());
  }

  FailOverModels(
      Providers providers,
      LlmConfig config,
      MeterRegistry registry,
      LongSupplier nanoTime,
      DoubleSupplier random) {
    this.providers = providers;
    this.fallbacks = fallbacks(config.fallbacks(), providers);
    this.patience = Patience.of(config);
    this.metrics = new ProviderMetrics(registry);
    this.nanoTime = nanoTime;
    this.random = random;
    Duration pause = config.breakerPause();
    for (String provider : providers.endpoints().keySet()) {
      Breaker breaker = new Breaker(config.breakerFailures(), pause, nanoTime, random);
      breakers.put(provider, breaker);
      metrics.watch(provider, breaker);
    }
  }

  /// The providers that take over where a character does not say which.
  private static List<String> fallbacks(String setting, Providers providers) {
    SequencedSet<String> known = providers.endpoints().sequencedKeySet();
    String wanted = setting.strip();
    if (wanted.equals("others")) {
      return List.copyOf(known);
    }
    if (wanted.equals("none")) {
      return List.of();
    }
    List<String> names = Arrays.stream(wanted.split(",", -1)).map(String::strip).toList();
    for (String name : names) {
      if (!known.contains(name)) {
        throw new IllegalArgumentException(
            "Configuration: magpie.llm.fallbacks names '"
                + name
                + "', but the providers are "
                + (known.isEmpty() ? "none" : String.join(", ", known)));
      }
    }
    return names;
  }

  @Override
  public boolean available() {
    return !providers.endpoints().isEmpty();
  }

  @Override
  public List<String> providers() {
    return List.copyOf(providers.endpoints().keySet());
  }

  @Override
  public List<String> failing() {
    return breakers.entrySet().stream()
        .filter(entry -> entry.getValue().state() != Breaker.State.CLOSED)
        .map(Map.Entry::getKey)
        .toList();
  }

  @Override
  public ModelStream ask(ModelRequest request) {
    return new FailOverStream(
        request, chain(request), providers, patience, metrics, nanoTime, random);
  }

  /// Whom to ask, in order; each provider and model once.
  private List<Candidate> chain(ModelRequest request) {
    if (!available()) {
      throw new ModelFailure(Kind.REFUSED, "No model provider is configured");
    }
    String first = request.provider().orElseGet(() -> providers.endpoints().firstEntry().getKey());
    LinkedHashSet<ModelChoice> choices = new LinkedHashSet<>();
    choices.add(withModel(new ModelChoice(first, request.model())));
    request
        .fallbacks()
        .orElseGet(() ->
            fallbacks.stream()
                .filter(name -> !name.equals(first))
                .map(name -> withModel(new ModelChoice(name, Optional.empty())))
                .filter(choice -> choice.model().isPresent())
                .toList())
        .forEach(choice -> choices.add(withModel(choice)));
    List<Candidate> candidates = new ArrayList<>();
    List<String> unusable = new ArrayList<>();
    for (ModelChoice choice : choices) {
      Endpoint endpoint = providers.endpoints().get(choice.provider());
      if (endpoint == null) {
        unusable.add("There is no model provider " + choice.provider() + " in the configuration");
      } else if (choice.model().isEmpty()) {
        unusable.add("Model provider " + choice.provider() + ": no model is configured");
      } else {
        Breaker breaker = Objects.requireNonNull(breakers.get(choice.provider()));
        candidates.add(new Candidate(endpoint, choice.model().get(), breaker));
      }
    }
    if (candidates.isEmpty()) {
      throw new ModelFailure(Kind.REFUSED, unusable.getFirst());
    }
    if (!unusable.isEmpty()) {
      LOG.warnf("Passed over in a chain: %s", String.join("; ", unusable));
    }
    return candidates;
  }

  /// The choice with the model that will be asked, so that the same one is not asked twice.
  private ModelChoice withModel(ModelChoice choice) {
    Endpoint endpoint = providers.endpoints().get(choice.provider());
    return endpoint == null
        ? choice
        : new ModelChoice(choice.provider(), choice.model().or(endpoint::model));
  }
}
