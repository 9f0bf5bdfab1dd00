package chat.magpie.profile;

import java.time.LocalDate;
import java.util.List;

/// Understands which days a text speaks of: "昨天", "last Friday".
@FunctionalInterface
public interface SpokenDays {
  /// The days, in the order of the text; empty where it speaks of none.
  ///
  /// @param said the day on which it was said, where that was
  List<Span> in(String text, LocalDate said);

  /// Days, both ends included.
  record Span(LocalDate first, LocalDate last) {}
}
