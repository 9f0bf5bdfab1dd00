package chat.magpie.sql;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import org.jooq.tools.jdbc.DefaultConnection;
import org.jooq.tools.jdbc.DefaultPreparedStatement;
import org.jspecify.annotations.Nullable;

/// A connection whose prepared statements are kept when they are closed, for the next time that the
/// same text is prepared: parsing a statement takes SQLite about as long as running it. Used by one
/// thread at a time.
///
/// A statement in use is not among those kept, so that the same text can be in use twice. One that
/// failed, or ran in another way than by itself, is not kept. SQLite itself reads a text again when
/// the schema has changed.
final class KeptStatements extends DefaultConnection {
  private static final int MOST = 64;

  /// In the order of their last use.
  private final SequencedMap<String, PreparedStatement> idle = new LinkedHashMap<>(2 * MOST);

  KeptStatements(Connection connection) {
    super(connection);
  }

  @Override
  public PreparedStatement prepareStatement(String text) throws SQLException {
    PreparedStatement kept = idle.remove(text);
    return new Kept(text, kept == null ? getDelegate().prepareStatement(text) : kept);
  }

  private void keep(String text, PreparedStatement statement) throws SQLException {
    statement.clearParameters();
    @Nullable PreparedStatement surplus = idle.put(text, statement);
    if (surplus == null && idle.size() > MOST) {
      surplus = idle.pollFirstEntry().getValue();
    }
    if (surplus != null) {
      surplus.close();
    }
  }

  /// The driver closes the statements of a connection with it, kept ones too.
  @Override
  public void close() throws SQLException {
    idle.clear();
    super.close();
  }

  private final class Kept extends DefaultPreparedStatement {
    private final String text;
    private @Nullable ResultSet rows;
    private boolean whole;
    private boolean closed;

    Kept(String text, PreparedStatement statement) {
      super(statement, KeptStatements.this);
      this.text = text;
    }

    @Override
    public boolean execute() throws SQLException {
      whole = false;
      boolean hasRows = getDelegatePreparedStatement().execute();
      rows = hasRows ? getDelegatePreparedStatement().getResultSet() : null;
      whole = true;
      return hasRows;
    }

    @Override
    public int executeUpdate() throws SQLException {
      whole = false;
      int changed = getDelegatePreparedStatement().executeUpdate();
      whole = true;
      return changed;
    }

    @Override
    public ResultSet executeQuery() throws SQLException {
      whole = false;
      ResultSet found = getDelegatePreparedStatement().executeQuery();
      rows = found;
      whole = true;
      return found;
    }

    @Override
    public @Nullable ResultSet getResultSet() {
      return rows;
    }

    /// Its rows are closed first: unread ones would hold on to a state of the database.
    @Override
    public void close() throws SQLException {
      if (closed) {
        return;
      }
      closed = true;
      if (rows != null) {
        rows.close();
      }
      PreparedStatement statement = getDelegatePreparedStatement();
      if (whole && !statement.isClosed()) {
        keep(text, statement);
      } else {
        statement.close();
      }
    }

    @Override
    public boolean isClosed() {
      return closed;
    }
  }
}
