package chat.magpie.app;

import chat.magpie.sql.Database;
import chat.magpie.sql.DatabaseClock;
import chat.magpie.sql.DatabaseConfig;
import chat.magpie.sql.Databases;
import io.quarkus.runtime.ShutdownEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.nio.file.Path;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/// Opens the data folder and the database, and closes them after everything else.
@Singleton
class SqlWiring {
  /// Observers of the shutdown with a smaller priority still have Redis and the database.
  static final int LAST = 10_000;

  private @Nullable DataFolder folder;
  private @Nullable Database database;

  @Produces
  @Singleton
  DataFolder dataFolder(MagpieConfig config) {
    DataFolder opened = DataFolder.open(Path.of(config.server().data()));
    folder = opened;
    return opened;
  }

  @Produces
  @Singleton
  Database database(DatabaseConfig config, DataFolder data) {
    Database opened = Databases.open(config, data.database());
    database = opened;
    return opened;
  }

  /// The time that all nodes agree on.
  @Produces
  @Singleton
  InstantSource clock(Database opened) {
    return DatabaseClock.of(opened);
  }

  void close(@Observes @Priority(LAST + 1) ShutdownEvent event) {
    if (database != null) {
      database.close();
    }
    if (folder != null) {
      folder.close();
    }
  }
}
