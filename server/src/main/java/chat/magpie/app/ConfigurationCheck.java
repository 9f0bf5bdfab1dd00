package chat.magpie.app;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/// Looks through everything that was configured, before anything starts: misspelt names, values
/// that are not allowed, settings that are missing. It names all of them at once.
final class ConfigurationCheck {
  /// Variables that are ours but no settings.
  private static final Set<String> NOT_SETTINGS =
      Set.of("MAGPIE_CONFIG", "MAGPIE_DATA", "MAGPIE_JAVA_HOME", "MAGPIE_JAVA_OPTS");

  /// What Kubernetes sets in every container for a service that is called `magpie`.
  private static final Pattern OF_KUBERNETES =
      Pattern.compile("MAGPIE_(SERVICE_(HOST|PORT)(_.*)?|PORT(_\\d+_.*)?)");

  private final List<SettingInfo> settings;
  private final List<String> problems = new ArrayList<>();

  /// Names below `magpie` that have a value somewhere, the environment's included.
  private final Set<String> given = new HashSet<>();

  private ConfigurationCheck(List<SettingInfo> settings) {
    this.settings = settings;
  }

  /// One line for each problem; empty where everything is fine.
  ///
  /// @param properties system properties: what the command line says
  /// @param environment the environment and `.env`
  static List<String> problems(
      Map<String, String> properties, Map<String, String> environment, YamlFile yaml) {
    ConfigurationCheck check = new ConfigurationCheck(Settings.all());
    check.problems.addAll(yaml.problems());
    check.yaml(yaml);
    check.properties(properties);
    check.environment(environment);
    check.missing();
    return List.copyOf(check.problems);
  }

  private void yaml(YamlFile yaml) {
    yaml.entries()
        .forEach((name, entry) ->
            named(yaml.path() + " line " + entry.line() + ": ", name, "", entry.value()));
  }

  private void properties(Map<String, String> properties) {
    properties.forEach((name, value) -> {
      if (name.startsWith("magpie.")) {
        named("", name.substring("magpie.".length()), "magpie.", value);
      }
    });
  }

  private void named(String place, String name, String prefix, String value) {
    Optional<SettingInfo> setting = settings.stream().filter(s -> s.matches(name)).findFirst();
    if (setting.isPresent()) {
      given.add(name);
      value(place + prefix + name, setting.get(), value);
    } else if (!(value.isEmpty() && isSection(name))) {
      problems.add(
          place
              + "there is no setting '"
              + prefix
              + name
              + "'"
              + suggestion(name, prefix, settings.stream().map(SettingInfo::name).toList()));
    }
  }

  private boolean isSection(String name) {
    return settings.stream().anyMatch(setting -> setting.name().startsWith(name + "."));
  }

  private void environment(Map<String, String> environment) {
    Map<String, String> sorted = new java.util.TreeMap<>(environment);
    sorted.forEach((name, value) -> {
      if (!name.startsWith("MAGPIE_")
          || NOT_SETTINGS.contains(name)
          || OF_KUBERNETES.matcher(name).matches()) {
        return;
      }
      Optional<SettingInfo> setting =
          settings.stream().filter(s -> s.matchesEnvironment(name)).findFirst();
      if (setting.isPresent()) {
        given.add(nameOf(setting.get(), name));
        value(name, setting.get(), value);
      } else {
        List<String> known =
            new ArrayList<>(settings.stream().map(SettingInfo::environmentName).toList());
        known.addAll(NOT_SETTINGS);
        problems.add(
            "there is no setting for the environment variable '"
                + name
                + "'"
                + suggestion(name, "", known));
      }
    });
  }

  private void value(String name, SettingInfo setting, String value) {
    if (value.contains("${") || (value.isEmpty() && !setting.required())) {
      return; // an expression is checked where it is expanded; nothing is as good as absent
    }
    if (!setting.type().accepts(value)) {
      problems.add(
          name
              + " must be "
              + setting.type().allowed()
              + (setting.type().secret() ? "" : ", not '" + value + "'"));
    }
  }

  /// A provider that is named anywhere needs its required settings somewhere.
  private void missing() {
    for (SettingInfo setting : settings) {
      if (!setting.required() || !setting.isOpen()) {
        continue;
      }
      int star = setting.name().indexOf('*');
      String prefix = setting.name().substring(0, star);
      Map<String, String> missing = new HashMap<>();
      for (String name : given) {
        if (name.startsWith(prefix)) {
          String chosen = name.substring(star).split("\\.", 2)[0];
          String needed = setting.name().replace("*", chosen);
          if (!given.contains(needed)) {
            missing.put(needed, chosen);
          }
        }
      }
      missing.keySet().stream()
          .sorted()
          .forEach(needed -> problems.add("the setting '" + needed + "' is missing"));
    }
  }

  /// The name below `magpie` that an environment variable stands for.
  private static String nameOf(SettingInfo setting, String variable) {
    if (!setting.isOpen()) {
      return setting.name();
    }
    String pattern = setting.environmentName();
    int star = pattern.indexOf('*');
    String chosen = variable.substring(star, variable.length() - (pattern.length() - star - 1));
    return setting.name().replace("*", chosen.toLowerCase(Locale.ROOT));
  }

  private static String suggestion(String name, String prefix, List<String> known) {
    return Suggestion.nearest(name, known)
        .map(near -> "; did you mean '" + prefix + near + "'?")
        .orElse("");
  }
}
