package chat.magpie.llm.internal;

import chat.magpie.llm.ModelRequest;
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
      Set.of("model", "messages", "stream", "stream_options", "user", "n");

  private RequestBody() {}

  static Buffer of(ModelRequest request, String model) {
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
      json.writeEndArray();
      json.writeBooleanField("stream", true);
      json.writeObjectFieldStart("stream_options");
      json.writeBooleanField("include_usage", true);
      json.writeEndObject();
      if (!request.user().isBlank()) {
        json.writeStringField("user", WellFormed.of(request.user()));
      }
      for (Map.Entry<String, Object> parameter : request.parameters().entrySet()) {
        if (!OURS.contains(parameter.getKey())) {
          json.writePOJOField(parameter.getKey(), parameter.getValue());
        }
      }
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Buffer.buffer(bytes.toByteArray());
  }

  private static String role(PromptMessage.Role role) {
    return switch (role) {
      case SYSTEM -> "system";
      case USER -> "user";
      case ASSISTANT -> "assistant";
    };
  }
}
