package chat.magpie.sql;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Map;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.jooq.SQLDialect;

/// Brings the tables up to date with the migrations in `db/migration`, one set for all dialects.
final class Schema {
  /// The newest of the migrations; a test compares it with the files.
  static final String NEWEST = "15";

  private Schema() {}

  /// Does nothing where the newest migration has been applied: Flyway is a large part of the start.
  static void migrate(DataSource database, SQLDialect dialect) {
    if (isCurrent(database)) {
      return;
    }
    Flyway.configure(Schema.class.getClassLoader())
        .dataSource(database)
        .locations("classpath:db/migration")
        .placeholders(placeholders(dialect))
        .load()
        .migrate();
  }

  private static boolean isCurrent(DataSource database) {
    try (Connection connection = database.getConnection();
        PreparedStatement applied =
            connection.prepareStatement(
                "select success from flyway_schema_history where version = ?")) {
      applied.setString(1, NEWEST);
      try (ResultSet row = applied.executeQuery()) {
        return row.next() && row.getBoolean(1);
      }
    } catch (SQLException e) {
      return false; // nothing has been migrated yet, or Flyway says better what is wrong
    }
  }

  /// The collations compare ids exactly, trailing spaces included.
  private static Map<String, String> placeholders(SQLDialect dialect) {
    return switch (dialect) {
      case MARIADB -> placeholders("utf8mb4_nopad_bin");
      case MYSQL -> placeholders("utf8mb4_0900_bin");
      case POSTGRES -> placeholders("text", "bytea", "", "", "");
      default -> placeholders("text", "blob", "", "", "");
    };
  }

  private static Map<String, String> placeholders(String collation) {
    String suffix = "engine=InnoDB default charset=utf8mb4 collate=" + collation;
    return placeholders("longtext", "longblob", suffix, "on reply", "on conversation");
  }

  private static Map<String, String> placeholders(
      String text, String bytes, String suffix, String ofReply, String ofConversation) {
    return Map.of(
        "text",
        text,
        "bytes",
        bytes,
        "suffix",
        suffix,
        "of_reply",
        ofReply,
        "of_conversation",
        ofConversation);
  }
}
