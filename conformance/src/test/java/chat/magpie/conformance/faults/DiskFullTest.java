package chat.magpie.conformance.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.magpie.conformance.faults.Deployment.Shape;
import chat.magpie.conformance.faults.Journal.Sent;
import chat.magpie.conformance.faults.Load.Plan;
import chat.magpie.conformance.faults.Verdict.Rules;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// The disk of a node on its embedded defaults fills up and has room again. The disk is a small
/// file system in memory, which only root can make.
@Tag("A-09")
@Tag("A-19")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DiskFullTest {
  private static final Rules RULES = new Rules(Duration.ofMinutes(1), false);

  private final Path disk;
  private final Deployment deployment;

  DiskFullTest() throws Exception {
    disk = Files.createTempDirectory("magpie-small-disk-");
    run("mount", "-t", "tmpfs", "-o", "size=48m", "tmpfs", disk.toString());
    deployment =
        Deployment.start(
            Shape.ALONE,
            Map.of("MAGPIE_DATA", disk.resolve("data").toString(), "MAGPIE_LOG_FILES", "false"));
  }

  @AfterAll
  void end() throws Exception {
    deployment.close();
    run("umount", disk.toString());
  }

  private static void run(String... command) throws Exception {
    Process process = new ProcessBuilder(command).inheritIO().start();
    assertThat(process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0)
        .as(String.join(" ", command))
        .isTrue();
  }

  private void fill(Path file) {
    try (OutputStream out = Files.newOutputStream(file)) {
      byte[] block = new byte[4_096];
      while (true) {
        out.write(block);
      }
    } catch (IOException full) {
      deployment.journal().happened("disk full", full + ", left " + disk.toFile().getFreeSpace());
    }
  }

  private static Wire.Answer sendAnother(Recorder user, String text) {
    String key = "m" + System.nanoTime();
    return user.sendOnce(key, text + key);
  }

  @Test
  void whatCannotBeStoredIsRefused() throws Exception {
    Recorder user =
        Recorder.guest(deployment.journal(), deployment.onlyNode(0), Duration.ofSeconds(30));
    String before = user.say("before", "[[chunks=3]] before").acks().getFirst().reply();
    user.follow("before", before);
    Path filler = disk.resolve("filler");
    String text = "[[chunks=3]] no room for this " + "x".repeat(10_000);
    try (Load load = Load.start(deployment, new Plan(4, 1, "chunks=60 interval=20", 1), 1)) {
      load.awaitEvents(40);
      fill(filler);
      // The database may have some pages to spare.
      await().atMost(Duration.ofSeconds(20)).until(() -> sendAnother(user, text).status() == 507);
      user.follow("while it is full", before);
      Files.delete(filler);
      load.awaitEnd();
    }
    await()
        .atMost(Duration.ofSeconds(10))
        .until(() -> user.sendOnce("again", "[[chunks=3]] room again").status() == 202);
    Sent sent = user.say("again", "[[chunks=3]] room again");
    user.follow("after", sent.acks().getFirst().reply());
    assertThat(deployment.journal().faults()).isNotEmpty();
    deployment.assertKept(RULES);
  }
}
