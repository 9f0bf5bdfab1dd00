package chat.magpie.memory.internal;

import chat.magpie.sql.Database;
import chat.magpie.testing.TestDatabases;

class PostgresSummariesTest extends SummariesContract {
  @Override
  Database newDatabase() {
    return TestDatabases.postgres();
  }
}
