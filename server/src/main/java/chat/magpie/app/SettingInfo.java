package chat.magpie.app;

import java.util.Optional;
import java.util.regex.Pattern;

/// One setting as the configuration interfaces declare it.
///
/// @param name below `magpie`, such as `database.pool_size`; `*` stands for a name of the
///   operator's choice, as in `llm.providers.*.model`
/// @param type what a value has to be
/// @param required there is no default and it cannot be left out
/// @param fallback the default as text
/// @param description for the person who sets it
record SettingInfo(
    String name,
    SettingType type,
    boolean required,
    Optional<String> fallback,
    String description) {

  /// The environment variable, such as `MAGPIE_DATABASE_POOL_SIZE`.
  String environmentName() {
    return "MAGPIE_" + name.replaceAll("[^A-Za-z0-9*]", "_").toUpperCase(java.util.Locale.ROOT);
  }

  boolean matches(String candidate) {
    return isOpen() ? pattern(name, "[^.]+").matcher(candidate).matches() : name.equals(candidate);
  }

  boolean matchesEnvironment(String candidate) {
    return isOpen()
        ? pattern(environmentName(), "[A-Z0-9_]+").matcher(candidate).matches()
        : environmentName().equals(candidate);
  }

  /// Whether a part of the name is the operator's choice.
  boolean isOpen() {
    return name.indexOf('*') >= 0;
  }

  private static Pattern pattern(String name, String open) {
    return Pattern.compile(name.replace(".", "\\.").replace("*", open));
  }
}
