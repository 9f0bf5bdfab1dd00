package chat.magpie.handover;

import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/// A text that agents say often.
///
/// @param shortcut what they type for it; unique within the tenant
/// @param content the text, with `{{…}}` for what differs: see [Placeholder]
/// @param locale its language, such as `zh` or `en-GB`; any if absent
/// @param version counts the changes
public record CannedReply(
    String id,
    String shortcut,
    String title,
    String content,
    Optional<String> locale,
    Set<String> tags,
    long version,
    Instant createdAt,
    Instant updatedAt) {

  /// What can stand between `{{` and `}}`, in lower case.
  public enum Placeholder {
    /// The id of the customer.
    CUSTOMER,
    /// The id of the agent who fills it.
    AGENT,
    /// The name of the character.
    CHARACTER,
    /// The id of the conversation.
    CONVERSATION,
    /// The day, as `2026-11-21`, by the clocks of the desk.
    DATE
  }

  /// What a canned reply is made or changed to.
  public record Draft(
      String shortcut, String title, String content, Optional<String> locale, Set<String> tags) {}
}
