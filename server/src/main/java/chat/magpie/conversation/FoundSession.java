package chat.magpie.conversation;

import java.util.Optional;

/// A session that a search found.
///
/// @param hit the first message that holds what was looked for; absent where only the title does
public record FoundSession(Session session, Optional<Hit> hit) {
  /// A message that holds what was looked for.
  ///
  /// @param excerpt the text around it
  public record Hit(String messageId, long seq, String excerpt) {}
}
