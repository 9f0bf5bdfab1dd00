package chat.magpie.knowledge;

import chat.magpie.identity.Principal;
import java.util.List;
import java.util.Optional;

/// What was asked and not answered, by tenant. Questions that are the same but for case, width,
/// blanks and punctuation are one.
///
/// What a principal does needs [chat.magpie.identity.Permission#MANAGE_KNOWLEDGE], else
/// `FORBIDDEN`.
public interface Gaps {
  /// Notes a question soon, behind whoever asks; never fails. The same message counts once.
  void note(Asked asked);

  /// Open ones, those that were asked last first; `BAD_CURSOR` for a cursor that is none.
  Listed list(Principal caller, Optional<String> cursor, int limit);

  Gap get(Principal caller, String id);

  /// Makes an FAQ entry of it, and the gap is none any more until somebody asks in vain again.
  /// Where it was one already, that gets this answer, and is for the characters that it was for.
  ///
  /// @param questions phrasings; the question of the gap, and those that the entry has, where there
  ///   are none
  Document answer(Principal caller, String id, String answer, List<String> questions);

  /// Takes it off the list for good.
  void dismiss(Principal caller, String id);

  /// Forgets what this user asked; a question that nobody else has asked goes with its text.
  void forget(String tenantId, String userId);

  /// Forgets what was asked in this conversation, likewise.
  void forgetConversation(String tenantId, String conversationId);

  /// A question that was not answered.
  record Asked(
      String tenantId, String userId, String conversationId, String messageId, String question) {}

  /// Some gaps and where the next begin.
  record Listed(List<Gap> items, Optional<String> nextCursor) {
    public Listed {
      items = List.copyOf(items);
    }
  }
}
