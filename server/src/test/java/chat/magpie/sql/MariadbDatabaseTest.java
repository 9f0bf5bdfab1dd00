package chat.magpie.sql;

import static org.assertj.core.api.Assertions.assertThat;

import chat.magpie.testing.TestDatabases;
import org.junit.jupiter.api.Test;

class MariadbDatabaseTest extends DatabaseContract {
  @Override
  Database open() {
    return TestDatabases.mariadb();
  }

  @Test
  void knowsItsDialect() {
    assertThat(database.dialect()).isEqualTo(Database.Dialect.MARIADB);
  }
}
