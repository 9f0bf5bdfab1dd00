package chat.magpie.memory;

import chat.magpie.llm.Tokens;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A message as short-term memory holds it.
///
/// @param role `user`, `assistant` or `system`
/// @param timestamp with the precision of a second
/// @param metadata such as `emotion` and `intent`; null if there is none
public record MemoryMessage(
    String msgId,
    String role,
    String content,
    Instant timestamp,
    int tokenCount,
    @Nullable Map<String, Object> metadata) {
  /// Names in the metadata: which conversation the message is of, its number there, and the
  /// encoding that its tokens were counted with.
  public static final String CONVERSATION = "conversation_id";

  public static final String SEQ = "seq";
  public static final String ENCODING = "encoding";

  /// The message's number if it is of this conversation, else 0.
  public long seqIn(String conversationId) {
    return metadata != null
            && conversationId.equals(metadata.get(CONVERSATION))
            && metadata.get(SEQ) instanceof Number seq
        ? seq.longValue()
        : 0;
  }

  /// The conversation that it is of; empty where that is not known.
  public Optional<String> conversationId() {
    return metadata != null && metadata.get(CONVERSATION) instanceof String id
        ? Optional.of(id)
        : Optional.empty();
  }

  /// Its tokens as these count them; counted only where that is not known.
  public int count(Tokens tokens) {
    return metadata != null && tokenCount > 0 && tokens.encoding().equals(metadata.get(ENCODING))
        ? tokenCount
        : tokens.count(content);
  }
}
