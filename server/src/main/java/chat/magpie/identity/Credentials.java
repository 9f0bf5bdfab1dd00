package chat.magpie.identity;

import org.jspecify.annotations.Nullable;

/// Turns what a request carries into a [Principal]; the only way to one.
public interface Credentials {
  /// The principal behind the value of an `Authorization` header: `Bearer` with an access token or
  /// a service API key. Throws [chat.magpie.kernel.MagpieException] with `UNAUTHENTICATED` where it
  /// is missing, malformed, forged, expired or revoked, without saying which of them.
  Principal authenticate(@Nullable String authorization);
}
