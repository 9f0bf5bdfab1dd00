package chat.magpie.conversation.internal;

import static chat.magpie.conversation.internal.ConversationTables.*;
import static chat.magpie.conversation.internal.SessionTables.*;

import chat.magpie.conversation.Session;
import chat.magpie.kernel.ErrorCode;
import chat.magpie.kernel.MagpieException;
import chat.magpie.kernel.WellFormed;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jooq.DSLContext;
import org.jooq.Record;
import org.jooq.Result;
import org.jspecify.annotations.Nullable;

/// Turns rows into sessions, and says what people may add to one.
final class SessionRows {
  static final int TITLE = 200;

  private static final int TAG_LENGTH = 64;
  private static final int TAGS = 20;
  private static final int METADATA = 16_000;
  private static final ObjectMapper JSON = JsonMapper.builder().build();
  private static final TypeReference<LinkedHashMap<String, Object>> OBJECT =
      new TypeReference<>() {};

  private SessionRows() {}

  static List<Session> sessions(DSLContext sql, Result<Record> rows) {
    Map<String, List<String>> tags = tags(sql, rows.getValues(CONVERSATION_ID));
    return rows.map(row ->
        new Session(
            Rows.conversation(row),
            Optional.ofNullable(row.get(CONVERSATION_TITLE)),
            row.get(CONVERSATION_ARCHIVED) != 0,
            tags.getOrDefault(row.get(CONVERSATION_ID), List.of()),
            metadata(row.get(CONVERSATION_METADATA))));
  }

  private static Map<String, List<String>> tags(DSLContext sql, Collection<String> ids) {
    return ids.isEmpty()
        ? Map.of()
        : sql.select(TAG_CONVERSATION, TAG_NAME)
            .from(TAG)
            .where(TAG_CONVERSATION.in(ids))
            .orderBy(TAG_CONVERSATION, TAG_NAME)
            .fetchGroups(TAG_CONVERSATION, TAG_NAME);
  }

  static @Nullable String write(Map<String, Object> metadata) {
    try {
      return metadata.isEmpty() ? null : JSON.writeValueAsString(metadata);
    } catch (JsonProcessingException e) {
      throw new MagpieException(ErrorCode.INVALID_FIELD, "metadata: must be JSON");
    }
  }

  private static Map<String, Object> metadata(@Nullable String column) {
    try {
      return column == null
          ? Map.of()
          : Collections.unmodifiableMap(JSON.readValue(column, OBJECT));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("stored metadata cannot be read", e);
    }
  }

  static String requireTitle(String title) {
    return WellFormed.require("title", title, TITLE);
  }

  /// The tags, each once and in order; `INVALID_FIELD` where they cannot be kept.
  static List<String> requireTags(Collection<String> tags) {
    Set<String> distinct = new LinkedHashSet<>();
    for (@Nullable String tag : tags) {
      if (tag == null) {
        throw new MagpieException(ErrorCode.INVALID_FIELD, "tags: must not hold null");
      }
      WellFormed.requireFilled("tags", tag, TAG_LENGTH);
      if (!tag.equals(tag.strip()) || tag.codePoints().anyMatch(Character::isISOControl)) {
        throw new MagpieException(
            ErrorCode.INVALID_FIELD,
            "tags: must not begin or end with a space or hold control characters");
      }
      distinct.add(tag);
    }
    if (distinct.size() > TAGS) {
      throw new MagpieException(
          ErrorCode.INVALID_FIELD, "tags: a session has at most " + TAGS + " of them");
    }
    return distinct.stream().sorted().toList();
  }

  static Map<String, Object> requireMetadata(Map<String, Object> metadata) {
    if (!finite(metadata)) {
      throw new MagpieException(
          ErrorCode.INVALID_FIELD, "metadata: must not hold numbers that are too large");
    }
    String written = write(metadata);
    if (written != null && written.length() > METADATA) {
      throw new MagpieException(
          ErrorCode.INVALID_FIELD,
          "metadata: must have at most " + METADATA + " characters as JSON");
    }
    if (written != null) {
      WellFormed.require("metadata", written, METADATA);
    }
    return metadata;
  }

  private static boolean finite(@Nullable Object value) {
    return switch (value) {
      case Double number -> Double.isFinite(number);
      case Map<?, ?> object -> object.values().stream().allMatch(SessionRows::finite);
      case List<?> array -> array.stream().allMatch(SessionRows::finite);
      case null, default -> true;
    };
  }

  /// All of them, each once and in order.
  static List<String> with(List<String> tags, List<String> added, List<String> removed) {
    List<String> left =
        new ArrayList<>(Stream.concat(tags.stream(), added.stream()).distinct().toList());
    left.removeAll(removed);
    return requireTags(left);
  }
}
