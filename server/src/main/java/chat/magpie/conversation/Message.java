package chat.magpie.conversation;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// One entry in a conversation.
///
/// @param seq its place: 1 for the first, without gaps
/// @param turnId the turn it belongs to
/// @param authorId the user, or the character's id
/// @param citations what the text rests on; empty where nothing was cited
/// @param tokenCount tokens of the content, by the configured encoding
public record Message(
    String id,
    String conversationId,
    long seq,
    Optional<String> turnId,
    Role role,
    String authorId,
    String content,
    Status status,
    List<Citation> citations,
    int tokenCount,
    Instant createdAt) {

  /// Who speaks.
  public enum Role {
    USER,
    ASSISTANT,
    HUMAN,
    SYSTEM
  }

  /// Whether the text is all there was to be: stopped and failed ones hold what had been said.
  public enum Status {
    COMPLETE,
    STOPPED,
    FAILED
  }
}
