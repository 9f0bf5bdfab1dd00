package chat.magpie.knowledge.internal;

import chat.magpie.sql.Database;
import chat.magpie.testing.TestDatabases;
import org.junit.jupiter.api.Nested;

final class MariadbKnowledgeTest {
  @Nested
  final class Kept extends VectorsContract {
    @Override
    Database open() {
      return TestDatabases.mariadb();
    }
  }

  @Nested
  final class Documented extends DocumentsContract {
    @Override
    Database open() {
      return TestDatabases.mariadb();
    }
  }
}
