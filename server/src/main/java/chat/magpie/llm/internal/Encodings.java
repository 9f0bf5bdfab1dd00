package chat.magpie.llm.internal;

import chat.magpie.llm.LlmConfig;
import com.knuddels.jtokkit.api.EncodingType;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/// Which encoding counts for which model.
final class Encodings {
  /// OpenAI's models since gpt-4o.
  private static final Pattern O200K =
      Pattern.compile("(?:gpt-4o|gpt-4\\.[1-9]|gpt-[5-9]|gpt-oss|chatgpt-4o|o[1-9])(?:\\b|[-_]).*");

  private static final Pattern CL100K =
      Pattern.compile("(?:gpt-4|gpt-3\\.5|gpt-35|text-embedding-)(?:\\b|[-_]).*");

  private Encodings() {}

  /// The encoding of that name.
  ///
  /// @param setting which setting names it, for the message
  /// @throws IllegalArgumentException if there is none
  static EncodingType named(String setting, String name) {
    return switch (name) {
      case "cl100k_base" -> EncodingType.CL100K_BASE;
      case "o200k_base" -> EncodingType.O200K_BASE;
      default ->
          throw new IllegalArgumentException(
              "Configuration: " + setting + " must be cl100k_base or o200k_base");
    };
  }

  /// The encoding that a model's name tells, whatever stands before its last slash; empty where it
  /// tells none.
  static Optional<EncodingType> ofModel(String model) {
    String name = model.substring(model.lastIndexOf('/') + 1).toLowerCase(Locale.ROOT);
    if (O200K.matcher(name).matches()) {
      return Optional.of(EncodingType.O200K_BASE);
    }
    return CL100K.matcher(name).matches()
        ? Optional.of(EncodingType.CL100K_BASE)
        : Optional.empty();
  }

  /// The encoding of a model of a provider; `otherwise` where neither configuration nor name tells.
  static EncodingType of(
      LlmConfig config, Optional<String> provider, Optional<String> model, EncodingType otherwise) {
    Optional<LlmConfig.Provider> asked =
        provider
            .or(config::defaultProvider)
            .or(() -> config.providers().keySet().stream().sorted().findFirst())
            .map(config.providers()::get);
    return asked
        .flatMap(LlmConfig.Provider::encoding)
        .map(name -> named("magpie.llm.providers.<name>.encoding", name))
        .or(() ->
            model.or(() -> asked.flatMap(LlmConfig.Provider::model)).flatMap(Encodings::ofModel))
        .orElse(otherwise);
  }
}
