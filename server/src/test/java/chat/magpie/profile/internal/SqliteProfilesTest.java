package chat.magpie.profile.internal;

import chat.magpie.sql.Database;
import chat.magpie.testing.TestDatabases;

final class SqliteProfilesTest extends ProfilesContract {
  @Override
  Database open() {
    return TestDatabases.sqlite();
  }
}
