package chat.magpie.evaluate;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.DateTimeException;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// Conversations and questions of LoCoMo, as `locomo10.json` has them.
final class Locomo {
  private static final DateTimeFormatter DATE =
      new DateTimeFormatterBuilder()
          .parseCaseInsensitive()
          .appendPattern("h:mm a 'on' d MMMM, uuuu")
          .toFormatter(Locale.ENGLISH);
  private static final List<String> KINDS =
      List.of("multi_hop", "temporal", "open_domain", "single", "abstain");
  private static final int SECONDS_A_TURN = 30;

  private final List<ObjectNode> dialogues = new ArrayList<>();
  private final List<ObjectNode> questions = new ArrayList<>();

  Convert.Converted convert(JsonNode samples) {
    int number = 0;
    for (JsonNode sample : samples) {
      number++;
      sample(sample, "element " + number);
    }
    return new Convert.Converted(dialogues, questions);
  }

  private void sample(JsonNode sample, String where) {
    String id = Convert.text(sample, "sample_id", where);
    JsonNode conversation = sample.path("conversation");
    String user = Convert.text(conversation, "speaker_a", where);
    String companion = Convert.text(conversation, "speaker_b", where);
    ObjectNode dialogue = Convert.JSON.createObjectNode();
    dialogue.put("id", id);
    dialogue.put("language", "en");
    dialogue.put("split", "test");
    dialogue.put("zone", "UTC");
    dialogue.putObject("speakers").put("user", user).put("companion", companion);
    Set<String> turns = new HashSet<>();
    List<Session> sessions = new ArrayList<>();
    conversation
        .fieldNames()
        .forEachRemaining(name -> {
          if (name.matches("session_\\d+") && !conversation.path(name).isEmpty()) {
            sessions.add(session(id, name, conversation, user, where));
          }
        });
    if (sessions.isEmpty()) {
      throw new Faults.BadData(List.of(where + ": there is no session"));
    }
    sessions.sort((a, b) -> a.start().compareTo(b.start()));
    ArrayNode all = dialogue.putArray("sessions");
    for (Session session : sessions) {
      all.add(session.json());
      session.json().path("turns").forEach(turn -> turns.add(turn.path("id").asText()));
    }
    dialogues.add(dialogue);
    OffsetDateTime askedAt = sessions.getLast().end().plusDays(1);
    int number = 0;
    for (JsonNode qa : sample.path("qa")) {
      number++;
      question(id, number, qa, turns, askedAt, where);
    }
  }

  private record Session(ObjectNode json, OffsetDateTime start, OffsetDateTime end) {}

  private static Session session(
      String id, String name, JsonNode conversation, String user, String where) {
    String place = where + ", " + name;
    OffsetDateTime start = time(Convert.text(conversation, name + "_date_time", place), place);
    OffsetDateTime at = start;
    List<ObjectNode> turns = new ArrayList<>();
    for (JsonNode turn : conversation.path(name)) {
      String caption = turn.path("blip_caption").asText("");
      String said = turn.path("text").asText("");
      String text = caption.isBlank() ? said : said + " [" + caption + "]";
      turns.add(
          Convert.turn(
              id + "-" + Convert.text(turn, "dia_id", place),
              Convert.text(turn, "speaker", place).equals(user),
              iso(at),
              text.isBlank() ? "…" : text.strip()));
      at = at.plusSeconds(SECONDS_A_TURN);
    }
    return new Session(Convert.session(id + "-" + name, turns), start, at);
  }

  private static OffsetDateTime time(String text, String where) {
    try {
      return LocalDateTime.parse(text.strip(), DATE).atOffset(ZoneOffset.UTC);
    } catch (DateTimeException e) {
      throw new Faults.BadData(
          List.of(where + ": no time such as 1:56 pm on 8 May, 2023: " + text));
    }
  }

  private void question(
      String id, int number, JsonNode qa, Set<String> turns, OffsetDateTime askedAt, String where) {
    int category = qa.path("category").asInt();
    String kind = category >= 1 && category <= KINDS.size() ? KINDS.get(category - 1) : "unnamed";
    boolean abstain = kind.equals("abstain");
    Set<String> evidence = new LinkedHashSet<>();
    for (JsonNode entry : qa.path("evidence")) {
      for (String one : entry.asText().split("[;,\\s]+", -1)) {
        if (!abstain && turns.contains(id + "-" + one)) {
          evidence.add(id + "-" + one);
        }
      }
    }
    if (evidence.isEmpty() && !abstain) {
      return;
    }
    ObjectNode question = Convert.JSON.createObjectNode();
    question.put("id", id + "-q" + number);
    question.put("dialogue", id);
    question.put("split", "test");
    question.put("language", "en");
    question.put("kind", kind);
    question.put("question", Convert.text(qa, "question", where + ", question " + number));
    question.put("asked_at", iso(askedAt));
    evidence.forEach(question.putArray("evidence")::add);
    if (abstain) {
      question.putNull("answer");
    } else {
      question.put("answer", qa.path("answer").asText());
    }
    questions.add(question);
  }

  private static String iso(OffsetDateTime time) {
    return DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss'+00:00'", Locale.ROOT)
        .format(time.withOffsetSameInstant(ZoneOffset.UTC));
  }
}
