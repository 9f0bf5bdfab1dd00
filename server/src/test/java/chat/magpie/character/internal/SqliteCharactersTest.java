package chat.magpie.character.internal;

import chat.magpie.sql.Database;
import chat.magpie.testing.TestDatabases;

class SqliteCharactersTest extends CharactersContract {
  @Override
  Database newDatabase() {
    return TestDatabases.sqlite();
  }
}
