package chat.magpie.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataFolderTest {
  @TempDir Path parent;

  @Test
  void isMadeForItsOwnerOnly() throws IOException {
    Path folder = parent.resolve("a/data");
    try (DataFolder data = DataFolder.open(folder)) {
      for (Path made : new Path[] {data.root(), data.keys(), data.logs(), data.knowledge()}) {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(made)))
            .isEqualTo("rwx------");
      }
      assertThat(data.database()).isEqualTo(folder.resolve("magpie.db"));
    }
  }

  @Test
  void theNodeKeepsItsId() {
    String id;
    try (DataFolder data = DataFolder.open(parent)) {
      id = data.nodeId();
    }
    try (DataFolder data = DataFolder.open(parent)) {
      assertThat(data.nodeId()).isEqualTo(id).hasSize(36);
    }
  }

  @Test
  void aSecondProcessIsToldWhoHasIt() throws Exception {
    Process owner =
        new ProcessBuilder(
                ProcessHandle.current().info().command().orElseThrow(),
                "-cp",
                System.getProperty("java.class.path"),
                FolderOwner.class.getName(),
                parent.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try {
      assertThat(owner.inputReader(StandardCharsets.UTF_8).readLine()).isEqualTo("open");
      assertThatThrownBy(() -> DataFolder.open(parent))
          .isInstanceOf(DataFolder.Unusable.class)
          .hasMessage("The data folder " + parent + " is in use by process " + owner.pid() + ".");
    } finally {
      owner.destroyForcibly().waitFor();
    }
    DataFolder.open(parent).close();
  }

  @Test
  void theSameProcessCannotTakeItTwice() {
    try (DataFolder data = DataFolder.open(parent)) {
      assertThatThrownBy(() -> DataFolder.open(data.root()))
          .isInstanceOf(DataFolder.Unusable.class)
          .hasMessageContaining("in use by process " + ProcessHandle.current().pid());
    }
    DataFolder.open(parent).close();
  }

  @Test
  void aFileIsNotAFolder() throws IOException {
    Path file = Files.writeString(parent.resolve("file"), "x");
    assertThatThrownBy(() -> DataFolder.open(file))
        .isInstanceOf(DataFolder.Unusable.class)
        .hasMessage("The data folder " + file + " is a file.");
    assertThatThrownBy(() -> DataFolder.open(file.resolve("below")))
        .isInstanceOf(DataFolder.Unusable.class)
        .hasMessageContaining(file.toString());
  }

  /// A process that takes the folder and waits to be killed.
  static final class FolderOwner {
    private FolderOwner() {}

    public static void main(String[] arguments) throws InterruptedException {
      DataFolder.open(Path.of(arguments[0]));
      System.out.println("open");
      Thread.sleep(Duration.ofMinutes(1));
    }
  }
}
