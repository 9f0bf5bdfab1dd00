package chat.magpie.memory.internal;

import chat.magpie.memory.Days;
import java.time.LocalDate;
import java.util.List;

/// The days that texts speak of, for other features.
public final class SpokenDates {
  private SpokenDates() {}

  /// The days, in the order of the text.
  ///
  /// @param said the day on which it was said, where that was
  public static List<Days> in(String text, LocalDate said) {
    return SaidDates.in(text, said).stream().map(SaidDates.Said::days).toList();
  }
}
