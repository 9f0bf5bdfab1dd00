package chat.magpie.conversation;

import java.time.Instant;
import java.util.Optional;

/// The record of one exchange between a user and a character.
///
/// @param mode who answers
/// @param status where it is in its life
/// @param messageSeq the seq of its newest message; 0 while it has none
/// @param feedSeq how far its feed reaches: this state is that of all events up to there
public record Conversation(
    String id,
    String tenantId,
    String userId,
    String characterId,
    Mode mode,
    Status status,
    long messageSeq,
    long feedSeq,
    Instant createdAt,
    Instant updatedAt,
    Optional<Instant> endedAt) {

  /// Who answers: the character; the character while a human is awaited; a human.
  public enum Mode {
    BOT,
    WAITING,
    HUMAN
  }

  /// Where a conversation is in its life.
  public enum Status {
    ACTIVE,
    IDLE,
    ENDED,
    EXPIRED
  }
}
