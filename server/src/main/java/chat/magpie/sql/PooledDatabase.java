package chat.magpie.sql;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.pool.HikariPool;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import org.jooq.Configuration;
import org.jooq.SQLDialect;
import org.jspecify.annotations.Nullable;

/// The database on PostgreSQL or MySQL/MariaDB, over a pool of connections.
final class PooledDatabase implements Database {
  private static final int COLLISION_ATTEMPTS = 8;

  /// A connection that the server closed is noticed at its first use; a new one gets its chance.
  private static final int CONNECTION_ATTEMPTS = 2;

  private final HikariDataSource pool;
  private final Dialect dialect;
  private final Configuration rendering;

  private PooledDatabase(HikariDataSource pool, Dialect dialect, SQLDialect sqlDialect) {
    this.pool = pool;
    this.dialect = dialect;
    this.rendering = Rendering.of(sqlDialect);
  }

  static PooledDatabase open(DatabaseAddress address, DatabaseConfig config) {
    HikariDataSource pool;
    try {
      pool = new HikariDataSource(settings(address, config));
    } catch (HikariPool.PoolInitializationException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw SqlFailures.unavailable(
          "The database at " + address.place() + " cannot be reached: " + cause.getMessage(), e);
    }
    try {
      SQLDialect sqlDialect = sqlDialect(pool, address);
      Schema.migrate(pool, sqlDialect);
      return new PooledDatabase(pool, address.dialect(), sqlDialect);
    } catch (SQLException e) {
      pool.close();
      throw SqlFailures.unavailable("The database at " + address.place() + " went away.", e);
    } catch (RuntimeException e) {
      pool.close();
      throw e;
    }
  }

  private static HikariConfig settings(DatabaseAddress address, DatabaseConfig config) {
    HikariConfig settings = new HikariConfig();
    settings.setPoolName("sql");
    settings.setJdbcUrl(address.jdbcUrl());
    settings.setUsername(address.user());
    settings.setPassword(address.password().reveal());
    settings.setMinimumIdle(config.poolSize());
    settings.setMaximumPoolSize(config.poolSize() + config.maxOverflow());
    settings.setConnectionTimeout(config.connectTimeout().toMillis());
    settings.setInitializationFailTimeout(config.connectTimeout().toMillis());
    settings.setIdleTimeout(Duration.ofMinutes(1).toMillis());
    settings.setTransactionIsolation("TRANSACTION_READ_COMMITTED");
    long seconds = Math.max(1, config.connectTimeout().toSeconds());
    switch (address.dialect()) {
      case POSTGRES -> {
        settings.setDriverClassName("org.postgresql.Driver");
        settings.addDataSourceProperty("ApplicationName", "magpie");
        settings.addDataSourceProperty("connectTimeout", Long.toString(seconds));
        settings.addDataSourceProperty("socketTimeout", Long.toString(3 * seconds));
        settings.addDataSourceProperty("tcpKeepAlive", "true");
      }
      case MARIADB -> {
        settings.setDriverClassName("org.mariadb.jdbc.Driver");
        settings.addDataSourceProperty("connectTimeout", Long.toString(1000 * seconds));
        settings.addDataSourceProperty("socketTimeout", Long.toString(3000 * seconds));
        settings.addDataSourceProperty("tcpKeepAlive", "true");
      }
      case SQLITE -> throw new IllegalStateException("SQLite has no pool");
    }
    address.options().forEach(settings::addDataSourceProperty);
    return settings;
  }

  private static SQLDialect sqlDialect(HikariDataSource pool, DatabaseAddress address)
      throws SQLException {
    try (Connection connection = pool.getConnection()) {
      String product = connection.getMetaData().getDatabaseProductName();
      return switch (product.toLowerCase(Locale.ROOT)) {
        case "postgresql" -> SQLDialect.POSTGRES;
        case "mariadb" -> SQLDialect.MARIADB;
        case "mysql" -> SQLDialect.MYSQL;
        default ->
            throw new IllegalArgumentException(
                "The database at " + address.place() + " is " + product + ", which is not known.");
      };
    }
  }

  @Override
  public <T extends @Nullable Object> T write(Work<T> work) {
    for (int attempt = 1; ; attempt++) {
      boolean[] committing = {false};
      try {
        return transact(work, committing);
      } catch (Throwable failure) {
        int attempts =
            switch (SqlFailures.of(failure, dialect)) {
              case COLLISION -> COLLISION_ATTEMPTS;
              case UNAVAILABLE -> committing[0] || noConnection(failure) ? 1 : CONNECTION_ATTEMPTS;
              case FULL, OTHER -> 1;
            };
        if (attempt >= attempts) {
          return SqlFailures.<RuntimeException, T>rethrow(SqlFailures.seen(failure, dialect));
        }
        LockSupport.parkNanos(ThreadLocalRandom.current().nextLong(5_000_000L << attempt));
      }
    }
  }

  private <T extends @Nullable Object> T transact(Work<T> work, boolean[] committing)
      throws SQLException {
    try (Connection connection = pool.getConnection()) {
      try {
        begin(connection);
        T result = work.run(Rendering.on(rendering, connection).dsl());
        committing[0] = true;
        connection.commit();
        return result;
      } catch (Throwable failure) {
        rollback(connection, failure);
        throw failure;
      } finally {
        if (dialect == Dialect.POSTGRES && !connection.isClosed()) {
          connection.setAutoCommit(true);
        }
      }
    }
  }

  /// pgjdbc sends the BEGIN with the first statement; MariaDB's driver would need a round trip to
  /// switch auto-commit off and another to switch it on.
  private void begin(Connection connection) throws SQLException {
    if (dialect == Dialect.POSTGRES) {
      connection.setAutoCommit(false);
    } else {
      try (Statement statement = connection.createStatement()) {
        statement.execute("start transaction");
      }
    }
  }

  private static void rollback(Connection connection, Throwable failure) {
    try {
      connection.rollback();
    } catch (SQLException e) {
      failure.addSuppressed(e);
    }
  }

  /// The pool waited for a connection as long as it may.
  private static boolean noConnection(Throwable failure) {
    return failure instanceof java.sql.SQLTransientConnectionException;
  }

  @Override
  public <T extends @Nullable Object> T read(Work<T> work) {
    for (int attempt = 1; ; attempt++) {
      try (Connection connection = pool.getConnection()) {
        return work.run(Rendering.on(rendering, connection).dsl());
      } catch (Throwable failure) {
        boolean lost =
            SqlFailures.of(failure, dialect) == SqlFailures.UNAVAILABLE && !noConnection(failure);
        if (!lost || attempt >= CONNECTION_ATTEMPTS) {
          return SqlFailures.<RuntimeException, T>rethrow(SqlFailures.seen(failure, dialect));
        }
      }
    }
  }

  @Override
  public Dialect dialect() {
    return dialect;
  }

  @Override
  public void close() {
    pool.close();
  }
}
