package chat.magpie.conversation;

import chat.magpie.sql.Database;
import chat.magpie.testing.TestDatabases;
import org.junit.jupiter.api.Nested;

final class MariadbConversationsTest {
  @Nested
  final class Posting extends PostingContract {
    @Override
    Database open() {
      return TestDatabases.mariadb();
    }
  }

  @Nested
  final class Replies extends RepliesContract {
    @Override
    Database open() {
      return TestDatabases.mariadb();
    }
  }

  @Nested
  final class Reading extends ReadingContract {
    @Override
    Database open() {
      return TestDatabases.mariadb();
    }
  }

  @Nested
  final class Feed extends FeedContract {
    @Override
    Database open() {
      return TestDatabases.mariadb();
    }
  }

  @Nested
  final class Moves extends ModesContract {
    @Override
    Database open() {
      return TestDatabases.mariadb();
    }
  }

  @Nested
  final class Sessions extends SessionsContract {
    @Override
    Database open() {
      return TestDatabases.mariadb();
    }
  }

  @Nested
  final class Deletion extends DeletionContract {
    @Override
    Database open() {
      return TestDatabases.mariadb();
    }
  }
}
