package chat.magpie.identity.internal;

import chat.magpie.identity.Account;
import chat.magpie.identity.IdentityConfig;
import chat.magpie.identity.IssuedToken;
import chat.magpie.identity.Principal;
import chat.magpie.identity.Role;
import chat.magpie.identity.SignIns;
import chat.magpie.kernel.ErrorCode;
import chat.magpie.kernel.Ids;
import chat.magpie.kernel.MagpieException;
import chat.magpie.kernel.WellFormed;
import java.time.Duration;
import java.util.Optional;

/// Signs people in and gives them tokens.
final class TokenSignIns implements SignIns {
  private final IdentityConfig config;
  private final Tokens tokens;
  private final SqlAccounts accounts;
  private final Passwords passwords;
  private final Backoff backoff;

  TokenSignIns(
      IdentityConfig config,
      Tokens tokens,
      SqlAccounts accounts,
      Passwords passwords,
      Backoff backoff) {
    this.config = config;
    this.tokens = tokens;
    this.accounts = accounts;
    this.passwords = passwords;
    this.backoff = backoff;
  }

  @Override
  public IssuedToken guest() {
    if (!config.guests()) {
      throw new MagpieException(ErrorCode.FORBIDDEN, "Guests are switched off here.");
    }
    Principal guest =
        new Principal(Principal.DEFAULT_TENANT, "guest_" + Ids.next(), Role.GUEST, false);
    return issue(guest, config.guestTokenTtl());
  }

  @Override
  public IssuedToken login(String login, String password, String address) {
    String normal = SqlAccounts.normal(login);
    String key = normal + ' ' + address;
    backoff.requireAllowed(key);
    Optional<SqlAccounts.WithHash> found =
        WellFormed.test(normal)
            ? accounts.byLogin(Principal.DEFAULT_TENANT, normal)
            : Optional.empty();
    if (!passwords.matches(password, found.map(SqlAccounts.WithHash::passwordHash))) {
      backoff.failed(key);
      throw new MagpieException(ErrorCode.UNAUTHENTICATED, "The login or the password is wrong.");
    }
    backoff.succeeded(key);
    Account account = found.orElseThrow().account();
    return issue(principal(account, account.mustChangePassword()), config.accessTokenTtl());
  }

  @Override
  public IssuedToken changePassword(Principal caller, String currentPassword, String newPassword) {
    SqlAccounts.WithHash before =
        accounts
            .of(caller)
            .orElseThrow(
                () -> new MagpieException(ErrorCode.FORBIDDEN, "You have no account to change."));
    backoff.requireAllowed(caller.userId());
    if (!passwords.matches(currentPassword, Optional.of(before.passwordHash()))) {
      backoff.failed(caller.userId());
      throw new MagpieException(ErrorCode.INVALID_FIELD, "current_password: is wrong");
    }
    backoff.succeeded(caller.userId());
    passwords.requireAcceptable(newPassword);
    if (newPassword.equals(currentPassword)) {
      throw Passwords.invalid("must differ from the current one");
    }
    if (!accounts.replacePassword(before, passwords.hash(newPassword))) {
      throw new MagpieException(ErrorCode.CONFLICT, "The password was changed at the same time.");
    }
    return issue(principal(before.account(), false), config.accessTokenTtl());
  }

  @Override
  public Optional<Account> account(Principal caller) {
    return accounts.of(caller).map(SqlAccounts.WithHash::account);
  }

  private IssuedToken issue(Principal principal, Duration validFor) {
    return new IssuedToken(
        tokens.issue(principal, validFor),
        validFor,
        principal.userId(),
        principal.mustChangePassword());
  }

  private static Principal principal(Account account, boolean mustChangePassword) {
    return new Principal(account.tenantId(), account.id(), account.role(), mustChangePassword);
  }
}
