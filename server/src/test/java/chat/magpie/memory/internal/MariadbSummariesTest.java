package chat.magpie.memory.internal;

import chat.magpie.sql.Database;
import chat.magpie.testing.TestDatabases;

class MariadbSummariesTest extends SummariesContract {
  @Override
  Database newDatabase() {
    return TestDatabases.mariadb();
  }
}
