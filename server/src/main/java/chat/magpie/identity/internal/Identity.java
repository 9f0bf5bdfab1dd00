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

  /// Reads the signing keys, from the database where it is shared, and makes the first where there
  /// is none.
  public static Identity open(
      IdentityConfig config, Path keyFolder, Database database, InstantSource clock) {
    KeyFolder files = new KeyFolder(keyFolder);
    SigningKeys keys =
        switch (database.dialect()) {
          case SQLITE -> files;
          case POSTGRES, MARIADB -> new SharedSigningKeys(database, files, clock);
        };
    Tokens tokens = new Tokens(new KeyRing(keys), clock);
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
