package chat.magpie.identity.internal;

import chat.magpie.sql.Database;
import org.jspecify.annotations.Nullable;

/// Fails the test that touches it.
final class NoDatabase implements Database {
  @Override
  public <T extends @Nullable Object> T write(Work<T> work) {
    throw new AssertionError("no SQL here");
  }

  @Override
  public <T extends @Nullable Object> T read(Work<T> work) {
    throw new AssertionError("no SQL here");
  }

  @Override
  public Dialect dialect() {
    throw new AssertionError("no SQL here");
  }

  @Override
  public void close() {}
}
