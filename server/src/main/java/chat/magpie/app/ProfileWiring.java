package chat.magpie.app;

import chat.magpie.profile.Profiles;
import chat.magpie.profile.internal.UnlearnedProfiles;
import jakarta.enterprise.context.Dependent;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/// Puts the profiles together.
@Dependent
class ProfileWiring {
  @Produces
  @Singleton
  Profiles profiles() {
    return new UnlearnedProfiles();
  }
}
