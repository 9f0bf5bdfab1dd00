package chat.magpie.app;

import java.io.Reader;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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

/// Reads YAML text as flat names. Apart from [YamlFile], so that a start without a file loads no
/// YAML parser.
final class YamlText {
  private static final int MAX_DEPTH = 16;

  private YamlText() {}

  static YamlFile parse(String path, Reader reader) {
    Map<String, YamlFile.Entry> entries = new LinkedHashMap<>();
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
      Map<String, YamlFile.Entry> entries,
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
        if (value instanceof SequenceNode list
            && !list.getValue().stream().allMatch(ScalarNode.class::isInstance)) {
          problems.add(at(path, key) + ": a list must hold plain values");
          continue;
        }
        YamlFile.Entry entry =
            new YamlFile.Entry(isNull(value) ? "" : text(value), key.getStartMark().getLine() + 1);
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
          list.getValue().stream().map(YamlText::text).collect(Collectors.joining(","));
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
