package chat.magpie.sql;

import chat.magpie.testing.TestDatabases;
import java.nio.file.Path;

/// A process that writes rows from eight threads, says each when it is acknowledged, and waits to
/// be killed.
final class KilledWriter {
  private KilledWriter() {}

  public static void main(String[] arguments) {
    Database database = TestDatabases.sqlite(Path.of(arguments[0]));
    for (int thread = 0; thread < 8; thread++) {
      String prefix = arguments[1] + thread + "-";
      Thread.ofPlatform()
          .start(() -> {
            for (int i = 0; i < 100_000; i++) {
              String id = prefix + i;
              database.write(sql -> DatabaseContract.insert(sql, id, "x"));
              System.out.println("+" + id + ";");
            }
          });
    }
  }
}
