package chat.magpie.sql;

import java.nio.file.Path;

/// Opens the database that the configuration names and brings its schema up to date.
public final class Databases {
  private Databases() {}

  /// The database at the configured address, or else SQLite in the file. `STORAGE_UNAVAILABLE` with
  /// the reason where it cannot be reached; [IllegalArgumentException] for an address that cannot
  /// be read. Neither text holds the password.
  public static Database open(DatabaseConfig config, Path sqliteFile) {
    return config
        .url()
        .<Database>map(url -> PooledDatabase.open(DatabaseAddress.parse(url), config))
        .orElseGet(() -> SqliteDatabase.open(sqliteFile, config.connectTimeout()));
  }
}
