package chat.magpie.identity;

import java.time.Duration;

/// An access token that has just been made.
///
/// @param value the token; whoever holds it is the user
/// @param expiresIn how long it is valid from now on
/// @param mustChangePassword the token is good for replacing the password and nothing else
public record IssuedToken(
    String value, Duration expiresIn, String userId, boolean mustChangePassword) {

  /// Everything but the token.
  @Override
  public String toString() {
    return "IssuedToken[" + userId + ", " + expiresIn + "]";
  }
}
