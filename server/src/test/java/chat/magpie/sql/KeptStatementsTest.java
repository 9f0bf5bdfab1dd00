package chat.magpie.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jooq.tools.jdbc.DefaultConnection;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class KeptStatementsTest {
  @TempDir Path folder;

  private final List<String> prepared = new ArrayList<>();
  private Connection other;
  private Connection kept;

  @BeforeEach
  void open() throws SQLException {
    other = connect();
    run(other, "pragma journal_mode = wal");
    run(other, "create table t (id integer primary key, name text)");
    kept = new KeptStatements(new Noting(connect()));
  }

  @AfterEach
  void close() throws SQLException {
    kept.close();
    other.close();
  }

  @Test
  void preparesATextOnceAndTakesOtherValuesEachTime() throws SQLException {
    for (int id = 1; id <= 3; id++) {
      insert(id, "name " + id);
    }
    assertThat(prepared).hasSize(1);
    assertThat(names()).containsExactly("name 1", "name 2", "name 3");
    assertThat(names()).hasSize(3);
    assertThat(prepared).hasSize(2);
  }

  @Test
  void aValueThatIsNotGivenIsNotThatOfTheTimeBefore() throws SQLException {
    insert(1, "secret");
    try (PreparedStatement insert = kept.prepareStatement("insert into t values (?, ?)")) {
      insert.setInt(1, 2);
      insert.executeUpdate();
    }
    assertThat(names()).containsExactly("secret", null);
  }

  @Test
  void theSameTextCanBeInUseTwice() throws SQLException {
    insert(1, "a");
    insert(2, "b");
    String text = "select name from t order by id";
    try (PreparedStatement first = kept.prepareStatement(text);
        ResultSet rows = first.executeQuery()) {
      assertThat(rows.next()).isTrue();
      assertThat(names()).containsExactly("a", "b");
      assertThat(rows.next()).isTrue();
      assertThat(rows.getString(1)).isEqualTo("b");
    }
    assertThat(names()).containsExactly("a", "b");
  }

  @Test
  void whatWasNotReadToItsEndDoesNotHideWhatComesLater() throws SQLException {
    insert(1, "a");
    insert(2, "b");
    PreparedStatement first = kept.prepareStatement("select name from t order by id");
    assertThat(first.executeQuery().next()).isTrue();
    first.close();
    run(other, "insert into t values (3, 'c')");
    assertThat(names()).containsExactly("a", "b", "c");
  }

  @Test
  void whatWasNotReadAtAllDoesNotHideWhatComesLater() throws SQLException {
    insert(1, "a");
    run(kept, "select name from t order by id");
    run(other, "insert into t values (2, 'b')");
    assertThat(names()).containsExactly("a", "b");
    assertThat(prepared).hasSize(2);
  }

  @Test
  void aChangeOfTheSchemaIsSeen() throws SQLException {
    insert(1, "a");
    assertThat(names()).containsExactly("a");
    run(other, "create table u as select id, 'new ' || name as name from t");
    run(other, "drop table t");
    run(other, "alter table u rename to t");
    assertThat(names()).containsExactly("new a");
    insert(2, "b");
    assertThat(names()).containsExactly("new a", "b");
    run(other, "drop table t");
    assertThatThrownBy(() -> insert(3, "c")).isInstanceOf(SQLException.class);
    run(other, "create table t (id integer primary key, name text)");
    insert(3, "c");
    assertThat(names()).containsExactly("c");
  }

  @Test
  void aTransactionThatSqliteRolledBackByItselfLeavesNothingBehind() throws SQLException {
    for (int round = 0; round < 2; round++) {
      run(kept, "begin immediate");
      run(kept, "savepoint work");
      run(kept, "pragma max_page_count = 3");
      assertThatThrownBy(() -> insert(1, "x".repeat(100_000))).isInstanceOf(SQLException.class);
      run(kept, "pragma max_page_count = 1000");
      assertThatThrownBy(() -> run(kept, "commit")).isInstanceOf(SQLException.class);
      run(kept, "begin immediate");
      insert(round, "after");
      run(kept, "commit");
    }
    assertThat(names()).containsExactly("after", "after");
  }

  @Test
  void aStatementThatFailedWorksAgain() throws SQLException {
    insert(1, "a");
    assertThatThrownBy(() -> insert(1, "b")).isInstanceOf(SQLException.class);
    insert(2, "c");
    assertThat(names()).containsExactly("a", "c");
  }

  @Test
  void keepsTheTextsUsedLast() throws SQLException {
    for (int i = 0; i < 100; i++) {
      run(kept, "select " + i);
      run(kept, "select name from t");
    }
    assertThat(prepared).hasSize(101);
    run(kept, "select 0");
    assertThat(prepared).hasSize(102);
  }

  /// SQLite removes the log of a file with the last connection that is really closed.
  @Test
  void closesWhatItHasKept() throws SQLException {
    insert(1, "a");
    assertThat(names()).hasSize(1);
    other.close();
    assertThat(folder.resolve("kept.db-wal")).exists();
    kept.close();
    assertThat(folder.resolve("kept.db-wal")).doesNotExist();
  }

  private void insert(int id, String name) throws SQLException {
    try (PreparedStatement insert = kept.prepareStatement("insert into t values (?, ?)")) {
      insert.setInt(1, id);
      insert.setString(2, name);
      assertThat(insert.executeUpdate()).isEqualTo(1);
    }
  }

  private List<String> names() throws SQLException {
    List<String> names = new ArrayList<>();
    try (PreparedStatement select = kept.prepareStatement("select name from t order by id");
        ResultSet rows = select.executeQuery()) {
      while (rows.next()) {
        names.add(rows.getString(1));
      }
    }
    return names;
  }

  private static void run(Connection connection, String text) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(text)) {
      statement.execute();
    }
  }

  private Connection connect() throws SQLException {
    return DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("kept.db"));
  }

  private final class Noting extends DefaultConnection {
    Noting(Connection connection) {
      super(connection);
    }

    @Override
    public PreparedStatement prepareStatement(String text) throws SQLException {
      prepared.add(text);
      return super.prepareStatement(text);
    }
  }
}
