package chat.magpie.memory.internal;

import chat.magpie.sql.Database;
import chat.magpie.testing.TestDatabases;

class SqliteSummariesTest extends SummariesContract {
  @Override
  Database newDatabase() {
    return TestDatabases.sqlite();
  }
}
