package chat.magpie.llm.internal;

import chat.magpie.llm.ModelRequest;
import chat.magpie.llm.PrefixMode;
import chat.magpie.llm.PromptMessage;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Set;

/// Writes the JSON that asks for a streamed chat completion.
final class RequestBody {
  private static final ObjectMapper JSON = new ObjectMapper();

  /// What a character's parameters may not overrule.
  private static final Set<String> OURS =
      Set.of(
          "model",
          "messages",
          "stream",
          "stream_options",
          "user",
          "n",
          "continue_final_message",
          "add_generation_prompt");

  /// The action of having a human answer.
  static final String ASK_HUMAN = "ask_human";

  private static final String ASK_HUMAN_WHEN =
      "Call a human colleague into this conversation. Use it when the customer wants a human, or when"
          + " you cannot help: you do not know, must not decide, or have failed before. Tell the"
          + " customer that you do.";

  private RequestBody() {}

  /// @param mode how the provider is told to go on with the request's prefix
  /// @param tools whether the provider takes tools; an answer that is gone on with has none
  static Buffer of(ModelRequest request, String model, PrefixMode mode, boolean tools) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(1024);
    try (JsonGenerator json = JSON.createGenerator(bytes)) {
      json.writeStartObject();
      json.writeStringField("model", WellFormed.of(model));
      json.writeArrayFieldStart("messages");
      for (PromptMessage message : request.messages()) {
        json.writeStartObject();
        json.writeStringField("role", role(message.role()));
        json.writeStringField("content", WellFormed.of(message.content()));
        json.writeEndObject();
      }
      if (!request.prefix().isEmpty()) {
        begun(json, request.prefix(), mode);
      }
      json.writeEndArray();
      if (!request.prefix().isEmpty() && mode == PrefixMode.CONTINUE_FINAL_MESSAGE) {
        json.writeBooleanField("continue_final_message", true);
        json.writeBooleanField("add_generation_prompt", false);
      }
      json.writeBooleanField("stream", true);
      json.writeObjectFieldStart("stream_options");
      json.writeBooleanField("include_usage", true);
      json.writeEndObject();
      if (!request.user().isBlank()) {
        json.writeStringField("user", WellFormed.of(request.user()));
      }
      boolean offers = tools && request.offersHuman() && request.prefix().isEmpty();
      if (offers) {
        offerHuman(json);
      }
      for (Map.Entry<String, Object> parameter : request.parameters().entrySet()) {
        boolean ours = OURS.contains(parameter.getKey());
        if (!ours && !(offers && parameter.getKey().equals("tools"))) {
          json.writePOJOField(parameter.getKey(), parameter.getValue());
        }
      }
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Buffer.buffer(bytes.toByteArray());
  }

  private static void offerHuman(JsonGenerator json) throws IOException {
    json.writeArrayFieldStart("tools");
    json.writeStartObject();
    json.writeStringField("type", "function");
    json.writeObjectFieldStart("function");
    json.writeStringField("name", ASK_HUMAN);
    json.writeStringField("description", ASK_HUMAN_WHEN);
    json.writeObjectFieldStart("parameters");
    json.writeStringField("type", "object");
    json.writeObjectFieldStart("properties");
    json.writeEndObject();
    json.writeEndObject();
    json.writeEndObject();
    json.writeEndObject();
    json.writeEndArray();
  }

  /// The message that is to be gone on with.
  private static void begun(JsonGenerator json, String prefix, PrefixMode mode) throws IOException {
    json.writeStartObject();
    json.writeStringField("role", "assistant");
    json.writeStringField("content", WellFormed.of(prefix));
    switch (mode) {
      case PARTIAL -> json.writeBooleanField("partial", true);
      case PREFIX -> json.writeBooleanField("prefix", true);
      case CONTINUE_FINAL_MESSAGE -> {
        // The request says so, beside the messages.
      }
      case NONE -> throw new IllegalArgumentException("the provider cannot go on with an answer");
    }
    json.writeEndObject();
  }

  private static String role(PromptMessage.Role role) {
    return switch (role) {
      case SYSTEM -> "system";
      case USER -> "user";
      case ASSISTANT -> "assistant";
    };
  }
}
