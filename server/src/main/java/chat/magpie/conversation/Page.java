package chat.magpie.conversation;

import java.util.List;
import java.util.Optional;

/// A part of a list and the cursor of the part that follows it.
public record Page<T>(List<T> items, Optional<String> nextCursor) {
  public Page {
    items = List.copyOf(items);
  }
}
