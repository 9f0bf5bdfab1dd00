package chat.magpie.identity.internal;

import chat.magpie.sql.Database;
import chat.magpie.testing.TestDatabases;

class SqliteIdentityTest extends IdentityContract {
  @Override
  Database newDatabase() {
    return TestDatabases.sqlite();
  }
}
