package chat.magpie.identity;

import java.util.Optional;

/// The ways to an access token, and the password behind it.
public interface SignIns {
  /// A token for somebody who was never here before: a new user id, nothing stored. `FORBIDDEN`
  /// where guests are switched off.
  IssuedToken guest();

  /// A token for the account. `UNAUTHENTICATED` for an unknown login as for a wrong password, after
  /// the same time; `RATE_LIMITED` after several failures with this login from this address;
  /// `OVERLOADED` where too many sign in at once.
  ///
  /// @param address where the request comes from
  IssuedToken login(String login, String password, String address);

  /// Replaces the caller's password and gives a token that no longer has to. `FORBIDDEN` for a
  /// caller without an account; `INVALID_FIELD` where the current password is wrong or the new one
  /// has fewer than 10 or more than 256 characters, is the current one, or is published;
  /// `RATE_LIMITED` after several wrong ones.
  IssuedToken changePassword(Principal caller, String currentPassword, String newPassword);

  /// The caller's account; empty for guests and services.
  Optional<Account> account(Principal caller);
}
