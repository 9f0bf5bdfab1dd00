package chat.magpie.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import chat.magpie.kernel.ErrorCode;
import chat.magpie.kernel.MagpieException;
import chat.magpie.testing.TestDatabases;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jooq.DSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SqliteWriterTest {
  @TempDir Path folder;

  private Database open() {
    return TestDatabases.sqlite(folder.resolve("magpie.db"));
  }

  private static int insert(DSLContext sql, String id) {
    return DatabaseContract.insert(sql, id, "x");
  }

  private static int count(Database database) {
    return database.read(sql -> sql.fetchCount(DatabaseContract.TENANT));
  }

  @Test
  void aFullDiskFailsEveryWorkOfTheCommitAndHeals() throws Exception {
    try (Database database = open();
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      database.write(sql -> insert(sql, "before"));
      CountDownLatch blocked = new CountDownLatch(1);
      Future<Object> first =
          threads.submit(() ->
              database.write(sql -> {
                // limits the file of this connection; the connection is replaced later
                sql.fetch("pragma max_page_count = 1");
                waitFor(blocked);
                return insert(sql, "first");
              }));
      String big = "x".repeat(5_000_000);
      Future<Object> second =
          threads.submit(() -> database.write(sql -> DatabaseContract.insert(sql, "big", big)));
      blocked.countDown();
      for (Future<Object> each : List.of(first, second)) {
        await().until(each::isDone);
      }
      assertThat(second.exceptionNow())
          .isInstanceOfSatisfying(
              MagpieException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.STORAGE_FULL));
      await()
          .ignoreExceptions()
          .untilAsserted(() ->
              assertThat(
                      database.<Integer>write(sql -> {
                        sql.fetch("pragma max_page_count = 1000000");
                        return insert(sql, "after");
                      }))
                  .isEqualTo(1));
    }
  }

  @Test
  void aCallerThatCannotWaitLongerIsRefusedAndItsWorkNeverRuns() throws Exception {
    try (SqliteLink link = link();
        SqliteWriter writer = new SqliteWriter(link, Duration.ofMillis(100));
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      CountDownLatch release = new CountDownLatch(1);
      CountDownLatch begun = new CountDownLatch(1);
      Future<Object> slow =
          threads.submit(() ->
              writer.write(sql -> {
                begun.countDown();
                waitFor(release);
                return 1;
              }));
      begun.await();
      AtomicBoolean ran = new AtomicBoolean();
      assertThatThrownBy(() ->
              writer.write(sql -> {
                ran.set(true);
                return 1;
              }))
          .isInstanceOfSatisfying(
              MagpieException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.STORAGE_UNAVAILABLE));
      await().until(slow::isDone);
      release.countDown();
      assertThat(writer.<Integer>write(sql -> 2)).isEqualTo(2);
      assertThat(ran).isFalse();
    }
  }

  @Test
  void aWorkThatCallsTheDatabaseAgainIsRefusedInsteadOfHanging() {
    try (Database database = open()) {
      assertThatThrownBy(() -> database.write(sql -> database.write(inner -> insert(inner, "a"))))
          .isInstanceOf(IllegalStateException.class);
      assertThatThrownBy(() -> database.write(sql -> count(database)))
          .isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void afterTheCloseEveryCallIsRefused() {
    Database database = open();
    database.close();
    assertThatThrownBy(() -> database.write(sql -> insert(sql, "a")))
        .isInstanceOf(MagpieException.class);
  }

  @Test
  void waitingWorksShareACommit() throws Exception {
    try (Database database = open();
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Callable<Object>> calls = new ArrayList<>();
      for (int i = 0; i < 1000; i++) {
        String id = "t" + i;
        calls.add(() -> database.write(sql -> insert(sql, id)));
      }
      long alone = System.nanoTime();
      for (int i = 0; i < 100; i++) {
        String id = "s" + i;
        database.write(sql -> insert(sql, id));
      }
      long each = (System.nanoTime() - alone) / 100;
      long start = System.nanoTime();
      for (Future<Object> done : threads.invokeAll(calls)) {
        done.get();
      }
      long together = (System.nanoTime() - start) / 1000;
      System.out.printf(
          "one after the other %d µs, together %d µs%n", each / 1000, together / 1000);
      assertThat(together).isLessThan(each);
    }
  }

  @Test
  void whatWasAcknowledgedSurvivesTheKillOfTheProcess() throws Exception {
    for (int round = 0; round < 3; round++) {
      Path said = folder.resolve("said" + round);
      Process writer =
          new ProcessBuilder(
                  ProcessHandle.current().info().command().orElseThrow(),
                  "--enable-native-access=ALL-UNNAMED",
                  "-cp",
                  System.getProperty("java.class.path"),
                  KilledWriter.class.getName(),
                  folder.resolve("magpie.db").toString(),
                  "r" + round + "-")
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .redirectOutput(said.toFile())
              .start();
      await().atMost(Duration.ofSeconds(30)).until(() -> Files.readAllLines(said).size() >= 300);
      writer.destroyForcibly().waitFor();
      List<String> acknowledged = new ArrayList<>(Files.readAllLines(said));
      acknowledged.removeIf(line -> !line.startsWith("+") || !line.endsWith(";"));
      assertThat(acknowledged).hasSizeGreaterThan(250);
      try (Database database = open()) {
        List<String> stored =
            database.read(sql ->
                sql.select(DatabaseContract.ID)
                    .from(DatabaseContract.TENANT)
                    .fetch(DatabaseContract.ID));
        assertThat(stored)
            .containsAll(
                acknowledged.stream().map(line -> line.substring(1, line.length() - 1)).toList());
      }
    }
  }

  private SqliteLink link() {
    open().close();
    return new SqliteLink(folder.resolve("magpie.db"), true);
  }

  private static void waitFor(CountDownLatch latch) {
    try {
      latch.await(2, java.util.concurrent.TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
