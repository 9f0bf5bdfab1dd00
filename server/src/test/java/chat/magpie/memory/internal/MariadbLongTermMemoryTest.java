package chat.magpie.memory.internal;

import chat.magpie.sql.Database;
import chat.magpie.testing.TestDatabases;

final class MariadbLongTermMemoryTest extends LongTermMemoryContract {
  @Override
  Database open() {
    return TestDatabases.mariadb();
  }
}
