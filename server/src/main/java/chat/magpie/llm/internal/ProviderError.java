package chat.magpie.llm.internal;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// What a provider says went wrong, in its own words: not yet safe to show.
///
/// @param code its identifier of the error, or its type; empty if it names none
/// @param message empty if it says nothing
record ProviderError(String code, String message) {
  static final ProviderError NONE = new ProviderError("", "");

  /// Reads the error where the parser stands at: an object, or just the message.
  static ProviderError read(JsonParser json) throws IOException {
    JsonToken token = json.currentToken();
    if (token == JsonToken.VALUE_STRING) {
      return new ProviderError("", json.getText());
    }
    if (token != JsonToken.START_OBJECT) {
      json.skipChildren();
      return NONE;
    }
    return fields(json);
  }

  /// Reads the body of an error response: OpenAI's `{"error": …}`, or the error without that cover.
  static ProviderError readBody(byte[] body) {
    try (JsonParser json = ChunkReader.JSON.createParser(body)) {
      return json.nextToken() == JsonToken.START_OBJECT ? fields(json) : NONE;
    } catch (IOException e) {
      return NONE;
    }
  }

  private static ProviderError fields(JsonParser json) throws IOException {
    @Nullable String code = null;
    @Nullable String type = null;
    @Nullable String message = null;
    @Nullable ProviderError inner = null;
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String name = json.currentName();
      JsonToken value = json.nextToken();
      boolean scalar = value.isScalarValue() && value != JsonToken.VALUE_NULL;
      if (name.equals("error") && value != JsonToken.VALUE_NULL) {
        inner = read(json);
      } else if (scalar && name.equals("code")) {
        code = json.getText();
      } else if (scalar && name.equals("type")) {
        type = json.getText();
      } else if (scalar && (name.equals("message") || name.equals("detail"))) {
        message = json.getText();
      } else {
        json.skipChildren();
      }
    }
    if (inner != null) {
      return inner;
    }
    return new ProviderError(
        Objects.requireNonNullElse(code, Objects.requireNonNullElse(type, "")),
        Objects.requireNonNullElse(message, ""));
  }
}
