package chat.magpie.memory;

import java.time.LocalDate;

/// Days that somebody spoke of, both ends included.
public record Days(LocalDate from, LocalDate to) {
  public Days {
    if (to.isBefore(from)) {
      throw new IllegalArgumentException("ends before it begins");
    }
  }

  /// One day.
  public static Days of(LocalDate day) {
    return new Days(day, day);
  }

  /// Whether a day is in both.
  public boolean meets(Days other) {
    return !from.isAfter(other.to) && !to.isBefore(other.from);
  }

  /// How many days these are.
  public long count() {
    return to.toEpochDay() - from.toEpochDay() + 1;
  }
}
