package chat.magpie.profile.internal;

import chat.magpie.profile.Profile;
import chat.magpie.profile.Profiles;
import java.util.List;
import java.util.Map;

/// Profiles as long as nothing learns about users: nothing is known about anybody.
public final class UnlearnedProfiles implements Profiles {
  private static final Profile NOTHING = new Profile(List.of(), Map.of());

  @Override
  public Profile of(String tenantId, String userId) {
    return NOTHING;
  }

  @Override
  public List<String> promptLines(String tenantId, String userId) {
    return List.of();
  }
}
