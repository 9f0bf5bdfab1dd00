package chat.magpie.character.internal;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/// Model parameters as they are stored: a JSON object, keys in order.
final class ParametersJson {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final TypeReference<TreeMap<String, Object>> TYPE = new TypeReference<>() {};

  private ParametersJson() {}

  static String write(Map<String, Object> parameters) {
    try {
      return JSON.writeValueAsString(new TreeMap<>(parameters));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("parameters are not JSON", e);
    }
  }

  static Map<String, Object> read(String json) {
    try {
      return Collections.unmodifiableMap(JSON.readValue(json, TYPE));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("stored parameters are not JSON", e);
    }
  }
}
