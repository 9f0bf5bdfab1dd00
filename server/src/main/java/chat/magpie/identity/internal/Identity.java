package chat.magpie.identity.internal;

import chat.magpie.identity.ApiKeys;
import chat.magpie.identity.Credentials;
import chat.magpie.identity.IdentityConfig;
import chat.magpie.identity.SignIns;
import chat.magpie.sql.Database;
import java.nio.file.Path;
import java.time.InstantSource;

/// The parts of the feature, put together.
///
/// @param credentials checks what requests carry
/// @param signIns gives tokens
/// @param apiKeys keeps the keys of services
/// @param firstStart creates what a new database begins with
public record Identity(
    Credentials credentials, SignIns signIns, ApiKeys apiKeys, FirstStart firstStart) {

  /// Opens the key folder and makes the first key where there is none.
  public static Identity open(
      IdentityConfig config, Path keyFolder, Database database, InstantSource clock) {
    Tokens tokens = new Tokens(new KeyRing(keyFolder), clock);
    SqlAccounts accounts = new SqlAccounts(database, clock);
    SqlApiKeys apiKeys = new SqlApiKeys(database, clock);
    Passwords passwords = new Passwords();
    return new Identity(
        new TokenCredentials(tokens, apiKeys, clock),
        new TokenSignIns(config, tokens, accounts, passwords, new Backoff(clock)),
        apiKeys,
        new FirstStart(config, database, passwords, clock));
  }
}
