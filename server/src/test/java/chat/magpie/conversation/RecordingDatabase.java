package chat.magpie.conversation;

import chat.magpie.sql.Database;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jooq.DSLContext;
import org.jooq.impl.DefaultConnectionProvider;
import org.jooq.tools.jdbc.DefaultConnection;
import org.jspecify.annotations.Nullable;

/// A database that notes the text of every statement.
final class RecordingDatabase implements Database {
  private final Database database;
  private final List<String> statements = new ArrayList<>();

  RecordingDatabase(Database database) {
    this.database = database;
  }

  /// The statements since the last call.
  synchronized List<String> taken() {
    List<String> taken = List.copyOf(statements);
    statements.clear();
    return taken;
  }

  @Override
  public <T extends @Nullable Object> T write(Work<T> work) {
    return database.write(sql -> work.run(recording(sql)));
  }

  @Override
  public <T extends @Nullable Object> T read(Work<T> work) {
    return database.read(sql -> work.run(recording(sql)));
  }

  @Override
  public Dialect dialect() {
    return database.dialect();
  }

  @Override
  public void close() {
    database.close();
  }

  private DSLContext recording(DSLContext sql) {
    return sql.connectionResult(connection ->
        sql.configuration().derive(new DefaultConnectionProvider(new Recording(connection))).dsl());
  }

  private synchronized void note(String statement) {
    statements.add(statement);
  }

  private final class Recording extends DefaultConnection {
    Recording(Connection connection) {
      super(connection);
    }

    @Override
    public PreparedStatement prepareStatement(String text) throws SQLException {
      note(text);
      return super.prepareStatement(text);
    }
  }
}
