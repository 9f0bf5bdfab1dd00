package chat.magpie.bench;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.sqlite.JDBC;
import org.sqlite.SQLiteConfig;

/// One table in a SQLite file that one thread writes, with write-ahead log and a flush per commit;
/// rows that wait meanwhile share the next commit.
final class FloorDatabase {
  private static final int TOGETHER = 128;

  private final Connection connection;
  private final BlockingQueue<Row> queue = new LinkedBlockingQueue<>();

  private record Row(String text, Runnable committed) {}

  FloorDatabase(Path file) {
    SQLiteConfig config = new SQLiteConfig();
    config.setJournalMode(SQLiteConfig.JournalMode.WAL);
    config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
    try {
      connection = JDBC.createConnection(JDBC.PREFIX + file, config.toProperties());
      try (var statement = connection.createStatement()) {
        statement.execute(
            "create table if not exists message"
                + " (id integer primary key, text text not null, created_at integer not null)");
      }
      connection.setAutoCommit(false);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
    Thread.ofPlatform().name("floor-writer").daemon().start(this::run);
  }

  /// Calls back, on the writer's thread, once the row is on disk.
  void insert(String text, Runnable committed) {
    queue.add(new Row(text, committed));
  }

  /// What commits of one row each cost when nothing else happens, in microseconds. Nothing may
  /// [#insert] at the same time.
  void commitMicros(int commits, Samples micros) {
    List<Row> row = List.of(new Row("a message of a usual length, say", () -> {}));
    for (int i = 0; i < commits; i++) {
      long start = System.nanoTime();
      commit(row);
      micros.add((System.nanoTime() - start) / 1000);
    }
  }

  private void run() {
    List<Row> rows = new ArrayList<>();
    try {
      while (true) {
        rows.add(queue.take());
        queue.drainTo(rows, TOGETHER - 1);
        commit(rows);
        rows.forEach(row -> row.committed().run());
        rows.clear();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void commit(List<Row> rows) {
    try (PreparedStatement insert =
        connection.prepareStatement("insert into message (text, created_at) values (?, ?)")) {
      for (Row row : rows) {
        insert.setString(1, row.text());
        insert.setLong(2, System.currentTimeMillis());
        insert.executeUpdate();
      }
      connection.commit();
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }
}
