package chat.magpie.evaluate;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// Makes a folder that can be evaluated of a public set of dialogues.
final class Convert {
  static final ObjectMapper JSON = new ObjectMapper();

  private Convert() {}

  /// The dialogues and questions of a set.
  record Converted(List<ObjectNode> dialogues, List<ObjectNode> questions) {}

  static void run(List<String> args) {
    if (args.size() != 3) {
      throw new Plan.Misused("convert needs a format, a file and a folder");
    }
    Path file = Path.of(args.get(1));
    Path folder = Path.of(args.get(2));
    Converted converted =
        switch (args.getFirst().toLowerCase(Locale.ROOT)) {
          case "locomo" -> new Locomo().convert(read(file));
          case "longmemeval" -> LongMemEval.convert(read(file));
          default ->
              throw new Plan.Misused(
                  "convert knows locomo and longmemeval, not " + args.getFirst());
        };
    write(converted, folder);
    DatasetReader.read(folder);
    IO.println(
        "%d dialogues and %d questions are in %s"
            .formatted(converted.dialogues().size(), converted.questions().size(), folder));
  }

  /// The elements of a file that is one array.
  private static JsonNode read(Path file) {
    try {
      JsonNode root = JSON.readTree(Files.readAllBytes(file));
      if (root != null && root.isArray()) {
        return root;
      }
      throw new Faults.BadData(List.of(file + ":1: this must be a JSON array"));
    } catch (JsonProcessingException e) {
      int line = e.getLocation() == null ? 1 : e.getLocation().getLineNr();
      throw new Faults.BadData(
          List.of(file + ":" + line + ": this is no JSON: " + e.getOriginalMessage()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void write(Converted converted, Path folder) {
    Path dialogues = folder.resolve("memory/dialogues");
    try {
      Files.createDirectories(dialogues);
      for (ObjectNode dialogue : converted.dialogues()) {
        String name = dialogue.path("id").asText().replaceAll("[^A-Za-z0-9_-]", "_");
        Files.writeString(dialogues.resolve(name + ".json"), dialogue.toPrettyString() + "\n");
      }
      List<String> lines = new ArrayList<>();
      converted.questions().forEach(question -> lines.add(question.toString()));
      Files.write(folder.resolve("memory/questions.jsonl"), lines);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// A field that must be there and be text.
  static String text(JsonNode json, String name, String where) {
    JsonNode value = json.path(name);
    if (!value.isTextual() || value.asText().isBlank()) {
      throw new Faults.BadData(List.of(where + ": " + name + " is missing"));
    }
    return value.asText();
  }

  static ObjectNode turn(String id, boolean user, String at, String text) {
    ObjectNode turn = JSON.createObjectNode();
    turn.put("id", id);
    turn.put("speaker", user ? "user" : "companion");
    turn.put("at", at);
    turn.put("text", text);
    return turn;
  }

  static ObjectNode session(String id, List<ObjectNode> turns) {
    ObjectNode session = JSON.createObjectNode();
    session.put("id", id);
    session.put("started_at", turns.getFirst().path("at").asText());
    ArrayNode all = session.putArray("turns");
    turns.forEach(all::add);
    return session;
  }
}
