package chat.magpie.sql;

import static org.assertj.core.api.Assertions.assertThat;

import chat.magpie.testing.TestDatabases;
import org.junit.jupiter.api.Test;

class SqliteDatabaseTest extends DatabaseContract {
  @Override
  Database open() {
    return TestDatabases.sqlite();
  }

  @Test
  void knowsItsDialect() {
    assertThat(database.dialect()).isEqualTo(Database.Dialect.SQLITE);
  }
}
