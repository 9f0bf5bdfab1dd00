package chat.magpie.identity.internal;

import chat.magpie.identity.Credentials;
import chat.magpie.identity.Principal;
import chat.magpie.kernel.ErrorCode;
import chat.magpie.kernel.MagpieException;
import java.time.InstantSource;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Checks access tokens and service API keys. A token that was checked lately costs one look-up.
public final class TokenCredentials implements Credentials {
  private static final String SCHEME = "Bearer ";
  private static final int MAX_HEADER = 8192;
  private static final int REMEMBERED = 10_000;

  private final Tokens tokens;
  private final SqlApiKeys apiKeys;
  private final InstantSource clock;
  private final RecentMap<String, Tokens.Verified> verified = new RecentMap<>(REMEMBERED);

  TokenCredentials(Tokens tokens, SqlApiKeys apiKeys, InstantSource clock) {
    this.tokens = tokens;
    this.apiKeys = apiKeys;
    this.clock = clock;
  }

  @Override
  public Principal authenticate(@Nullable String authorization) {
    if (authorization == null
        || authorization.length() > MAX_HEADER
        || !authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
      throw unauthenticated();
    }
    String token = authorization.substring(SCHEME.length());
    return principalOf(token).orElseThrow(TokenCredentials::unauthenticated);
  }

  private Optional<Principal> principalOf(String token) {
    if (token.startsWith(SqlApiKeys.PREFIX)) {
      return apiKeys.principalOf(token);
    }
    Tokens.Verified known = verified.get(token);
    if (known != null) {
      if (clock.millis() < known.untilMillis()) {
        return Optional.of(known.principal());
      }
      verified.remove(token);
      return Optional.empty();
    }
    Optional<Tokens.Verified> fresh = tokens.verify(token);
    fresh.ifPresent(value -> verified.put(token, value));
    return fresh.map(Tokens.Verified::principal);
  }

  private static MagpieException unauthenticated() {
    return new MagpieException(ErrorCode.UNAUTHENTICATED, ErrorCode.UNAUTHENTICATED.english());
  }
}
