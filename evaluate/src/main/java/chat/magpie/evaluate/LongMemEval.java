package chat.magpie.evaluate;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.DateTimeException;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// Questions of LongMemEval, each with a history of its own.
final class LongMemEval {
  private static final DateTimeFormatter DATE =
      DateTimeFormatter.ofPattern("uuuu/MM/dd HH:mm", Locale.ENGLISH);
  private static final int SECONDS_A_TURN = 30;

  private LongMemEval() {}

  static Convert.Converted convert(JsonNode questions) {
    List<ObjectNode> dialogues = new ArrayList<>();
    List<ObjectNode> asked = new ArrayList<>();
    int number = 0;
    for (JsonNode question : questions) {
      number++;
      convert(question, "element " + number, dialogues, asked);
    }
    return new Convert.Converted(dialogues, asked);
  }

  private record Session(String id, LocalDateTime start, JsonNode turns) {}

  private static void convert(
      JsonNode element, String where, List<ObjectNode> dialogues, List<ObjectNode> asked) {
    String id = Convert.text(element, "question_id", where);
    ObjectNode dialogue = Convert.JSON.createObjectNode();
    dialogue.put("id", id);
    dialogue.put("split", "test");
    dialogue.put("zone", "UTC");
    ArrayNode sessions = dialogue.putArray("sessions");
    Set<String> answering = new HashSet<>();
    element.path("answer_session_ids").forEach(one -> answering.add(one.asText()));
    List<String> marked = new ArrayList<>();
    List<String> ofAnswering = new ArrayList<>();
    LocalDateTime end = LocalDateTime.MIN;
    int sessionNumber = 0;
    for (Session session : sessions(element, where)) {
      sessionNumber++;
      // Sessions that overlap are told one after the other.
      LocalDateTime at = session.start().isBefore(end) ? end : session.start();
      List<ObjectNode> turns = new ArrayList<>();
      for (JsonNode turn : session.turns()) {
        String text = turn.path("content").asText("");
        if (text.isBlank()) {
          continue;
        }
        String turnId = id + "-s" + sessionNumber + "-t" + (turns.size() + 1);
        boolean user = turn.path("role").asText().equals("user");
        turns.add(Convert.turn(turnId, user, iso(at), text));
        at = at.plusSeconds(SECONDS_A_TURN);
        if (turn.path("has_answer").asBoolean()) {
          marked.add(turnId);
        }
        if (answering.contains(session.id())) {
          ofAnswering.add(turnId);
        }
      }
      if (!turns.isEmpty()) {
        sessions.add(Convert.session(id + "-s" + sessionNumber, turns));
        end = at;
      }
    }
    dialogues.add(dialogue);
    boolean abstain = id.endsWith("_abs");
    LocalDateTime date = time(Convert.text(element, "question_date", where), where);
    ObjectNode question = Convert.JSON.createObjectNode();
    question.put("id", id + "-q");
    question.put("dialogue", id);
    question.put("split", "test");
    question.put("kind", abstain ? "abstain" : Convert.text(element, "question_type", where));
    question.put("question", Convert.text(element, "question", where));
    // The whole history is there when it is asked.
    question.put("asked_at", iso(date.isBefore(end) ? end : date));
    ArrayNode evidence = question.putArray("evidence");
    if (abstain) {
      question.putNull("answer");
    } else {
      (marked.isEmpty() ? ofAnswering : marked).forEach(evidence::add);
      question.put("answer", element.path("answer").asText());
    }
    asked.add(question);
  }

  /// In the order of time.
  private static List<Session> sessions(JsonNode element, String where) {
    JsonNode turns = element.path("haystack_sessions");
    JsonNode dates = element.path("haystack_dates");
    JsonNode ids = element.path("haystack_session_ids");
    if (turns.isEmpty() || turns.size() != dates.size()) {
      throw new Faults.BadData(
          List.of(where + ": haystack_sessions and haystack_dates must be of the same length"));
    }
    List<Session> sessions = new ArrayList<>();
    for (int i = 0; i < turns.size(); i++) {
      sessions.add(
          new Session(ids.path(i).asText(""), time(dates.path(i).asText(), where), turns.get(i)));
    }
    sessions.sort(Comparator.comparing(Session::start));
    return sessions;
  }

  /// Such as `2023/05/20 (Sat) 02:21`.
  private static LocalDateTime time(String text, String where) {
    try {
      return LocalDateTime.parse(text.replaceAll("\\s*\\(\\p{L}+\\)", "").strip(), DATE);
    } catch (DateTimeException e) {
      throw new Faults.BadData(
          List.of(where + ": no time such as 2023/05/20 (Sat) 02:21: " + text));
    }
  }

  private static String iso(LocalDateTime time) {
    return DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss'+00:00'", Locale.ROOT)
        .format(time.atOffset(ZoneOffset.UTC));
  }
}
