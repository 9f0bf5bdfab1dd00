package chat.magpie.conversation;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What shall be different about a session; what is empty stays as it is.
///
/// @param title an empty text takes the title away
/// @param tags all that it shall have
/// @param addedTags those that it shall have besides its own
/// @param removedTags those that it shall not have any more
/// @param metadata all of it, anew
public record SessionChange(
    Optional<String> title,
    Optional<Boolean> archived,
    Optional<List<String>> tags,
    List<String> addedTags,
    List<String> removedTags,
    Optional<Map<String, Object>> metadata) {
  /// To put it away, or to take it out again.
  public static SessionChange archive(boolean archived) {
    return new SessionChange(
        Optional.empty(),
        Optional.of(archived),
        Optional.empty(),
        List.of(),
        List.of(),
        Optional.empty());
  }

  /// To add and to remove tags.
  public static SessionChange tags(List<String> added, List<String> removed) {
    return new SessionChange(
        Optional.empty(), Optional.empty(), Optional.empty(), added, removed, Optional.empty());
  }
}
