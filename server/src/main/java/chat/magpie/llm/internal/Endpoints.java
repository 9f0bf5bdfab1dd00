package chat.magpie.llm.internal;

import chat.magpie.kernel.Secret;
import chat.magpie.llm.LlmConfig;
import chat.magpie.llm.PrefixMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.function.Function;

/// Gathers the providers: those of the configuration, and those that the plain environment names
/// imply. One that is configured by name is not touched by the environment.
final class Endpoints {
  private static final String OPENAI = "openai";
  private static final String DASHSCOPE = "dashscope";

  private Endpoints() {}

  /// The providers by name, the default one first, then in the order of their names.
  ///
  /// @param environment looks up `OPENAI_API_KEY` and its like; blank counts as absent
  /// @throws IllegalArgumentException if a setting cannot be used; names it
  static SequencedMap<String, Endpoint> of(
      LlmConfig config, Function<String, Optional<String>> environment) {
    Function<String, Optional<String>> plain =
        name -> environment.apply(name).map(String::strip).filter(value -> !value.isEmpty());
    Map<String, Endpoint> found = new TreeMap<>();
    config
        .providers()
        .forEach((name, provider) -> {
          String prefix = "magpie.llm.providers." + name;
          found.put(
              name,
              Endpoint.of(
                  name,
                  provider.baseUrl(),
                  prefix + ".base_url",
                  provider.apiKey(),
                  prefix + ".api_key",
                  provider.model(),
                  provider.prefixMode(),
                  provider.tools()));
        });
    Optional<String> openAiUrl = plain.apply("OPENAI_BASE_URL");
    Optional<String> openAiKey = plain.apply("OPENAI_API_KEY");
    if (openAiUrl.isPresent() || openAiKey.isPresent()) {
      found.computeIfAbsent(
          OPENAI,
          name ->
              Endpoint.of(
                  name,
                  openAiUrl.orElse("https://api.openai.com/v1"),
                  "OPENAI_BASE_URL",
                  openAiKey.map(Secret::new),
                  "OPENAI_API_KEY",
                  plain.apply("OPENAI_MODEL").or(() -> Optional.of("gpt-4o-mini")),
                  PrefixMode.NONE,
                  // What else speaks its language may refuse requests with tools.
                  openAiUrl.isEmpty()));
    }
    Optional<String> dashScopeKey = plain.apply("DASHSCOPE_API_KEY");
    if (dashScopeKey.isPresent()) {
      found.computeIfAbsent(
          DASHSCOPE,
          name ->
              Endpoint.of(
                  name,
                  "https://dashscope.aliyuncs.com/compatible-mode/v1",
                  "the address of DashScope",
                  dashScopeKey.map(Secret::new),
                  "DASHSCOPE_API_KEY",
                  Optional.of("qwen-plus"),
                  // Its documents name qwen-plus, without thinking, among the models that can.
                  PrefixMode.PARTIAL,
                  false));
    }
    return defaultFirst(config, found);
  }

  private static SequencedMap<String, Endpoint> defaultFirst(
      LlmConfig config, Map<String, Endpoint> found) {
    Optional<String> wanted =
        config.defaultProvider().map(String::strip).filter(name -> !name.isEmpty());
    if (wanted.isPresent() && !found.containsKey(wanted.get())) {
      throw new IllegalArgumentException(
          "Configuration: magpie.llm.default_provider names "
              + wanted.get()
              + ", but the providers are "
              + (found.isEmpty() ? "none" : String.join(", ", found.keySet())));
    }
    List<String> preference = new ArrayList<>(wanted.stream().toList());
    preference.add(OPENAI);
    preference.add(DASHSCOPE);
    SequencedMap<String, Endpoint> ordered = new java.util.LinkedHashMap<>(found);
    preference.stream()
        .filter(found::containsKey)
        .findFirst()
        .ifPresent(first -> ordered.putFirst(first, found.get(first)));
    return ordered;
  }
}
