package chat.magpie.sql;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.Query;
import org.jooq.Record;
import org.jooq.Result;
import org.jooq.SQLDialect;
import org.jspecify.annotations.Nullable;

/// A statement whose text is rendered once for each dialect, however often it runs: for the few
/// that every message waits for, whose rendering takes longer than their execution. It goes to the
/// driver as it is.
///
/// Its values are given in the order in which they stand in the text, as texts and numbers;
/// constants are part of the text where the statement inlines them.
public final class RenderedOnce {
  private final Query statement;
  private final int values;
  private final Map<SQLDialect, String> texts = new ConcurrentHashMap<>();

  /// @param statement with any values of the right types in the places of those to come
  public RenderedOnce(Query statement) {
    this.statement = statement;
    this.values = statement.getBindValues().size();
  }

  /// Runs it; returns the number of rows it changed.
  public int execute(DSLContext sql, @Nullable Object... given) {
    check(given);
    return sql.connectionResult(connection -> {
      try (PreparedStatement prepared = connection.prepareStatement(text(sql))) {
        bind(prepared, given);
        return prepared.executeUpdate();
      }
    });
  }

  /// Runs it; returns its rows with these columns, which are those that it selects.
  public Result<Record> fetch(DSLContext sql, List<Field<?>> columns, Object... given) {
    check(given);
    return sql.connectionResult(connection -> {
      try (PreparedStatement prepared = connection.prepareStatement(text(sql))) {
        bind(prepared, given);
        try (ResultSet rows = prepared.executeQuery()) {
          return sql.fetch(rows, columns.toArray(Field<?>[]::new));
        }
      }
    });
  }

  private String text(DSLContext sql) {
    return texts.computeIfAbsent(sql.dialect(), dialect -> sql.render(statement));
  }

  private static void bind(PreparedStatement prepared, @Nullable Object[] given)
      throws SQLException {
    for (int i = 0; i < given.length; i++) {
      switch (given[i]) {
        case null -> prepared.setNull(i + 1, Types.NULL);
        case String text -> prepared.setString(i + 1, text);
        case Long number -> prepared.setLong(i + 1, number);
        case Integer number -> prepared.setInt(i + 1, number);
        default -> throw new IllegalArgumentException("neither a text nor a number");
      }
    }
  }

  private void check(@Nullable Object[] given) {
    if (given.length != values) {
      throw new IllegalArgumentException(
          "The statement takes " + values + " values, not " + given.length);
    }
  }
}
