package chat.magpie.sql;

import static org.assertj.core.api.Assertions.assertThat;

import chat.magpie.testing.TestDatabases;
import org.junit.jupiter.api.Test;

class PostgresDatabaseTest extends DatabaseContract {
  @Override
  Database open() {
    return TestDatabases.postgres();
  }

  @Test
  void knowsItsDialect() {
    assertThat(database.dialect()).isEqualTo(Database.Dialect.POSTGRES);
  }
}
