package chat.magpie.conversation;

import chat.magpie.identity.Principal;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// Conversations that were held elsewhere, brought here, and single turns taken out of what is
/// here.
public interface Archive {
  /// Stores the sessions as conversations that have ended, dated as given. They have no feed:
  /// nobody is told of them, and no statistics count them.
  ///
  /// A turn whose id was imported before for this user and character is skipped, also when it was
  /// erased since, whoever imports it at the same time. Each session is stored whole or not at all;
  /// a session with the id of an earlier one goes on with that. Where a call fails half-way the
  /// same call again stores the rest.
  ///
  /// Errors: `FORBIDDEN` where the caller may not act for others; `NOT_FOUND` for a character that
  /// there is not; `INVALID_FIELD` for what cannot be kept or lies in the future.
  Imported add(Principal caller, String userId, String characterId, List<Session> sessions);

  /// Empties a turn: its text is in no table any more when the call returns. What a user said goes
  /// with the answer to it, which may repeat it. The messages keep their places. Erasing it again
  /// does nothing and gives the same.
  ///
  /// Empty where the user has no such turn. Errors: `FORBIDDEN` where the caller may not act for
  /// the user; `CONFLICT` while it is being answered.
  ///
  /// @param id of the message, or the id that it was imported with
  Optional<Erased> erase(Principal caller, String userId, String id);

  /// A session as it was held elsewhere.
  ///
  /// @param id names it for further imports
  /// @param zone in which its dates are meant
  /// @param turns in any order
  record Session(
      Optional<String> id, Optional<Instant> startedAt, Optional<String> zone, List<Turn> turns) {}

  /// Something that was said elsewhere.
  ///
  /// @param byUser whether the user said it, not the character
  /// @param name of who said it
  /// @param tokens of the text
  record Turn(
      String id, boolean byUser, Optional<String> name, Instant at, String text, int tokens) {}

  /// What came of an import.
  ///
  /// @param conversationIds of those that have new turns
  record Imported(int imported, int skipped, List<String> conversationIds) {}

  /// What was emptied.
  ///
  /// @param messageIds the message and what answered it
  /// @param replyIds whose logs still hold the text of an answer
  record Erased(Conversation conversation, List<String> messageIds, List<String> replyIds) {}
}
