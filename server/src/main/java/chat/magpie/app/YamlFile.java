package chat.magpie.app;

import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The settings of a YAML file as flat names, such as `database.pool_size`. Values are taken as
/// they are written, whatever YAML would make of them.
///
/// @param path where it was read from
/// @param entries by name, in the order of the file; empty where a key stands alone
/// @param problems one line for each part of the file that cannot be read
record YamlFile(String path, Map<String, Entry> entries, List<String> problems) {
  /// A value and the line it stands on, from 1.
  record Entry(String value, int line) {}

  /// Reads `MAGPIE_CONFIG`, or `config.yaml` of the working directory where that exists.
  static YamlFile load(Optional<String> named) {
    Path path = Path.of(named.orElse("config.yaml"));
    if (named.isEmpty() && !Files.exists(path)) {
      return new YamlFile(path.toString(), Map.of(), List.of());
    }
    try (Reader reader = Files.newBufferedReader(path, StandardCharsets.UTF_8)) {
      return YamlText.parse(path.toString(), reader);
    } catch (IOException e) {
      return new YamlFile(
          path.toString(), Map.of(), List.of(path + ": cannot be read as UTF-8 text (" + e + ")"));
    }
  }
}
