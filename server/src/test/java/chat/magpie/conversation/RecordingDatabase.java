package chat.magpie.conversation;

import chat.magpie.sql.Database;
import java.util.ArrayList;
import java.util.List;
import org.jooq.DSLContext;
import org.jooq.ExecuteContext;
import org.jooq.ExecuteListener;
import org.jooq.impl.DefaultExecuteListenerProvider;
import org.jspecify.annotations.Nullable;

/// A database that notes every statement with its values.
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
    ExecuteListener listener = ExecuteListener.onExecuteStart(context -> note(sql, context));
    return sql.configuration().derive(new DefaultExecuteListenerProvider(listener)).dsl();
  }

  private synchronized void note(DSLContext sql, ExecuteContext context) {
    if (context.query() != null) {
      statements.add(sql.renderInlined(context.query()));
    }
  }
}
