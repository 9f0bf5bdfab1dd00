package chat.magpie.handover.internal;

import chat.magpie.handover.DeskSettings;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import java.util.Set;
import java.util.TreeSet;

/// The documents of the desk as they are stored, whatever the mapper of the application is set to.
final class DeskJson {
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .addModule(new Jdk8Module())
          .addModule(new JavaTimeModule())
          .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
          .disable(SerializationFeature.WRITE_DURATIONS_AS_TIMESTAMPS)
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .build();

  private static final TypeReference<TreeSet<String>> TEXTS = new TypeReference<>() {};

  private DeskJson() {}

  static String write(DeskSettings settings) {
    return text(settings);
  }

  static DeskSettings readSettings(String json) {
    try {
      return JSON.readValue(json, DeskSettings.class);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("stored settings are not what was written", e);
    }
  }

  static String write(Set<String> texts) {
    return text(new TreeSet<>(texts));
  }

  static Set<String> readTexts(String json) {
    try {
      return JSON.readValue(json, TEXTS);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("stored texts are not a list", e);
    }
  }

  private static String text(Object value) {
    try {
      return JSON.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("A record of our own always has a JSON form", e);
    }
  }
}
