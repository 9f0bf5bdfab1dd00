package chat.magpie.sql;

import java.sql.Connection;
import org.jooq.Configuration;
import org.jooq.SQLDialect;
import org.jooq.TransactionContext;
import org.jooq.TransactionProvider;
import org.jooq.conf.RenderQuotedNames;
import org.jooq.conf.Settings;
import org.jooq.impl.DefaultConfiguration;
import org.jooq.impl.DefaultConnectionProvider;

/// How jOOQ writes SQL for the database behind a connection.
final class Rendering {
  static {
    System.setProperty("org.jooq.no-logo", "true");
    System.setProperty("org.jooq.no-tips", "true");
  }

  private Rendering() {}

  /// The settings for one dialect; [#on] binds them to a connection.
  static Configuration of(SQLDialect dialect) {
    Settings settings =
        new Settings()
            .withExecuteLogging(false)
            .withFetchWarnings(false)
            .withRenderQuotedNames(RenderQuotedNames.EXPLICIT_DEFAULT_UNQUOTED)
            .withRenderCatalog(false)
            .withRenderSchema(false);
    // Works run in a transaction of the database's; jOOQ must never begin or commit one.
    return new DefaultConfiguration().set(dialect).set(settings).set(new NoNesting());
  }

  static Configuration on(Configuration rendering, Connection connection) {
    return rendering.derive(new DefaultConnectionProvider(connection));
  }

  /// Works run in a transaction of the database's; jOOQ must never begin or commit one.
  private static final class NoNesting implements TransactionProvider {
    @Override
    public void begin(TransactionContext context) {
      throw new UnsupportedOperationException("A work is one transaction already");
    }

    @Override
    public void commit(TransactionContext context) {
      throw new UnsupportedOperationException("A work is committed when it returns");
    }

    @Override
    public void rollback(TransactionContext context) {
      // begin() has thrown; there is nothing to undo.
    }
  }
}
