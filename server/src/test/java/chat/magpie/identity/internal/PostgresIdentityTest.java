package chat.magpie.identity.internal;

import chat.magpie.sql.Database;
import chat.magpie.testing.TestDatabases;

class PostgresIdentityTest extends IdentityContract {
  @Override
  Database newDatabase() {
    return TestDatabases.postgres();
  }
}
