package chat.magpie.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import chat.magpie.evaluate.Measured.Headline;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A whole run against a stub that keeps the formats of the API.
class RunTest {
  private final StubServer server = new StubServer();
  @TempDir private Path folder;

  @BeforeEach
  void data() {
    SmallSet.write(folder.resolve("data"));
  }

  @AfterEach
  void end() {
    server.close();
  }

  private int evaluate(String... more) {
    List<String> args =
        new ArrayList<>(
            List.of(
                "--data", folder.resolve("data").toString(), "--against", server.uri().toString()));
    if (!Arrays.asList(more).contains("--key")) {
      args.addAll(List.of("--key", "secret"));
    }
    args.addAll(List.of(more));
    return Evaluate.run(args);
  }

  private JsonNode figures() throws IOException {
    return new ObjectMapper().readTree(Files.readString(folder.resolve("out.json")));
  }

  private static double value(JsonNode suite, String headline) {
    for (JsonNode one : suite.path("headlines")) {
      if (one.path("name").asText().equals(headline)) {
        return one.path("value").asDouble(-1);
      }
    }
    return -1;
  }

  @Test
  void figuresAreThoseOfWhatTheServerSaid() throws IOException {
    Path json = folder.resolve("out.json");
    assertThat(evaluate("--embeddings", "off", "--json", json.toString())).isZero();
    JsonNode off = figures().path("servers").path("off");
    // Two turns of 1,000 tokens fit; the cat is among them each time, the cello too.
    assertThat(value(off.path("memory"), MemorySuite.EVIDENCE)).isEqualTo(1);
    assertThat(value(off.path("memory"), "the same, those days exactly")).isEqualTo(1);
    assertThat(value(off.path("faq"), FaqSuite.FIRST)).isEqualTo(1);
    assertThat(value(off.path("faq"), FaqSuite.FALSE)).isZero();
    assertThat(value(off.path("faq"), "pages: right section first")).isEqualTo(1);
    assertThat(value(off.path("profile"), ProfileSuite.PRECISION)).isEqualTo(1);
    assertThat(figures().path("context").path("Version").asText()).isEqualTo("stub");
    assertThat(figures().toString()).doesNotContain("secret");
  }

  @Test
  void onlyWhatIsMeantForItIsSent() {
    assertThat(evaluate("--embeddings", "off")).isZero();
    assertThat(server.requests())
        .noneMatch(request -> request.contains("evidence") || request.contains("\"kind\""))
        .noneMatch(request -> request.contains("2025-01-05"))
        .anyMatch(request ->
            request.startsWith("POST /memory/evaluate-ann-")
                && request.contains("\"at\":\"2025-02-01T00:00Z\""))
        .anyMatch(request -> request.contains("\"learn\":true"))
        .anyMatch(request -> request.contains("\"character_ids\":[\"one\",\"three\"]"));
  }

  @Test
  void theSameDataGivesTheSameFigures() throws IOException {
    Path json = folder.resolve("out.json");
    evaluate("--embeddings", "off", "--json", json.toString());
    JsonNode first = figures().path("servers");
    evaluate("--embeddings", "off", "--json", json.toString());
    assertThat(figures().path("servers")).isEqualTo(first);
  }

  @Test
  void aPartAloneAsksNothingElse() {
    assertThat(evaluate("--embeddings", "off", "--only", "faq")).isZero();
    assertThat(server.requests())
        .noneMatch(request -> request.contains("/memory/") || request.contains("/profile/"));
  }

  @Test
  void aMissedTargetEndsWithOneOnlyWhereItIsChecked() throws IOException {
    Path questions = folder.resolve("data/faq/questions.jsonl");
    Files.writeString(
        questions,
        """
        {"id": "c1", "split": "dev", "kind": "plain", "question": "when are you open", "expected": ["small-returns"]}
        """);
    assertThat(evaluate("--embeddings", "off", "--only", "faq")).isZero();
    assertThat(evaluate("--embeddings", "off", "--only", "faq", "--check")).isEqualTo(1);
  }

  @Test
  void nothingIsSentOfWhatIsMalformed() throws IOException {
    Files.writeString(folder.resolve("data/faq/questions.jsonl"), "{}\n");
    assertThat(evaluate("--embeddings", "off")).isEqualTo(2);
    assertThat(server.requests()).isEmpty();
  }

  @Test
  void aServerThatRefusesGivesNoFigures() {
    assertThat(evaluate("--embeddings", "off", "--key", "wrong")).isEqualTo(2);
    assertThat(Evaluate.run(List.of("--nonsense"))).isEqualTo(2);
    assertThat(Evaluate.run(List.of("--against", "http://127.0.0.1:1"))).isEqualTo(2);
    assertThat(Evaluate.run(List.of("--against", "nowhere", "--key", "k"))).isEqualTo(2);
  }

  @Test
  void markdownReplacesWhatWasThere() throws IOException {
    Path file = folder.resolve("figures.md");
    Files.writeString(file, "# Figures\n\nBefore.\n");
    evaluate("--embeddings", "off", "--markdown", file.toString());
    String once = Files.readString(file);
    Files.writeString(file, once + "\nAfter.\n");
    evaluate("--embeddings", "off", "--markdown", file.toString());
    assertThat(Files.readString(file)).isEqualTo(once + "\nAfter.\n");
    assertThat(once)
        .startsWith("# Figures\n\nBefore.\n\n" + Report.BEGIN)
        .contains("| " + MemorySuite.EVIDENCE + " | 3 | ≥ 0.85 | 1.000 | met |")
        .contains("--key …")
        .doesNotContain("secret");
  }

  @Test
  void theWorstOfTheTestSplitAreNotTold() {
    Headline missed = new Headline("h", 0.5, 2, Measured.Target.atLeast(0.9));
    Measured measured =
        new Measured(
            "memory",
            List.of(missed),
            List.of(),
            List.of(),
            List.of(
                new Measured.Case("h", "q1", "dev", "k", 0.5, "half"),
                new Measured.Case("h", "q2", "test", "k", 0, "hidden"),
                new Measured.Case("h", "q3", "dev", "k", 0, "none"),
                new Measured.Case("h", "q4", "dev", "k", 1, "fine")));
    String worst = new Report(Map.of(), Map.of("off", List.of(measured))).worst(10);
    assertThat(worst).containsSubsequence("q3", "q1").doesNotContain("q2", "q4");
    assertThat(new Report(Map.of(), Map.of("off", List.of(measured))).worst(1))
        .doesNotContain("q1");
  }

  @Test
  void commandLines() {
    Plan plan =
        Plan.parse(
            List.of("--split=dev", "--embeddings", "auto", "--only", "memory", "--worst=10"),
            Path.of("own"));
    assertThat(plan.split()).isEqualTo(Dataset.Split.DEV);
    assertThat(plan.modes()).containsExactly("auto");
    assertThat(plan.suites()).containsExactly("memory");
    assertThat(plan.data()).isEqualTo(Path.of("own"));
    assertThat(plan.worst()).isEqualTo(10);
    assertThatThrownBy(() -> Plan.parse(List.of("--split", "both"), Path.of("own")))
        .isInstanceOf(Plan.Misused.class)
        .hasMessageContaining("dev, test, all");
    assertThatThrownBy(() -> Plan.parse(List.of("--against", "http://x"), Path.of("own")))
        .hasMessageContaining("--key");
    assertThatThrownBy(() -> Plan.parse(List.of("--json"), Path.of("own")))
        .hasMessageContaining("needs a value");
  }
}
