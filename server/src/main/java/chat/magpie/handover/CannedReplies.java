package chat.magpie.handover;

import chat.magpie.identity.Principal;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// The canned replies of a tenant. To read for those who may answer; to write for those who may
/// change settings; else `FORBIDDEN`. `NOT_FOUND` for an id that is none of the tenant's.
///
/// `INVALID_FIELD` where a text is blank or too long (shortcut and tags 64 characters and without
/// blanks, title 200, content 20,000, locale 16), for more than 20 tags, and for a placeholder that
/// is none; `CONFLICT` where the shortcut is taken, and where a tenant has 5,000 of them.
public interface CannedReplies {
  /// A new one.
  CannedReply create(Principal caller, CannedReply.Draft draft);

  /// Changes one; `CONFLICT` where it is not at the expected version any more.
  CannedReply change(
      Principal caller, String id, CannedReply.Draft draft, OptionalLong expectedVersion);

  /// Removes one.
  void delete(Principal caller, String id);

  /// One of them.
  CannedReply get(Principal caller, String id);

  /// Those that fit, by shortcut. `BAD_CURSOR` for one that no page gave.
  ///
  /// @param limit taken as 1 to 200
  Listed list(Principal caller, Filter filter, Optional<String> cursor, int limit);

  /// The text of one for a conversation, its placeholders filled in; `NOT_FOUND` too where the
  /// caller may not see the conversation.
  String fill(Principal caller, String id, String conversationId);

  /// Which ones; what is absent is no condition.
  ///
  /// @param text part of shortcut, title or content, without regard to case
  record Filter(Optional<String> text, Optional<String> tag, Optional<String> locale) {
    /// All of them.
    public static final Filter ALL =
        new Filter(Optional.empty(), Optional.empty(), Optional.empty());
  }

  /// A page.
  record Listed(List<CannedReply> items, Optional<String> nextCursor) {}
}
