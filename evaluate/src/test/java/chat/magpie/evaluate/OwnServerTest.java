package chat.magpie.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A whole run with the packaged server, as the command makes it.
class OwnServerTest {
  @TempDir private Path folder;

  @Test
  void aServerIsStartedAskedEverythingAndEnded() throws IOException {
    Path data = folder.resolve("data");
    Path json = folder.resolve("out.json");
    SmallSet.write(data);
    Files.delete(data.resolve("profile/facts.jsonl"));
    assertThat(
            Evaluate.run(
                List.of(
                    "--data", data.toString(), "--embeddings", "off", "--json", json.toString())))
        .isZero();
    JsonNode root = new ObjectMapper().readTree(Files.readString(json));
    assertThat(root.at("/context/Version").asText()).matches("\\d.*");
    JsonNode off = root.at("/servers/off");
    assertThat(off.fieldNames()).toIterable().containsExactly("memory", "faq");
    // So few turns and entries are all found; that the right ones come first is for larger sets.
    assertThat(counts(off.path("memory"))).contains("evidence within 2,000 tokens 1.0 3");
    assertThat(counts(off.path("faq"))).contains("FAQ recall@1 1.0 2");
    assertThat(off.path("memory").path("notes").toString())
        .contains("No turn came back that had not been said");
  }

  private static List<String> counts(JsonNode suite) {
    return StreamSupport.stream(suite.path("headlines").spliterator(), false)
        .map(one ->
            one.path("name").asText()
                + " "
                + one.path("value").asDouble()
                + " "
                + one.path("count").asInt())
        .toList();
  }
}
