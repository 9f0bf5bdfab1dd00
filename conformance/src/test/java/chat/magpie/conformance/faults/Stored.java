package chat.magpie.conformance.faults;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What the database holds at the end of a run: its tables as they are, with nothing of the product
/// between.
public record Stored(
    List<Conversation> conversations,
    List<Message> messages,
    List<Turn> turns,
    List<Reply> replies,
    List<Event> events) {

  public record Conversation(String id, long messageSeq, long eventSeq) {}

  public record Message(
      String conversation, long seq, String id, String turn, String role, String content) {}

  public record Turn(
      String id, String user, String key, String conversation, String message, long messageSeq) {}

  /// What came of a turn.
  ///
  /// @param modelCalls how often a model may have been asked
  /// @param finishedMillis 0 where it has not ended
  public record Reply(
      String id,
      String turn,
      String status,
      long epoch,
      int modelCalls,
      Optional<String> message,
      String degraded,
      long createdMillis,
      long finishedMillis) {
    /// Whether it has ended.
    public boolean terminal() {
      return !status.equals("QUEUED") && !status.equals("RUNNING");
    }
  }

  public record Event(String conversation, long seq, String type, String payload) {}

  /// Reads the database at the address.
  public static Stored load(String jdbcUrl) {
    try (Connection connection = DriverManager.getConnection(jdbcUrl)) {
      // One snapshot: nothing may end between two tables.
      connection.setTransactionIsolation(
          jdbcUrl.startsWith("jdbc:sqlite:")
              ? Connection.TRANSACTION_SERIALIZABLE
              : Connection.TRANSACTION_REPEATABLE_READ);
      connection.setAutoCommit(false);
      return new Stored(
          rows(
              connection,
              "select id, message_seq, event_seq from conversation",
              row -> new Conversation(row.getString(1), row.getLong(2), row.getLong(3))),
          rows(
              connection,
              "select conversation_id, seq, id, turn_id, role, content from message",
              row ->
                  new Message(
                      row.getString(1),
                      row.getLong(2),
                      row.getString(3),
                      text(row.getString(4)),
                      row.getString(5),
                      row.getString(6))),
          rows(
              connection,
              "select id, user_id, client_key, conversation_id, message_id, message_seq from turn",
              row ->
                  new Turn(
                      row.getString(1),
                      row.getString(2),
                      row.getString(3),
                      row.getString(4),
                      row.getString(5),
                      row.getLong(6))),
          rows(
              connection,
              "select id, turn_id, status, epoch, model_calls, message_id, degraded, created_at,"
                  + " finished_at from reply",
              row ->
                  new Reply(
                      row.getString(1),
                      row.getString(2),
                      row.getString(3),
                      row.getLong(4),
                      row.getInt(5),
                      Optional.ofNullable(row.getString(6)),
                      text(row.getString(7)),
                      row.getLong(8),
                      row.getLong(9))),
          rows(
              connection,
              "select conversation_id, seq, type, payload from event",
              row ->
                  new Event(row.getString(1), row.getLong(2), row.getString(3), row.getString(4))));
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String text(@Nullable String value) {
    return value == null ? "" : value;
  }

  private interface RowReader<T> {
    T read(ResultSet row) throws SQLException;
  }

  private static <T> List<T> rows(Connection connection, String sql, RowReader<T> reader)
      throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet found = statement.executeQuery(sql)) {
      List<T> rows = new ArrayList<>();
      while (found.next()) {
        rows.add(reader.read(found));
      }
      return rows;
    }
  }
}
