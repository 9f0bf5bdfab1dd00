package chat.magpie.evaluate;

import chat.magpie.conformance.client.Api;
import chat.magpie.evaluate.Dataset.Days;
import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import java.util.zip.CRC32;

/// The routes of a server that the evaluation uses, called one after the other.
final class Wire {
  private static final int TURNS_A_CALL = 500;
  private static final int CHARACTERS_A_CALL = 200_000;
  private static final int ENTRIES_A_CALL = 100;
  private static final int PAUSE_MILLIS = 100;

  private final Api api;

  /// @param key of a service or an administrator
  Wire(URI base, String key) {
    api = Api.anonymous(base).withToken(key);
  }

  /// A turn that was recalled.
  ///
  /// @param relevant whether the server would tell a model of it; a server that does not say so
  ///   tells all
  /// @param dates what the server takes its expressions to mean
  record Recalled(String id, double score, int tokens, boolean relevant, List<Days> dates) {}

  /// @param turns best first
  /// @param dense whether embeddings had a part in it
  /// @param pending how many turns have no vector yet
  record Recall(List<Recalled> turns, boolean dense, int pending) {}

  /// @param section the headings above it, as the server tells them
  /// @param compared whether embeddings had a part in its score
  record Passage(String documentId, String section, double score, boolean compared) {}

  /// @param outcome `answer`, `choice` or `none`
  /// @param passages best first
  record Found(String outcome, List<Passage> passages) {
    boolean answers() {
      return !outcome.equals("none");
    }
  }

  /// How much can be searched.
  record Indexed(int documents, int passages) {}

  /// A fact that the server states.
  record Stated(
      String slot,
      String value,
      boolean negated,
      List<String> sources,
      Optional<LocalDate> validTo) {
    /// The same with the turns that some messages were.
    Stated with(Map<String, String> turnsByMessage) {
      return new Stated(
          slot,
          value,
          negated,
          sources.stream().map(source -> turnsByMessage.getOrDefault(source, source)).toList(),
          validTo);
    }
  }

  /// @param pending how much is still to be learned from
  record Profile(List<Stated> facts, int pending) {}

  /// Its version; `unknown` where the caller may not ask.
  String version() {
    return api.get("/status").body().path("version").asText("unknown");
  }

  /// The ids of the characters.
  List<String> characters() {
    return list(ok("GET /characters", api.get("/characters")).path("items"), "id");
  }

  /// Brings the turns of a dialogue to a user's memory; those that are there already stay.
  void importTurns(String userId, String characterId, Dataset.Dialogue dialogue, boolean learn) {
    List<Map<String, Object>> sessions = new ArrayList<>();
    int turns = 0;
    int characters = 0;
    for (Dataset.Session session : dialogue.sessions()) {
      List<Map<String, Object>> said = new ArrayList<>();
      for (Dataset.Turn turn : session.turns()) {
        if (turns == TURNS_A_CALL || characters > CHARACTERS_A_CALL) {
          addSession(sessions, session, said);
          importSessions(userId, characterId, dialogue, learn, sessions, turns);
          sessions = new ArrayList<>();
          said = new ArrayList<>();
          turns = 0;
          characters = 0;
        }
        said.add(turn(dialogue, turn));
        turns++;
        characters += turn.text().length();
      }
      addSession(sessions, session, said);
    }
    importSessions(userId, characterId, dialogue, learn, sessions, turns);
  }

  private static Map<String, Object> turn(Dataset.Dialogue dialogue, Dataset.Turn turn) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("id", turn.id());
    json.put("speaker", turn.speaker());
    String name = dialogue.speakers().get(turn.speaker());
    if (name != null) {
      json.put("name", name);
    }
    json.put("at", turn.at().toString());
    json.put("text", turn.text());
    return json;
  }

  private static void addSession(
      List<Map<String, Object>> sessions,
      Dataset.Session session,
      List<Map<String, Object>> turns) {
    if (!turns.isEmpty()) {
      sessions.add(
          Map.of("id", session.id(), "started_at", session.startedAt().toString(), "turns", turns));
    }
  }

  private void importSessions(
      String userId,
      String characterId,
      Dataset.Dialogue dialogue,
      boolean learn,
      List<Map<String, Object>> sessions,
      int sent) {
    if (sessions.isEmpty()) {
      return;
    }
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("character_id", characterId);
    dialogue.zone().ifPresent(zone -> body.put("zone", zone));
    if (learn) {
      body.put("learn", true);
    }
    body.put("sessions", sessions);
    String path = "/memory/" + segment(userId) + "/turns";
    JsonNode answer = ok("POST " + path, api.post(path, body));
    int taken = answer.path("imported").asInt() + answer.path("skipped").asInt();
    if (taken != sent) {
      throw new CouldNotMeasure("Of " + sent + " turns " + taken + " were taken: " + answer);
    }
  }

  /// @param at the turns from then on are not there yet
  /// @param limit turns at most
  /// @param maxTokens of all turns together
  Recall retrieve(
      String userId,
      String characterId,
      String question,
      OffsetDateTime at,
      int limit,
      int maxTokens) {
    String path = "/memory/" + segment(userId) + "/retrieve";
    Map<String, Object> body =
        Map.of(
            "character_id", characterId,
            "question", question,
            "at", at.toString(),
            "limit", limit,
            "max_tokens", maxTokens);
    JsonNode answer = ok("POST " + path, api.post(path, body));
    return new Recall(
        stream(answer.path("turns"))
            .map(turn ->
                new Recalled(
                    turn.path("id").asText(),
                    turn.path("score").asDouble(),
                    turn.path("tokens").asInt(),
                    turn.path("relevant").asBoolean(true),
                    stream(turn.path("dates"))
                        .map(date -> new Days(day(date.path("from")), day(date.path("to"))))
                        .toList()))
            .toList(),
        answer.path("dense").asBoolean(),
        answer.path("pending").asInt());
  }

  Profile profile(String userId) {
    String path = "/profile/" + segment(userId);
    JsonNode answer = ok("GET " + path, api.get(path));
    if (!answer.path("pending").isIntegralNumber()) {
      throw new CouldNotMeasure("GET " + path + " does not tell what is pending: " + answer);
    }
    return new Profile(
        stream(answer.path("facts"))
            .map(fact ->
                new Stated(
                    fact.path("slot").asText(),
                    fact.path("value").asText(),
                    fact.path("negated").asBoolean(),
                    list(fact.path("sources"), ""),
                    fact.path("valid_to").isTextual()
                        ? Optional.of(day(fact.path("valid_to")))
                        : Optional.empty()))
            .toList(),
        answer.path("pending").asInt());
  }

  /// The turns' ids by those of the messages that they became.
  Map<String, String> turnsByMessage(String userId, Dataset.Dialogue dialogue) {
    Map<String, String> turns = new HashMap<>();
    dialogue.turns().forEach(turn -> turns.put(turn.at().toInstant() + turn.text(), turn.id()));
    Map<String, String> found = new HashMap<>();
    all(
        "/conversations?user_id=" + segment(userId),
        conversation ->
            all(
                "/conversations/" + segment(conversation.path("id").asText()) + "/messages?",
                message -> {
                  Instant at =
                      OffsetDateTime.parse(message.path("created_at").asText()).toInstant();
                  String turn = turns.get(at + message.path("content").asText());
                  if (turn != null) {
                    found.put(message.path("id").asText(), turn);
                  }
                }));
    return found;
  }

  /// The items of all pages of a list.
  private void all(String path, Consumer<JsonNode> items) {
    String cursor = "";
    do {
      String page = path + "&limit=200" + cursor;
      JsonNode answer = ok("GET " + page, api.get(page));
      answer.path("items").forEach(items);
      JsonNode next = answer.path("next_cursor");
      cursor = next.isTextual() ? "&cursor=" + segment(next.asText()) : "";
    } while (!cursor.isEmpty());
  }

  /// @param characterIds who knows them
  void putEntries(List<Dataset.Entry> entries, List<String> characterIds) {
    for (int i = 0; i < entries.size(); i += ENTRIES_A_CALL) {
      List<Map<String, Object>> some =
          entries.subList(i, Math.min(entries.size(), i + ENTRIES_A_CALL)).stream()
              .map(entry -> {
                List<String> questions = new ArrayList<>();
                questions.add(entry.question());
                questions.addAll(entry.phrasings());
                Map<String, Object> json = new LinkedHashMap<>();
                json.put("id", entry.id());
                json.put("language", entry.language());
                json.put("questions", questions);
                json.put("answer", entry.answer());
                json.put("character_ids", characterIds);
                return json;
              })
              .toList();
      ok("POST /knowledge/faq", api.post("/knowledge/faq", Map.of("entries", some)));
    }
  }

  /// Puts a help page there and returns the id of its document.
  ///
  /// @param characterIds who knows it
  String putPage(Dataset.HelpPage page, List<String> characterIds) {
    String id =
        "page-%08x".formatted(sum(page.path()))
            + page.path().toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
    String path =
        "/knowledge/documents/"
            + segment(id)
            + "?name="
            + segment(page.path().substring(page.path().lastIndexOf('/') + 1))
            + characterIds.stream()
                .map(character -> "&character_id=" + segment(character))
                .collect(Collectors.joining());
    HttpRequest request =
        api.request(path)
            .header("Content-Type", "text/markdown; charset=utf-8")
            .PUT(HttpRequest.BodyPublishers.ofString(page.text()))
            .build();
    ok("PUT " + path, Api.send(request));
    return id;
  }

  /// What can be searched.
  Indexed indexed() {
    JsonNode answer = ok("GET /knowledge", api.get("/knowledge"));
    return new Indexed(answer.path("documents").asInt(), answer.path("passages").asInt());
  }

  private static long sum(String text) {
    CRC32 sum = new CRC32();
    sum.update(text.getBytes(StandardCharsets.UTF_8));
    return sum.getValue();
  }

  Found search(String question, String characterId, int limit) {
    JsonNode answer =
        ok(
            "POST /knowledge/search",
            api.post(
                "/knowledge/search",
                Map.of("question", question, "character_id", characterId, "limit", limit)));
    return new Found(
        answer.path("outcome").asText(),
        stream(answer.path("passages"))
            .map(passage ->
                new Passage(
                    passage.path("document_id").asText(),
                    passage.path("section").asText(),
                    passage.path("score").asDouble(),
                    passage.path("similarity").isNumber()))
            .toList());
  }

  /// Waits until something holds.
  ///
  /// @param what for the message, such as "the pages were indexed"
  static void await(String what, int seconds, BooleanSupplier condition) {
    long deadline = System.nanoTime() + seconds * 1_000_000_000L;
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        throw new CouldNotMeasure("Waited " + seconds + " s in vain until " + what);
      }
      try {
        Thread.sleep(PAUSE_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new CouldNotMeasure("Interrupted while waiting until " + what);
      }
    }
  }

  Api api() {
    return api;
  }

  static JsonNode ok(String what, Api.Response response) {
    if (response.status() / 100 != 2) {
      throw new CouldNotMeasure(what + " was answered with " + response);
    }
    return response.body();
  }

  static String segment(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  /// The day of an ISO date or time.
  private static LocalDate day(JsonNode text) {
    return LocalDate.parse(text.asText().substring(0, 10));
  }

  private static Stream<JsonNode> stream(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false);
  }

  /// The texts of an array, or a field of each of its objects.
  private static List<String> list(JsonNode array, String field) {
    return stream(array)
        .map(item -> field.isEmpty() ? item.asText() : item.path(field).asText())
        .toList();
  }
}
