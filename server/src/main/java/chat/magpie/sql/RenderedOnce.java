package chat.magpie.sql;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.Query;
import org.jooq.Record;
import org.jooq.Result;
import org.jooq.SQLDialect;

/// A statement whose text is rendered once for each dialect, however often it runs: for the few
/// that every message waits for, whose rendering takes longer than their execution.
///
/// Its values are given in the order in which they stand in the text, none of them null; constants
/// are part of the text where the statement inlines them.
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
  public int execute(DSLContext sql, List<?> given) {
    return sql.query(text(sql), checked(given)).execute();
  }

  /// Runs it; returns its rows with these columns, which are those that it selects.
  public Result<Record> fetch(DSLContext sql, List<Field<?>> columns, List<?> given) {
    return sql.resultQuery(text(sql), checked(given)).coerce(columns).fetch();
  }

  private String text(DSLContext sql) {
    return texts.computeIfAbsent(sql.dialect(), dialect -> sql.render(statement));
  }

  private Object[] checked(List<?> given) {
    if (given.size() != values) {
      throw new IllegalArgumentException(
          "The statement takes " + values + " values, not " + given.size());
    }
    return given.toArray();
  }
}
