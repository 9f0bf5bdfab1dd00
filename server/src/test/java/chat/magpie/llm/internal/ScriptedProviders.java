package chat.magpie.llm.internal;

import chat.magpie.llm.ModelEvent;
import chat.magpie.llm.ModelFailure;
import chat.magpie.llm.ModelRequest;
import chat.magpie.llm.ModelStream;
import chat.magpie.llm.PrefixMode;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/// Providers whose attempts are written down in advance: the events of each, the last of which may
/// be a failure. An attempt that nobody has written down fails the test.
final class ScriptedProviders implements Providers {
  private final SequencedMap<String, Endpoint> endpoints = new LinkedHashMap<>();
  private final Map<String, Deque<List<Object>>> scripts = new LinkedHashMap<>();
  final List<ModelRequest> asked = new ArrayList<>();
  int closed;

  ScriptedProviders provider(String name, PrefixMode mode) {
    endpoints.put(
        name,
        Endpoint.of(
            name,
            "http://localhost/v1",
            "url",
            Optional.empty(),
            "key",
            Optional.of(name + "-model"),
            mode,
            false));
    scripts.put(name, new ArrayDeque<>());
    return this;
  }

  /// Adds an attempt: texts, other events, at last a failure if any.
  ScriptedProviders answers(String provider, Object... events) {
    Objects.requireNonNull(scripts.get(provider)).add(List.of(events));
    return this;
  }

  /// Who was asked, in order.
  List<String> names() {
    return asked.stream().map(request -> request.provider().orElseThrow()).toList();
  }

  List<String> prefixes() {
    return asked.stream().map(ModelRequest::prefix).toList();
  }

  @Override
  public SequencedMap<String, Endpoint> endpoints() {
    return endpoints;
  }

  @Override
  public ModelStream ask(ModelRequest request) {
    asked.add(request);
    String name = request.provider().orElseThrow();
    List<Object> script = Objects.requireNonNull(scripts.get(name)).poll();
    if (script == null) {
      throw new AssertionError("nobody expected that " + name + " is asked");
    }
    return new Attempt(name, request.model().orElseThrow(), new ArrayDeque<>(script));
  }

  private final class Attempt implements ModelStream {
    private final String provider;
    private final String model;
    private final Deque<Object> events;

    Attempt(String provider, String model, Deque<Object> events) {
      this.provider = provider;
      this.model = model;
      this.events = events;
    }

    @Override
    public ModelEvent next() {
      return switch (events.peek()) {
        case ModelFailure failure -> throw failure;
        case String text -> {
          events.remove();
          yield new ModelEvent.Text(text);
        }
        case ModelEvent event -> {
          events.remove();
          yield event;
        }
        case null, default -> throw new AssertionError("read beyond the end");
      };
    }

    @Override
    public @Nullable ModelEvent poll() {
      return events.peek() instanceof ModelFailure || events.isEmpty() ? null : next();
    }

    @Override
    public void close() {
      closed++;
    }

    @Override
    public String provider() {
      return provider;
    }

    @Override
    public String model() {
      return model;
    }
  }
}
