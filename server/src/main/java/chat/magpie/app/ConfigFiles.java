package chat.magpie.app;

import io.smallrye.config.ConfigSourceContext;
import io.smallrye.config.ConfigSourceFactory;
import io.smallrye.config.ConfigValue;
import io.smallrye.config.PropertiesConfigSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.eclipse.microprofile.config.spi.ConfigSource;
import org.jspecify.annotations.Nullable;

/// Brings the YAML file and the plain environment names into the configuration, in this order of
/// weight: command line, environment, `.env`, plain names, YAML, defaults.
public final class ConfigFiles implements ConfigSourceFactory {
  /// Between the application's own defaults (250) and the environment (295 and 300).
  private static final int YAML_ORDINAL = 270;

  private static final int PLAIN_NAMES_ORDINAL = 290;

  /// Names that other software gives these settings too.
  static final Map<String, String> PLAIN_NAMES =
      Map.of(
          "DATABASE_URL", "magpie.database.url",
          "REDIS_URL", "magpie.redis.url",
          "MAGPIE_DATA", "magpie.server.data");

  /// What the framework has to be told where logs are to be JSON.
  private static final Map<String, String> JSON_LOGS =
      Map.of(
          "quarkus.log.console.json.enabled", "true",
          "quarkus.log.file.json.enabled", "true",
          "quarkus.log.category.\"access\".use-parent-handlers", "true");

  /// Set by [Main] before the framework reads the configuration. While the server is built there is
  /// none: whatever the builder's folder and environment hold must not get into the package.
  private static volatile @Nullable YamlFile file;

  static void use(YamlFile yaml) {
    file = yaml;
  }

  @Override
  public Iterable<ConfigSource> getConfigSources(ConfigSourceContext context) {
    @Nullable YamlFile file = ConfigFiles.file;
    if (file == null) {
      return List.of();
    }
    Map<String, String> yaml = new HashMap<>();
    file.entries()
        .forEach((name, entry) -> {
          if (!entry.value().isEmpty()) {
            yaml.put("magpie." + name, entry.value());
          }
        });
    String format =
        value(context, "magpie.log.format").orElse(yaml.getOrDefault("magpie.log.format", ""));
    if (format.equalsIgnoreCase("json")) {
      yaml.putAll(JSON_LOGS);
    }
    Map<String, String> plain = new HashMap<>();
    PLAIN_NAMES.forEach(
        (name, setting) -> value(context, name).ifPresent(text -> plain.put(setting, text)));
    return List.of(
        new PropertiesConfigSource(yaml, file.path(), YAML_ORDINAL),
        new PropertiesConfigSource(plain, "plain environment names", PLAIN_NAMES_ORDINAL));
  }

  private static Optional<String> value(ConfigSourceContext context, String name) {
    ConfigValue value = context.getValue(name);
    return value == null
        ? Optional.empty()
        : Optional.ofNullable(value.getValue()).filter(text -> !text.isBlank());
  }
}
