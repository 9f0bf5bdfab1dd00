package chat.magpie.conformance.upstream;

import com.fasterxml.jackson.databind.JsonNode;

/// One request as the upstream received it.
///
/// @param authorized whether it carried an `Authorization` header
/// @param body the JSON that was sent
public record Asked(boolean authorized, JsonNode body) {

  /// The content of the last message of the user; empty without one.
  public String question() {
    String question = "";
    for (JsonNode message : body.path("messages")) {
      if (message.path("role").asText().equals("user")) {
        question = message.path("content").asText();
      }
    }
    return question;
  }

  boolean streamed() {
    return body.path("stream").asBoolean();
  }

  boolean wantsUsage() {
    return body.path("stream_options").path("include_usage").asBoolean();
  }

  String model() {
    return body.path("model").asText("upstream");
  }

  /// A quarter of the prompt's characters, as a stand-in for its tokens.
  int tokens() {
    int characters = 0;
    for (JsonNode message : body.path("messages")) {
      characters += message.path("content").asText().length();
    }
    return characters / 4 + 1;
  }
}
