package chat.magpie.evaluate;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Averages of figures over questions: of all, and of groups of them.
final class Averages {
  private static final List<String> ORDER = List.of("all", "kind", "slot", "language", "split");

  private final String title;
  private final List<String> columns;
  private final Map<String, Sums> groups = new LinkedHashMap<>();

  /// @param columns what the figures are called
  Averages(String title, List<String> columns) {
    this.title = title;
    this.columns = columns;
  }

  private static final class Sums {
    final double[] sums;
    final int[] counts;
    int questions;

    Sums(int columns) {
      sums = new double[columns];
      counts = new int[columns];
    }
  }

  /// @param groupNames such as `kind: single`; all questions are a group of their own
  /// @param values one for each column; one that is not a number does not count
  void add(List<String> groupNames, double... values) {
    if (values.length != columns.size()) {
      throw new IllegalArgumentException(columns + " and " + values.length + " values");
    }
    List<String> names = new ArrayList<>(groupNames);
    names.add("all");
    for (String name : names) {
      Sums sums = groups.computeIfAbsent(name, n -> new Sums(columns.size()));
      sums.questions++;
      for (int i = 0; i < values.length; i++) {
        if (!Double.isNaN(values[i])) {
          sums.sums[i] += values[i];
          sums.counts[i]++;
        }
      }
    }
  }

  /// The groups of a question.
  static List<String> groupsOf(Dataset.Question question) {
    return List.of(
        "kind: " + question.kind(),
        "language: " + question.language(),
        "split: " + question.split());
  }

  /// The average of a column over a group; NaN where nothing was added to it.
  double of(String group, String column) {
    Sums sums = groups.get(group);
    int i = columns.indexOf(column);
    return sums == null || sums.counts[i] == 0 ? Double.NaN : sums.sums[i] / sums.counts[i];
  }

  /// How many questions of a group count in a column.
  int count(String group, String column) {
    Sums sums = groups.get(group);
    return sums == null ? 0 : sums.counts[columns.indexOf(column)];
  }

  Measured.Table table() {
    List<Measured.Row> rows =
        groups.keySet().stream()
            .sorted(Comparator.comparingInt(Averages::rank))
            .map(group ->
                new Measured.Row(
                    group,
                    groups.getOrDefault(group, new Sums(columns.size())).questions,
                    columns.stream().map(column -> of(group, column)).toList()))
            .toList();
    return new Measured.Table(title, columns, rows);
  }

  private static int rank(String group) {
    int colon = group.indexOf(':');
    int place = ORDER.indexOf(colon < 0 ? group : group.substring(0, colon));
    return place < 0 ? ORDER.size() : place;
  }
}
