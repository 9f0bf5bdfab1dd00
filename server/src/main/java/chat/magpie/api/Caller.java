package chat.magpie.api;

import chat.magpie.identity.Principal;
import chat.magpie.kernel.ErrorCode;
import chat.magpie.kernel.MagpieException;
import jakarta.enterprise.context.RequestScoped;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Who makes the current request. [Authentication] fills it in before a resource runs.
@RequestScoped
public class Caller {
  private @Nullable Principal principal;

  /// The caller; `UNAUTHENTICATED` on a public route that was called without a valid token.
  public Principal principal() {
    Principal known = principal;
    if (known == null) {
      throw new MagpieException(ErrorCode.UNAUTHENTICATED, ErrorCode.UNAUTHENTICATED.english());
    }
    return known;
  }

  /// The caller if the request carried a valid token, for routes that show more to some.
  public Optional<Principal> known() {
    return Optional.ofNullable(principal);
  }

  void becomes(Principal authenticated) {
    principal = authenticated;
  }
}
