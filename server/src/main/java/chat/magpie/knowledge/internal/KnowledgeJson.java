package chat.magpie.knowledge.internal;

import chat.magpie.knowledge.Faq;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// What of documents is stored as JSON, whatever the mapper of the application is set to.
final class KnowledgeJson {
  private static final JsonMapper JSON = JsonMapper.builder().addModule(new Jdk8Module()).build();
  private static final TypeReference<List<Faq>> ENTRIES = new TypeReference<>() {};
  private static final TypeReference<TreeSet<String>> TEXTS = new TypeReference<>() {};

  private KnowledgeJson() {}

  static String texts(Collection<String> texts) {
    return write(new TreeSet<>(texts));
  }

  static Set<String> texts(String json) {
    return read(json, TEXTS);
  }

  static @Nullable String entries(List<Faq> entries) {
    return entries.isEmpty() ? null : write(entries);
  }

  static List<Faq> entries(@Nullable String json) {
    return json == null ? List.of() : read(json, ENTRIES);
  }

  static String write(Object value) {
    try {
      return JSON.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  static <T> T read(String json, TypeReference<T> type) {
    try {
      return JSON.readValue(json, type);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("what is stored is not what was written", e);
    }
  }
}
