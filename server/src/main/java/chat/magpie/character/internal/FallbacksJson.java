package chat.magpie.character.internal;

import chat.magpie.character.Fallback;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Fallbacks as they are stored: a JSON array of `{"provider", "model"?}`.
final class FallbacksJson {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private FallbacksJson() {}

  static String write(List<Fallback> fallbacks) {
    ArrayNode list = JSON.createArrayNode();
    for (Fallback fallback : fallbacks) {
      ObjectNode item = list.addObject().put("provider", fallback.provider());
      fallback.model().ifPresent(model -> item.put("model", model));
    }
    return list.toString();
  }

  static List<Fallback> read(String json) {
    try {
      List<Fallback> fallbacks = new ArrayList<>();
      for (JsonNode item : JSON.readTree(json)) {
        fallbacks.add(
            new Fallback(
                item.path("provider").asText(),
                Optional.ofNullable(item.path("model").textValue())));
      }
      return List.copyOf(fallbacks);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("stored fallbacks are not JSON", e);
    }
  }
}
