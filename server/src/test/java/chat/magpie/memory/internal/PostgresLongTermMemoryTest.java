package chat.magpie.memory.internal;

import chat.magpie.sql.Database;
import chat.magpie.testing.TestDatabases;

final class PostgresLongTermMemoryTest extends LongTermMemoryContract {
  @Override
  Database open() {
    return TestDatabases.postgres();
  }
}
