package chat.magpie.evaluate;

import chat.magpie.evaluate.Measured.Case;
import chat.magpie.evaluate.Measured.Headline;
import chat.magpie.evaluate.Measured.Row;
import chat.magpie.evaluate.Measured.Table;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// What was measured, for people and for programs.
///
/// @param context what was asked of which version, by name
/// @param servers what each server gave, by the mode of its embeddings
record Report(Map<String, String> context, Map<String, List<Measured>> servers) {
  static final String BEGIN = "<!-- Written by ./magpie evaluate. -->";
  static final String END = "<!-- End of what ./magpie evaluate writes. -->";

  /// Whether any target is missed at any server.
  boolean misses() {
    return all().flatMap(measured -> measured.headlines().stream()).anyMatch(Headline::missed);
  }

  private Stream<Measured> all() {
    return servers.values().stream().flatMap(List::stream);
  }

  /// Headlines beside their targets, then a table per group of figures; in Markdown.
  String markdown() {
    StringBuilder text = new StringBuilder();
    context.forEach((name, value) -> text.append("- %s: %s\n".formatted(name, value)));
    text.append("- The columns are embeddings: ")
        .append(String.join(", ", servers.keySet()))
        .append(".\n\n");
    headlines(text);
    for (String title : titles()) {
      table(text, title);
    }
    notes(text);
    return text.toString();
  }

  private void headlines(StringBuilder text) {
    line(
        text,
        Stream.concat(
            Stream.of("figure", "of"),
            servers.keySet().stream().flatMap(m -> Stream.of("target", m, ""))));
    line(text, Stream.generate(() -> "---").limit(2 + 3L * servers.size()));
    Set<String> names =
        all()
            .flatMap(measured -> measured.headlines().stream().map(Headline::name))
            .collect(Collectors.toCollection(LinkedHashSet::new));
    for (String name : names) {
      List<String> cells = new ArrayList<>(List.of(name));
      cells.add(
          servers.keySet().stream()
              .flatMap(mode -> headline(mode, name).stream())
              .map(headline -> "%,d".formatted(headline.count()))
              .distinct()
              .collect(Collectors.joining(" / ")));
      for (String mode : servers.keySet()) {
        Optional<Headline> headline = headline(mode, name);
        cells.add(headline.flatMap(Headline::target).map(Object::toString).orElse(""));
        cells.add(headline.map(h -> figure(h.value())).orElse(""));
        cells.add(headline.map(Report::judged).orElse(""));
      }
      line(text, cells.stream());
    }
    text.append('\n');
  }

  private static String judged(Headline headline) {
    if (headline.target().isEmpty() || Double.isNaN(headline.value())) {
      return "";
    }
    return headline.missed() ? "**missed**" : "met";
  }

  private Optional<Headline> headline(String mode, String name) {
    return servers.getOrDefault(mode, List.of()).stream()
        .flatMap(measured -> measured.headlines().stream())
        .filter(headline -> headline.name().equals(name))
        .findFirst();
  }

  private Set<String> titles() {
    return all()
        .flatMap(measured -> measured.tables().stream().map(Table::title))
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }

  /// One table of all servers: each cell has a figure of each, separated by `/`.
  private void table(StringBuilder text, String title) {
    List<Table> tables = new ArrayList<>();
    for (List<Measured> measured : servers.values()) {
      measured.stream()
          .flatMap(one -> one.tables().stream())
          .filter(table -> table.title().equals(title))
          .findFirst()
          .ifPresent(tables::add);
    }
    List<String> columns = tables.getFirst().columns();
    text.append("**").append(title).append("**\n\n");
    line(text, Stream.concat(Stream.of("", "number"), columns.stream()));
    line(text, Stream.generate(() -> "---").limit(2L + columns.size()));
    Set<String> groups =
        tables.stream()
            .flatMap(table -> table.rows().stream().map(Row::group))
            .collect(Collectors.toCollection(LinkedHashSet::new));
    for (String group : groups) {
      List<Row> rows =
          tables.stream()
              .flatMap(table -> table.rows().stream().filter(row -> row.group().equals(group)))
              .toList();
      List<String> cells = new ArrayList<>(List.of(group));
      cells.add(
          rows.stream()
              .map(row -> row.count() == 0 ? "" : Integer.toString(row.count()))
              .distinct()
              .collect(Collectors.joining(" / ")));
      for (int i = 0; i < columns.size(); i++) {
        int column = i;
        cells.add(
            rows.stream()
                .map(row -> figure(row.values().get(column)))
                .collect(Collectors.joining(" / ")));
      }
      line(text, cells.stream());
    }
    text.append('\n');
  }

  private void notes(StringBuilder text) {
    servers.forEach((mode, measured) ->
        measured.stream()
            .flatMap(one -> one.notes().stream())
            .forEach(note -> text.append("- %s: %s\n".formatted(mode, note))));
  }

  private static void line(StringBuilder text, Stream<String> cells) {
    text.append("| ").append(cells.collect(Collectors.joining(" | "))).append(" |\n");
  }

  private static String figure(double value) {
    return Double.isNaN(value) ? "" : "%.3f".formatted(value);
  }

  /// The worst questions of each target that is missed. Those of the split `test` are never told,
  /// so that nothing is tuned on them.
  String worst(int count) {
    StringBuilder text = new StringBuilder();
    servers.forEach((mode, measured) ->
        measured.forEach(one ->
            one.headlines().stream()
                .filter(Headline::missed)
                .forEach(headline -> worst(text, mode, headline, one.cases(), count))));
    return text.toString();
  }

  private static void worst(
      StringBuilder text, String mode, Headline headline, List<Case> cases, int count) {
    text.append(
        "\n%s, embeddings %s: %s against %s\n"
            .formatted(
                headline.name(),
                mode,
                figure(headline.value()),
                headline.target().map(Object::toString).orElse("")));
    cases.stream()
        .filter(one -> one.headline().equals(headline.name()))
        .filter(one -> one.split().equals("dev") && one.value() < 1)
        .sorted(Comparator.comparingDouble(Case::value))
        .limit(count)
        .forEach(one ->
            text.append(
                "  %s %s %s %s\n"
                    .formatted(figure(one.value()), one.id(), one.kind(), one.told())));
  }

  /// The section in a file's text, in place of the one that was there, or at its end.
  String into(String document) {
    String section = BEGIN + "\n## How well it finds, remembers and learns\n\n" + markdown() + END;
    int begin = document.indexOf(BEGIN);
    int end = document.indexOf(END);
    if (begin >= 0 && end > begin) {
      return document.substring(0, begin) + section + document.substring(end + END.length());
    }
    String before = document.isBlank() ? "" : document.stripTrailing() + "\n\n";
    return before + section + "\n";
  }

  String json() {
    ObjectMapper mapper = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
    ObjectNode root = mapper.createObjectNode();
    ObjectNode about = root.putObject("context");
    context.forEach(about::put);
    ObjectNode byMode = root.putObject("servers");
    servers.forEach((mode, measured) -> {
      ObjectNode suites = byMode.putObject(mode);
      measured.forEach(one -> fill(suites.putObject(one.suite()), one));
    });
    try {
      return mapper.writeValueAsString(root) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void fill(ObjectNode suite, Measured measured) {
    ArrayNode headlines = suite.putArray("headlines");
    for (Headline headline : measured.headlines()) {
      ObjectNode json = headlines.addObject();
      json.put("name", headline.name());
      put(json, "value", headline.value());
      json.put("count", headline.count());
      headline
          .target()
          .ifPresent(target -> {
            json.put(target.atLeast() ? "at_least" : "at_most", target.bound());
            json.put("met", !headline.missed());
          });
    }
    ArrayNode tables = suite.putArray("tables");
    for (Table table : measured.tables()) {
      ObjectNode json = tables.addObject();
      json.put("title", table.title());
      ArrayNode rows = json.putArray("rows");
      for (Row row : table.rows()) {
        ObjectNode cells = rows.addObject();
        cells.put("group", row.group());
        cells.put("count", row.count());
        for (int i = 0; i < table.columns().size(); i++) {
          put(cells, table.columns().get(i), row.values().get(i));
        }
      }
    }
    ArrayNode notes = suite.putArray("notes");
    measured.notes().forEach(notes::add);
    ArrayNode cases = suite.putArray("cases");
    for (Case one : measured.cases()) {
      ObjectNode json = cases.addObject();
      json.put("headline", one.headline());
      json.put("id", one.id());
      json.put("split", one.split());
      json.put("kind", one.kind());
      put(json, "value", one.value());
      json.put("told", one.told());
    }
  }

  private static void put(ObjectNode json, String name, double value) {
    if (Double.isNaN(value)) {
      json.putNull(name);
    } else {
      json.put(name, value);
    }
  }

  /// The counts of a data set, for the context.
  static Map<String, String> contextOf(Dataset data, Plan plan, String version, String date) {
    Map<String, String> context = new LinkedHashMap<>();
    context.put("Date", date);
    context.put("Command", "`" + plan.command() + "`");
    context.put("Version", version);
    context.put("Data", "%s, split %s".formatted(data.name(), splitName(plan.split())));
    context.put(
        "Asked",
        "%,d questions about %d dialogues of %,d turns; %,d to %d answers, %,d to %d pages; %,d facts and %d traps"
            .formatted(
                data.memoryQuestions().size(),
                data.dialogues().size(),
                data.dialogues().stream().flatMap(Dataset.Dialogue::turns).count(),
                data.faqQuestions().size(),
                data.entries().size(),
                data.passageQuestions().size(),
                data.pages().size(),
                data.facts().size(),
                data.traps().size()));
    return context;
  }

  private static String splitName(Dataset.Split split) {
    return switch (split) {
      case DEV -> "dev";
      case TEST -> "test";
      case ALL -> "all";
    };
  }
}
