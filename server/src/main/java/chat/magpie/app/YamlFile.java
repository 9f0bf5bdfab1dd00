package chat.magpie.app;

import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/// The settings of a YAML file as flat names, such as `database.pool_size`. Values are taken as
/// they are written, whatever YAML would make of them.
///
/// @param path where it was read from
/// @param entries by name, in the order of the file; empty where a key stands alone
/// @param problems one line for each part of the file that cannot be read
record YamlFile(String path, Map<String, Entry> entries, List<String> problems) {
  private static final int MAX_DEPTH = 16;

  /// A value and the line it stands on, from 1.
  record Entry(String value, int line) {}

  /// Reads `MAGPIE_CONFIG`, or `config.yaml` of the working directory where that exists.
  static YamlFile load(Optional<String> named) {
    Path path = Path.of(named.orElse("config.yaml"));
    if (named.isEmpty() && !Files.exists(path)) {
      return new YamlFile(path.toString(), Map.of(), List.of());
    }
    try (Reader reader = Files.newBufferedReader(path, StandardCharsets.UTF_8)) {
      return parse(path.toString(), reader);
    } catch (IOException e) {
      return new YamlFile(
          path.toString(), Map.of(), List.of(path + ": cannot be read as UTF-8 text (" + e + ")"));
    }
  }

  static YamlFile parse(String path, Reader reader) {
    Map<String, Entry> entries = new LinkedHashMap<>();
    List<String> problems = new ArrayList<>();
    try {
      Node root = new Yaml(new SafeConstructor(new LoaderOptions())).compose(reader);
      if (root instanceof MappingNode mapping) {
        flatten(path, "", mapping, 0, entries, problems);
      } else if (root != null && !isNull(root)) {
        problems.add(at(path, root) + ": must hold settings as `key: value`");
      }
    } catch (MarkedYAMLException e) {
      int line = e.getProblemMark() == null ? 1 : e.getProblemMark().getLine() + 1;
      problems.add(path + " line " + line + ": is not valid YAML: " + e.getProblem());
    } catch (YAMLException e) {
      problems.add(path + ": is not valid YAML: " + e.getMessage());
    }
    return new YamlFile(path, entries, List.copyOf(problems));
  }

  private static void flatten(
      String path,
      String prefix,
      MappingNode mapping,
      int depth,
      Map<String, Entry> entries,
      List<String> problems) {
    if (depth > MAX_DEPTH) {
      problems.add(at(path, mapping) + ": is nested too deep");
      return;
    }
    for (NodeTuple tuple : mapping.getValue()) {
      if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
        problems.add(at(path, tuple.getKeyNode()) + ": a key must be a plain word");
        continue;
      }
      String name = prefix + key.getValue();
      Node value = tuple.getValueNode();
      if (value instanceof MappingNode inner) {
        flatten(path, name + ".", inner, depth + 1, entries, problems);
      } else {
        Entry entry = new Entry(isNull(value) ? "" : text(value), key.getStartMark().getLine() + 1);
        if (entries.putIfAbsent(name, entry) != null) {
          problems.add(at(path, key) + ": '" + name + "' is given twice");
        }
      }
    }
  }

  private static String text(Node value) {
    return switch (value) {
      case ScalarNode scalar -> scalar.getValue();
      case SequenceNode list ->
          list.getValue().stream().map(YamlFile::text).collect(Collectors.joining(","));
      default -> "";
    };
  }

  private static boolean isNull(Node node) {
    return Tag.NULL.equals(node.getTag());
  }

  private static String at(String path, Node node) {
    return path + " line " + (node.getStartMark().getLine() + 1);
  }
}
