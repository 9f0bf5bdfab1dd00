package chat.magpie.profile;

import java.util.List;
import java.util.Map;

/// What is known about a user.
///
/// @param facts those that hold first, then most important first
/// @param preferences by name, such as `language`
/// @param pending how many messages of the user wait to be learnt from
/// @param learning whether is learnt from what the user says, and by whom that is decided
public record Profile(
    List<Fact> facts, Map<String, String> preferences, long pending, Learning learning) {
  public Profile {
    facts = List.copyOf(facts);
    preferences = Map.copyOf(preferences);
  }

  /// Whether is learnt: only where all three say so.
  public record Learning(boolean deployment, boolean tenant, boolean user) {
    public boolean enabled() {
      return deployment && tenant && user;
    }
  }
}
