package chat.magpie.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.TreeMap;

/// A conversation as a client keeps it: what a `reset` tells, changed by every event since.
final class State {
  /// How many messages a `reset` tells.
  private static final int NEWEST = 50;

  private State() {}

  static Map<String, Object> of(JsonNode reset) {
    Map<String, Object> state = new TreeMap<>();
    JsonNode conversation = reset.path("conversation");
    for (String field :
        new String[] {"mode", "assignee_id", "speaker_id", "status", "message_count"}) {
      state.put(field, conversation.path(field).asText());
    }
    JsonNode handling = conversation.path("handling");
    if (handling.isObject()) {
      handling(state, handling);
    }
    reset
        .path("session")
        .properties()
        .forEach(field -> state.put(field.getKey(), text(field.getValue())));
    state.put("running", text(reset.path("running_reply_id")));
    reset
        .path("read_marks")
        .properties()
        .forEach(mark -> state.put("read by " + mark.getKey(), mark.getValue().asText()));
    reset.path("messages").forEach(message -> message(state, message));
    return state;
  }

  static void hear(Map<String, Object> state, JsonNode frame) {
    JsonNode data = frame.path("data");
    switch (frame.path("type").asText()) {
      case "message.created" -> {
        message(state, frame.path("message"));
        state.put("message_count", data.path("seq").asText());
        state.remove("message " + padded(data.path("seq").asLong() - NEWEST));
        // Whoever says something wakes an idle conversation up, which is told by an event.
      }
      case "message.erased" ->
          state.computeIfPresent(
              "message " + padded(data.path("seq").asLong()),
              (_, said) -> said.toString().replaceFirst("(?s): .*", ": "));
      case "reply.started" -> state.put("running", data.path("reply_id").asText());
      case "reply.ended" -> state.put("running", "");
      case "mode.changed" -> {
        state.put("mode", data.path("mode").asText());
        state.put("assignee_id", data.path("assignee_id").asText());
        if (data.path("handling").isObject()) {
          handling(state, data.path("handling"));
        }
      }
      case "character.changed" -> state.put("speaker_id", data.path("character_id").asText());
      case "desk.priority.changed" -> state.put("desk priority", data.path("priority").asText());
      case "receipt.read" ->
          state.put("read by " + data.path("reader_id").asText(), data.path("seq").asText());
      case "conversation.updated" ->
          data.properties().stream()
              .filter(field -> !field.getKey().equals("conversation_id"))
              .forEach(field -> state.put(field.getKey(), text(field.getValue())));
      case "conversation.ended" -> state.put("status", "ended");
      case "conversation.expired" -> state.put("status", "expired");
      case "reset" -> {
        state.clear();
        state.putAll(of(frame));
      }
      default -> {}
    }
  }

  private static void handling(Map<String, Object> state, JsonNode handling) {
    handling
        .properties()
        .forEach(field -> state.put("desk " + field.getKey(), text(field.getValue())));
  }

  private static void message(Map<String, Object> state, JsonNode message) {
    state.put(
        "message " + padded(message.path("seq").asLong()),
        message.path("role").asText() + ": " + message.path("content").asText());
  }

  private static String padded(long seq) {
    return String.format("%09d", seq);
  }

  /// Null as an empty text: a title that was taken away is empty.
  private static String text(JsonNode value) {
    return value.isNull() ? "" : value.isValueNode() ? value.asText() : value.toString();
  }
}
