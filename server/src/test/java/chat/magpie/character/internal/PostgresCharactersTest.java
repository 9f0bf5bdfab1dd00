package chat.magpie.character.internal;

import chat.magpie.sql.Database;
import chat.magpie.testing.TestDatabases;

class PostgresCharactersTest extends CharactersContract {
  @Override
  Database newDatabase() {
    return TestDatabases.postgres();
  }
}
