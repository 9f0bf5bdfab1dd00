package chat.magpie.memory.internal;

import chat.magpie.memory.MemoryMessage;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// The JSON of a message in the Redis list, as the older service writes and reads it: all six
/// fields always, `timestamp` and `token_count` integers, `metadata` an object or null.
final class MessageJson {
  private static final TypeReference<Map<String, Object>> METADATA = new TypeReference<>() {};
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private final InstantSource clock;

  MessageJson(InstantSource clock) {
    this.clock = clock;
  }

  String write(MemoryMessage message) {
    ObjectNode node =
        JSON.createObjectNode()
            .put("msg_id", message.msgId())
            .put("role", message.role())
            .put("content", message.content())
            .put("timestamp", message.timestamp().getEpochSecond())
            .put("token_count", message.tokenCount());
    node.set("metadata", JSON.valueToTree(message.metadata()));
    try {
      return JSON.writeValueAsString(node);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// The message, or empty where the text is not one. `role` and `content` must be there; a missing
  /// id is derived from the text, a missing time is now, a missing token count 0; fields that are
  /// not known here are ignored.
  Optional<MemoryMessage> read(String text) {
    try {
      JsonNode node = JSON.readTree(text);
      String role = string(node.get("role"));
      String content = string(node.get("content"));
      JsonNode metadata = node.path("metadata");
      if (role == null || content == null || !known(role)) {
        return Optional.empty();
      }
      if (!metadata.isObject() && !metadata.isNull() && !metadata.isMissingNode()) {
        return Optional.empty();
      }
      String id = string(node.get("msg_id"));
      return Optional.of(
          new MemoryMessage(
              id == null ? derivedId(text) : id,
              role,
              content,
              Instant.ofEpochSecond(
                  node.hasNonNull("timestamp")
                      ? integer(node.get("timestamp"))
                      : clock.instant().getEpochSecond()),
              node.hasNonNull("token_count")
                  ? Math.toIntExact(Math.max(0, integer(node.get("token_count"))))
                  : 0,
              metadata.isObject() ? JSON.convertValue(metadata, METADATA) : null));
    } catch (JsonProcessingException | ArithmeticException | IllegalArgumentException e) {
      return Optional.empty();
    } catch (java.time.DateTimeException e) {
      return Optional.empty();
    }
  }

  private static boolean known(String role) {
    return role.equals("user") || role.equals("assistant") || role.equals("system");
  }

  private static @Nullable String string(@Nullable JsonNode node) {
    return node != null && node.isTextual() ? node.textValue() : null;
  }

  /// Numbers as the older service accepts them: integers, whole or fractional numbers, digits in
  /// quotes.
  private static long integer(JsonNode node) {
    if (node.isTextual()) {
      return Long.parseLong(node.textValue().strip());
    }
    if (node.isNumber() && node.canConvertToLong()) {
      return node.longValue();
    }
    throw new IllegalArgumentException("not a number");
  }

  private static String derivedId(String text) {
    return UUID.nameUUIDFromBytes(text.getBytes(StandardCharsets.UTF_8)).toString();
  }
}
