package chat.magpie.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.magpie.conformance.client.Api;
import chat.magpie.conformance.client.SseReader;
import chat.magpie.conformance.client.SseReader.Event;
import chat.magpie.conformance.server.MagpieProcess;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// A server without any key, which answers from files.
@Tag("M-06")
class KnowledgeTest {
  private static final MagpieProcess server = start();
  private static final Path folder = server.folder().resolve("data/knowledge");
  private static final Api admin = Administrator.of(server);

  private final Api guest = Api.guest(server.uri("/"));

  private static MagpieProcess start() {
    Map<String, String> environment = new HashMap<>(Shared.NO_LIMITS);
    environment.put("MAGPIE_KNOWLEDGE_SCAN_INTERVAL", "500ms");
    environment.put("MAGPIE_REPLY_QUOTE_PACE", "1ms");
    return MagpieProcess.start(environment);
  }

  @AfterAll
  static void end() {
    server.close();
  }

  /// A whole answer and how it came to be.
  private record Told(String text, JsonNode reply) {
    List<String> sources() {
      return reply.path("citations").findValuesAsText("document_id");
    }
  }

  private Told ask(String question, String character) {
    JsonNode accepted = guest.chat(Map.of("message", question, "character_id", character));
    try (SseReader reader = guest.stream(accepted.path("stream_url").asText(), null)) {
      List<Event> events = reader.rest();
      assertThat(events.getLast().name()).isEqualTo("done");
      return new Told(Api.fold(events), Records.reply(guest, accepted));
    }
  }

  private static JsonNode inventory() {
    return admin.get("/knowledge").body();
  }

  @AfterEach
  void takeFilesOut() throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.delete(file);
      }
    }
  }

  /// Until nothing is in the knowledge base but the product's own documentation.
  private static void awaitOwnDocumentation() {
    await().atMost(Duration.ofSeconds(20)).until(() -> inventory().path("documents").asInt() > 5);
  }

  @Test
  @Tag("C-09")
  void aFileIsAnsweredFromWithinSecondsUntilItIsRemoved() throws IOException {
    Path file = folder.resolve("returns.md");
    Files.writeString(
        file,
        """
        # Returns

        ## Zeppelin deliveries

        A zeppelin may be returned within 42 days if the hull is undamaged.
        """);
    await()
        .atMost(Duration.ofSeconds(15))
        .untilAsserted(() -> {
          Told told = ask("How long may I return a zeppelin?", "support-en");
          assertThat(told.text()).contains("42 days");
          assertThat(told.sources()).contains("returns.md");
          JsonNode citation = told.reply().path("citations").path(0);
          assertThat(citation.path("title").asText()).isEqualTo("Returns");
          assertThat(citation.path("section").asText()).contains("Zeppelin deliveries");
          assertThat(citation.path("snippet").asText()).contains("42 days");
          assertThat(told.reply().path("message").path("content").asText()).isEqualTo(told.text());
        });
    Files.writeString(file, "# Returns\n\nA zeppelin may be returned within 99 days.\n");
    await()
        .atMost(Duration.ofSeconds(15))
        .untilAsserted(() ->
            assertThat(ask("How long may I return a zeppelin?", "support-en").text())
                .contains("99 days")
                .doesNotContain("42 days"));
    Files.delete(file);
    await()
        .atMost(Duration.ofSeconds(15))
        .untilAsserted(() -> {
          Told told = ask("How long may I return a zeppelin?", "support-en");
          assertThat(told.text()).doesNotContain("99 days");
          assertThat(told.sources()).doesNotContain("returns.md");
        });
  }

  @Test
  @Tag("M-10")
  void chineseIsFoundToo() throws IOException {
    Files.writeString(folder.resolve("退货.md"), "# 退货政策\n\n## 飞艇\n\n飞艇在签收后四十二天内可以无理由退货，运费由我们承担。\n");
    await()
        .atMost(Duration.ofSeconds(15))
        .untilAsserted(() -> {
          Told told = ask("飞艇多少天内可以退货？", "support-zh");
          assertThat(told.text()).contains("四十二天");
          assertThat(told.sources()).contains("退货.md");
        });
    Files.delete(folder.resolve("退货.md"));
  }

  @Test
  @Tag("M-10")
  void aSearchTellsWhatFitsAndWhetherItIsAnAnswer() throws IOException {
    Path file = folder.resolve("gliders.md");
    Files.writeString(file, "# Gliders\n\n## Hire\n\nA glider is hired for 17 guilders a day.\n");
    await()
        .atMost(Duration.ofSeconds(15))
        .untilAsserted(() -> {
          JsonNode found = search(Map.of("question", "hire a glider for guilders", "limit", 3));
          assertThat(found.path("outcome").asText()).isEqualTo("answer");
          assertThat(found.path("passages").size()).isBetween(1, 3);
          JsonNode first = found.path("passages").path(0);
          assertThat(first.path("document_id").asText()).isEqualTo("gliders.md");
          assertThat(first.path("section").asText()).isEqualTo("Hire");
          assertThat(first.path("text").asText()).contains("17 guilders");
          assertThat(first.path("version").asText()).isNotEmpty();
          assertThat(first.path("coverage").asDouble()).isGreaterThan(0.5);
          assertThat(first.path("similarity").isNull()).isTrue();
        });
    assertThat(search(Map.of("question", "glider", "character_id", "support-en")).path("passages"))
        .isNotEmpty();
    assertThat(search(Map.of("question", "quokka brzeczyszczykiewicz")).path("outcome").asText())
        .isEqualTo("none");
    Files.delete(file);
  }

  @Test
  void aSearchTakesAnyQuestionAndRefusesWhatIsNone() {
    for (String question : List.of("", " ", "?!。，", "😀👩‍👧", "x".repeat(100_000))) {
      JsonNode found = search(Map.of("question", question));
      assertThat(found.path("outcome").asText()).isEqualTo("none");
    }
    assertThat(guest.post("/knowledge/search", Map.of()).status()).isEqualTo(400);
    assertThat(guest.post("/knowledge/search", Map.of("question", List.of(1))).status())
        .isEqualTo(400);
    for (Object limit : List.of(0, 51, -1, "many")) {
      assertThat(guest.post("/knowledge/search", Map.of("question", "a", "limit", limit)).status())
          .isEqualTo(400);
    }
    assertThat(
            guest
                .post("/knowledge/search", Map.of("question", "a", "character_id", "nobody"))
                .status())
        .isEqualTo(404);
  }

  private JsonNode search(Map<String, Object> body) {
    Api.Response response = guest.post("/knowledge/search", body);
    assertThat(response.status()).isEqualTo(200);
    return response.body();
  }

  @Test
  void whatNobodyKnowsIsSaidWithTheWayToConnectAModel() {
    awaitOwnDocumentation();
    Told english = ask("Xylophone quokka brzeczyszczykiewicz?", "support-en");
    assertThat(english.sources()).isEmpty();
    assertThat(english.text()).contains("OPENAI_API_KEY");
    assertThat(english.reply().path("status").asText()).isEqualTo("done");
    Told chinese = ask("饕餮魑魅魍魉？", "support-zh");
    assertThat(chinese.sources()).isEmpty();
    assertThat(chinese.text()).contains("OPENAI_API_KEY", "知识文件夹");
  }

  @Test
  void customersAreNeitherToldHowToSetTheServerUpNorOfItsDocumentation() throws IOException {
    awaitOwnDocumentation();
    Files.writeString(folder.resolve("returns.md"), "# Returns\n\nZeppelins go back by air.\n");
    await()
        .atMost(Duration.ofSeconds(15))
        .untilAsserted(() -> {
          Told told = ask("What is Last-Event-ID for?", "support-en");
          assertThat(told.sources()).isEmpty();
          assertThat(told.text()).contains("no answer").doesNotContain("OPENAI_API_KEY");
        });
  }

  @Test
  void theProductKnowsItsOwnDocumentation() {
    awaitOwnDocumentation();
    Told told = ask("What is Last-Event-ID for?", "support-en");
    assertThat(told.sources()).isNotEmpty();
    assertThat(told.text()).contains("Last-Event-ID");
  }

  @Test
  void anAnswerHasAReceiptAndIsRemembered() {
    awaitOwnDocumentation();
    JsonNode accepted = guest.chat(Map.of("message", "What is Last-Event-ID for?"));
    try (SseReader reader = guest.stream(accepted.path("stream_url").asText(), null)) {
      reader.rest();
    }
    JsonNode receipt =
        guest.get("/replies/" + accepted.path("reply_id").asText() + "/context").body();
    assertThat(receipt.path("parts").findValuesAsText("kind")).contains("knowledge");
    assertThat(guest.get("/memory/" + guest.userId()).body().path("messages")).hasSize(2);
  }

  @Test
  void filesThatCannotBeReadAreListedAndBreakNothing() throws IOException {
    byte[] noise = new byte[20_000];
    new Random(1).nextBytes(noise);
    Files.write(folder.resolve("noise.md"), noise);
    Files.write(folder.resolve("image.txt"), new byte[] {(byte) 0x89, 'P', 'N', 'G', 0, 1, 2});
    Files.writeString(folder.resolve("huge.md"), "many words ".repeat(600_000));
    Files.writeString(folder.resolve("empty.md"), "");
    Files.writeString(folder.resolve("one-line.md"), "x".repeat(2_000_000));
    Files.createDirectories(folder.resolve("deep/er"));
    Files.writeString(folder.resolve("deep/er/good.md"), "# Marmalade\n\nMarmalade costs 7 euro.");
    await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(() -> {
          assertThat(inventory().path("refused").findValuesAsText("path"))
              .contains("noise.md", "image.txt", "huge.md");
          Told told = ask("What does marmalade cost?", "support-en");
          assertThat(told.text()).contains("7 euro");
          assertThat(told.sources()).contains("deep/er/good.md");
        });
    assertThat(inventory().path("refused"))
        .allSatisfy(refused -> {
          assertThat(refused.path("reason").asText()).isNotBlank();
          assertThat(refused.path("reason").asText()).doesNotContain("Exception");
        });
    for (String name :
        List.of("noise.md", "image.txt", "huge.md", "empty.md", "one-line.md", "deep/er/good.md")) {
      Files.delete(folder.resolve(name));
    }
    await().atMost(Duration.ofSeconds(15)).until(() -> inventory().path("refused").isEmpty());
  }
}
