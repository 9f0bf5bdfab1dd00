package chat.magpie.llm.internal;

import chat.magpie.llm.LlmConfig;
import chat.magpie.llm.ModelFailure;
import chat.magpie.llm.ModelFailure.Kind;
import chat.magpie.llm.ModelRequest;
import chat.magpie.llm.ModelStream;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.impl.VertxInternal;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.IntStream;

/// Providers that speak OpenAI's chat completions.
public final class OpenAiModels implements Providers, AutoCloseable {
  /// Connections to one host per lane; each answer holds one.
  private static final int CONNECTIONS = 10_000;

  private static final int MAX_HEADER_BYTES = 64 * 1024;
  private static final int KEEP_ALIVE_SECONDS = 30;

  private final SequencedMap<String, Endpoint> endpoints;
  private final Timeouts timeouts;
  private final List<Lane> lanes;
  private final AtomicInteger turn = new AtomicInteger();

  /// Opens no connection yet.
  ///
  /// @param environment looks up the plain names such as `OPENAI_API_KEY`
  /// @throws IllegalArgumentException if a setting cannot be used; names it
  public OpenAiModels(
      Vertx vertx, LlmConfig config, Function<String, Optional<String>> environment) {
    endpoints = Endpoints.of(config, environment);
    timeouts = Timeouts.of(config);
    lanes =
        IntStream.range(0, Runtime.getRuntime().availableProcessors())
            .mapToObj(_ -> lane((VertxInternal) vertx))
            .toList();
  }

  private Lane lane(VertxInternal vertx) {
    int connectMillis = Math.toIntExact(Math.min(timeouts.connect().toMillis(), 3_600_000));
    HttpClientOptions options =
        new HttpClientOptions()
            .setConnectTimeout(connectMillis)
            .setSslHandshakeTimeout(connectMillis)
            .setSslHandshakeTimeoutUnit(java.util.concurrent.TimeUnit.MILLISECONDS)
            .setKeepAliveTimeout(KEEP_ALIVE_SECONDS)
            .setMaxHeaderSize(MAX_HEADER_BYTES)
            .setMaxInitialLineLength(MAX_HEADER_BYTES);
    PoolOptions pool = new PoolOptions().setHttp1MaxSize(CONNECTIONS);
    return new Lane(vertx.createEventLoopContext(), vertx.createHttpClient(options, pool));
  }

  @Override
  public SequencedMap<String, Endpoint> endpoints() {
    return Collections.unmodifiableSequencedMap(endpoints);
  }

  @Override
  public ModelStream ask(ModelRequest request) {
    Endpoint endpoint = endpoint(request.provider());
    String model =
        request
            .model()
            .or(endpoint::model)
            .orElseThrow(() ->
                new ModelFailure(
                    Kind.REFUSED,
                    "Model provider " + endpoint.provider() + ": no model is configured"));
    Lane lane = lanes.get(Math.floorMod(turn.getAndIncrement(), lanes.size()));
    return OpenAiStream.start(lane, endpoint, model, timeouts, request);
  }

  private Endpoint endpoint(Optional<String> name) {
    if (endpoints.isEmpty()) {
      throw new ModelFailure(Kind.REFUSED, "No model provider is configured");
    }
    if (name.isEmpty()) {
      return endpoints.firstEntry().getValue();
    }
    Endpoint endpoint = endpoints.get(name.get());
    if (endpoint == null) {
      throw new ModelFailure(
          Kind.REFUSED, "There is no model provider " + name.get() + " in the configuration");
    }
    return endpoint;
  }

  /// Ends all connections to the providers.
  @Override
  public void close() {
    lanes.forEach(lane -> lane.client().close());
  }
}
