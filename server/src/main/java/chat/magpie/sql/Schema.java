package chat.magpie.sql;

import java.util.Map;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.jooq.SQLDialect;

/// Brings the tables up to date with the migrations in `db/migration`, one set for all dialects.
final class Schema {
  private Schema() {}

  static void migrate(DataSource database, SQLDialect dialect) {
    Flyway.configure(Schema.class.getClassLoader())
        .dataSource(database)
        .locations("classpath:db/migration")
        .placeholders(placeholders(dialect))
        .load()
        .migrate();
  }

  /// The collations compare ids exactly, trailing spaces included.
  private static Map<String, String> placeholders(SQLDialect dialect) {
    return switch (dialect) {
      case MARIADB -> placeholders("utf8mb4_nopad_bin");
      case MYSQL -> placeholders("utf8mb4_0900_bin");
      default -> Map.of("text", "text", "suffix", "");
    };
  }

  private static Map<String, String> placeholders(String collation) {
    String suffix = "engine=InnoDB default charset=utf8mb4 collate=" + collation;
    return Map.of("text", "longtext", "suffix", suffix);
  }
}
