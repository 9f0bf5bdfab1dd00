package chat.magpie.api;

import chat.magpie.identity.Principal;
import jakarta.inject.Singleton;
import java.util.Optional;

/// Whose tokens have been seen valid lately, so that limits can be counted per caller before a
/// request is authenticated. It grants nothing: at worst a request is counted for its user after
/// the token was revoked.
@Singleton
public final class KnownTokens {
  private static final int CAPACITY = 10_000;

  private final RecentlyUsed<String> users = new RecentlyUsed<>(CAPACITY);

  void remember(String authorization, Principal principal) {
    users.get(authorization, () -> principal.tenantId() + "/" + principal.userId());
  }

  /// The tenant and user that this `Authorization` header belonged to.
  Optional<String> userOf(String authorization) {
    return users.find(authorization);
  }
}
