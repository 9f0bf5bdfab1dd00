package chat.magpie.sql;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;
import javax.sql.DataSource;
import org.jooq.Configuration;
import org.jooq.DSLContext;
import org.jooq.SQLDialect;
import org.jspecify.annotations.Nullable;
import org.sqlite.JDBC;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteDataSource;

/// One connection to the SQLite file, opened at first use and again after it was dropped. Used by
/// one thread at a time.
final class SqliteLink implements AutoCloseable {
  private static final Configuration RENDERING = Rendering.of(SQLDialect.SQLITE);

  private final String url;
  private final boolean writes;
  private @Nullable Connection connection;
  private @Nullable DSLContext sql;

  SqliteLink(Path file, boolean writes) {
    this.url = JDBC.PREFIX + file.toAbsolutePath();
    this.writes = writes;
  }

  /// A connection source for the migrations.
  static DataSource source(Path file) {
    SQLiteDataSource source = new SQLiteDataSource(config());
    source.setUrl(JDBC.PREFIX + file.toAbsolutePath());
    return source;
  }

  DSLContext sql() throws SQLException {
    if (sql == null) {
      Connection opened =
          new KeptStatements(JDBC.createConnection(url, new Properties(config().toProperties())));
      connection = opened;
      if (!writes) {
        try (Statement statement = opened.createStatement()) {
          statement.execute("pragma query_only = 1");
        }
      }
      sql = Rendering.on(RENDERING, opened).dsl();
    }
    return sql;
  }

  /// Runs a statement without parameters, such as `commit`.
  void execute(String statement) throws SQLException {
    sql();
    Connection open = connection;
    if (open != null) {
      try (PreparedStatement running = open.prepareStatement(statement)) {
        running.execute();
      }
    }
  }

  /// Closes the connection, which rolls back what it had begun. The next use opens a new one.
  void drop() {
    Connection dropped = connection;
    connection = null;
    sql = null;
    if (dropped != null) {
      try {
        dropped.close();
      } catch (SQLException e) {
        System.getLogger(SqliteLink.class.getName())
            .log(System.Logger.Level.DEBUG, "A broken SQLite connection did not close", e);
      }
    }
  }

  @Override
  public void close() {
    drop();
  }

  /// synchronous=FULL: an acknowledged commit survives a power cut.
  private static SQLiteConfig config() {
    SQLiteConfig config = new SQLiteConfig();
    config.setJournalMode(SQLiteConfig.JournalMode.WAL);
    config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
    config.setTempStore(SQLiteConfig.TempStore.MEMORY);
    config.setBusyTimeout(5000);
    return config;
  }
}
