package chat.magpie.profile;

import java.util.List;
import java.util.Map;

/// What is known about a user.
///
/// @param facts one sentence each, most important first
/// @param preferences by name, such as `language`
public record Profile(List<String> facts, Map<String, String> preferences) {
  public Profile {
    facts = List.copyOf(facts);
    preferences = Map.copyOf(preferences);
  }
}
