package chat.magpie.app;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// Writes the reference of all settings: `docs/configuration.md`, `config.example.yaml` and
/// `.env.example`.
final class SettingsDocuments {
  /// Names that are honoured as they are, in the order in which they are listed.
  private static final Map<String, String> PLAIN_NAMES = plainNames();

  private SettingsDocuments() {}

  private static Map<String, String> plainNames() {
    Map<String, String> names = new LinkedHashMap<>();
    names.put(
        "OPENAI_API_KEY", "Key of an OpenAI-compatible provider; makes the provider `openai`.");
    names.put("OPENAI_BASE_URL", "Its address; https://api.openai.com/v1 if absent.");
    names.put("OPENAI_MODEL", "The model that it is asked for.");
    names.put("DASHSCOPE_API_KEY", "Key of Alibaba's DashScope; makes the provider `dashscope`.");
    names.put("DATABASE_URL", "As database.url; MAGPIE_DATABASE_URL goes first.");
    names.put("REDIS_URL", "As redis.url; MAGPIE_REDIS_URL goes first.");
    names.put("MAGPIE_DATA", "As server.data; MAGPIE_SERVER_DATA goes first.");
    names.put("MAGPIE_CONFIG", "The YAML file; config.yaml in the working directory if absent.");
    names.put("AGNO_API_URL", "Reserved for a remote agent runtime; not used yet.");
    return names;
  }

  static String markdown() {
    StringBuilder out =
        new StringBuilder(
            """
            # Configuration

            <!-- Generated from the code; see CONTRIBUTING.md. -->

            Everything has a default: Magpie starts without any configuration. What is set is looked for in this
            order, and the first that has it wins:

            1. the command line: the options of `./magpie --help`, or `-Dmagpie.server.port=8000` for any setting,
            2. the environment: `MAGPIE_SERVER_PORT=8000`,
            3. a file `.env` in the working directory, with the same names ([.env.example](../.env.example)),
            4. the plain names below,
            5. a YAML file: `config.yaml` in the working directory, or the one that `MAGPIE_CONFIG` names
               ([config.example.yaml](../config.example.yaml)),
            6. the default.

            A name that does not exist, in any of these places, stops the start with exit code 2, as does a value that
            is not allowed; all of them are named at once. Secrets are never printed. Times are written as `500ms`,
            `15s`, `5m`, `24h` or `30d`.

            ## Plain names

            | variable | meaning |
            |---|---|
            """);
    PLAIN_NAMES.forEach((name, meaning) ->
        out.append("| `").append(name).append("` | ").append(meaning).append(" |\n"));
    bySection()
        .forEach((section, settings) -> {
          out.append("\n## ").append(section).append("\n\n");
          out.append("| setting | environment | default | meaning |\n|---|---|---|---|\n");
          settings.forEach(setting -> out.append(row(setting)));
        });
    return out.toString();
  }

  private static String row(SettingInfo setting) {
    return "| `"
        + setting.name().replace("*", "<name>")
        + "` | `"
        + setting.environmentName().replace("*", "<NAME>")
        + "` | "
        + setting
            .fallback()
            .map(value -> "`" + value + "`")
            .orElse(setting.required() ? "required" : "")
        + " | "
        + setting.description().replace("|", "\\|")
        + " "
        + capitalised(setting.type().allowed())
        + (setting.type().secret() ? ", kept secret" : "")
        + ". |\n";
  }

  static String yaml() {
    StringBuilder out =
        new StringBuilder(
            """
            # Every setting with its default. Copy this file to config.yaml and take the # away from what you
            # change. The meaning of each is in docs/configuration.md too.
            """);
    bySection()
        .forEach((section, settings) -> {
          out.append('\n').append(section).append(":\n");
          settings.stream().filter(s -> !s.isOpen()).forEach(s -> out.append(yaml(s)));
          String open = "";
          for (SettingInfo setting : settings) {
            if (setting.isOpen()) {
              String[] parts = setting.name().split("\\.", -1);
              if (!parts[1].equals(open)) {
                open = parts[1];
                out.append("  # By a name of your choice:\n  #").append(open).append(":\n");
                out.append("  #  mine:\n");
              }
              out.append("  #    # ").append(setting.description()).append('\n');
              out.append("  #    ").append(parts[3]).append(":\n");
            }
          }
        });
    return out.toString();
  }

  private static String yaml(SettingInfo setting) {
    String key = setting.name().substring(setting.name().indexOf('.') + 1);
    return "  # "
        + setting.description()
        + "\n  #"
        + key
        + ":"
        + setting.fallback().map(value -> " " + value).orElse("")
        + "\n";
  }

  static String dotEnv() {
    StringBuilder out =
        new StringBuilder(
            """
            # Copy this file to .env and take the # away from what you change. All settings with their defaults;
            # the meaning of each is in docs/configuration.md too.

            """);
    PLAIN_NAMES.forEach((name, meaning) ->
        out.append("# ").append(meaning).append("\n#").append(name).append("=\n"));
    bySection()
        .forEach((section, settings) -> {
          out.append("\n# ---- ").append(section).append('\n');
          settings.forEach(setting ->
              out.append("# ")
                  .append(setting.description())
                  .append("\n#")
                  .append(setting.environmentName().replace("*", "MINE"))
                  .append('=')
                  .append(setting.fallback().orElse(""))
                  .append('\n'));
        });
    return out.toString();
  }

  private static Map<String, List<SettingInfo>> bySection() {
    return Settings.all().stream()
        .collect(
            Collectors.groupingBy(
                setting -> setting.name().substring(0, setting.name().indexOf('.')),
                java.util.TreeMap::new,
                Collectors.toList()));
  }

  private static String capitalised(String text) {
    return Character.toUpperCase(text.charAt(0)) + text.substring(1);
  }
}
