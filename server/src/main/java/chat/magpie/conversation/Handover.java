package chat.magpie.conversation;

import java.time.Instant;
import java.util.Optional;

/// One time that a human was wanted in a conversation: from when it was asked for, or taken
/// unasked, until its character answers alone again or it ends.
///
/// @param reason why it began
/// @param askedAt since when the customer waits
/// @param takenAt when the first human took it
/// @param agentId who took it last
/// @param assignedAt when they did
/// @param answeredAt when the first human answer came
/// @param spokenAt when the last answer of `agentId` came
public record Handover(
    String id,
    String tenantId,
    String conversationId,
    HandoverReason reason,
    Instant askedAt,
    Optional<Instant> takenAt,
    Optional<String> agentId,
    Optional<Instant> assignedAt,
    Optional<Instant> answeredAt,
    Optional<Instant> spokenAt) {

  /// What the desk promises to do in time, counted from `askedAt`.
  public enum Target {
    /// The first answer of a human.
    FIRST_RESPONSE,
    /// The character answers alone again, or the conversation has ended.
    RESOLUTION
  }
}
