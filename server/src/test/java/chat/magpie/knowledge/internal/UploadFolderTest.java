package chat.magpie.knowledge.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UploadFolderTest {
  @Test
  void whatIsHandedInAfterTheStartIsNotLeftOver(@TempDir Path temp) throws IOException {
    UploadFolder folder = new UploadFolder(temp.resolve("uploads"), 100);
    assertThat(folder.files()).isEmpty();
    save(folder, "known");
    save(folder, "forgotten");
    List<Path> left = folder.files();
    save(folder, "new"); // its job is not in the database yet
    folder.clean(left, Set.of("known"));
    assertThat(Files.exists(folder.of("known"))).isTrue();
    assertThat(Files.exists(folder.of("forgotten"))).isFalse();
    assertThat(Files.exists(folder.of("new"))).isTrue();
  }

  private static void save(UploadFolder folder, String jobId) throws IOException {
    folder.save(jobId, new ByteArrayInputStream(jobId.getBytes(StandardCharsets.UTF_8)));
  }
}
