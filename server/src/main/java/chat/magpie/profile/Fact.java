package chat.magpie.profile;

import java.time.LocalDate;
import java.util.List;
import java.util.Optional;

/// Something known about a user.
///
/// @param value what fills the slot, such as `peanuts`
/// @param text what it was concluded from, in the words in which it was said
/// @param negated the user said that it is not so, or no longer
/// @param sources the ids of the messages that say it; empty where the user stated it here
/// @param validFrom the first day on which it is known to hold
/// @param validTo the first day on which it does not hold any more; empty while it holds
/// @param supersededBy the id of the fact that took its place
/// @param confidence from 0 to 1
public record Fact(
    String id,
    Slot slot,
    String value,
    String text,
    boolean negated,
    List<String> sources,
    LocalDate validFrom,
    Optional<LocalDate> validTo,
    Optional<String> supersededBy,
    double confidence,
    Method method) {
  public Fact {
    sources = List.copyOf(sources);
  }

  /// Whether it holds now.
  public boolean holds() {
    return validTo.isEmpty();
  }

  /// Who says so. The user outranks the others.
  public enum Method {
    RULE,
    MODEL,
    USER
  }
}
