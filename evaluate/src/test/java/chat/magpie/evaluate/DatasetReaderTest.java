package chat.magpie.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Folders of the shape of `evaluate/data/README.md`, right and wrong.
class DatasetReaderTest {
  private static final String DIALOGUE =
      """
      {"id": "d1",
       "sessions": [
        {"turns": [
          {"id": "t1", "speaker": "user", "at": "2025-03-03T21:10:00+08:00", "text": "我养了一只猫"},
          {"id": "t2", "speaker": "companion", "at": "2025-03-03T21:11:00+08:00", "text": "真好"}
        ]}]}
      """;
  private static final String QUESTION =
      """
      {"id": "q1", "dialogue": "d1", "question": "我养了什么？", "asked_at": "2025-03-04T00:00:00+08:00", "evidence": ["t1"]}
      """;

  @TempDir private Path folder;

  @BeforeEach
  void aSmallOne() {
    put("memory/dialogues/d1.json", DIALOGUE);
    put("memory/questions.jsonl", QUESTION);
  }

  private void put(String name, String text) {
    put(name, text.getBytes(StandardCharsets.UTF_8));
  }

  private void put(String name, byte[] bytes) {
    try {
      Path file = folder.resolve(name);
      Files.createDirectories(file.resolveSibling("."));
      Files.write(file, bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void refused(String... faults) {
    assertThatThrownBy(() -> DatasetReader.read(folder))
        .isInstanceOf(Faults.BadData.class)
        .satisfies(e ->
            assertThat(List.of(String.valueOf(e.getMessage()).split("\n", -1)))
                .hasSize(faults.length)
                .allSatisfy(line ->
                    assertThat(Arrays.stream(faults).anyMatch(line::startsWith))
                        .as(line)
                        .isTrue()));
  }

  @Test
  void requiredFieldsAreEnough() {
    Dataset data = DatasetReader.read(folder);
    assertThat(data.memoryQuestions()).hasSize(1);
    Dataset.MemoryQuestion question = data.memoryQuestions().getFirst();
    assertThat(question.split()).isEqualTo("test");
    assertThat(question.language()).isEqualTo("zh");
    assertThat(question.kind()).isEqualTo("unnamed");
    assertThat(data.dialogues().getFirst().turns()).hasSize(2);
    assertThat(data.only(Dataset.Split.TEST).dialogues()).hasSize(1);
    assertThat(data.only(Dataset.Split.DEV).isEmpty()).isTrue();
  }

  @Test
  void unknownFieldsAndEmptyLinesMeanNothing() {
    put(
        "memory/questions.jsonl",
        "\n" + QUESTION.replace("{\"id\"", "{\"mine\": 1, \"id\"") + "\n\n");
    assertThat(DatasetReader.read(folder).memoryQuestions()).hasSize(1);
  }

  @Test
  void faultsAreToldWithFileAndLine() {
    put(
        "memory/questions.jsonl",
        QUESTION
            + "{\"id\": \"q2\", \"dialogue\": \"d1\", \"question\": \"\", \"asked_at\": \"yesterday\", \"evidence\": [\"t9\"]}\n"
            + "{\"id\": \"q1\", \"dialogue\": \"d2\", \"question\": \"?\", \"asked_at\": \"2025-03-04T00:00:00Z\", \"evidence\": []}\n"
            + "{\"id\": \"q4\"\n"
            + "[]\n");
    refused(
        "memory/questions.jsonl:2: question must be",
        "memory/questions.jsonl:2: asked_at must be",
        "memory/questions.jsonl:2: the dialogue d1 has no turn t9",
        "memory/questions.jsonl:3: the id q1 was given before, at memory/questions.jsonl:1",
        "memory/questions.jsonl:3: there is no dialogue d2",
        "memory/questions.jsonl:4: this is no JSON",
        "memory/questions.jsonl:5: this must be an object");
  }

  @Test
  void linesInsideADialogueAreToo() {
    put(
        "memory/dialogues/d1.json",
        DIALOGUE
            .replace("\"speaker\": \"companion\"", "\"speaker\": \"bot\"")
            .replace("21:11:00", "20:11:00"));
    refused(
        "memory/dialogues/d1.json:5: speaker must be one of user, companion",
        "memory/dialogues/d1.json:5: turns must stand in the order of time");
  }

  @Test
  void aTurnAfterTheQuestionIsNoEvidence() {
    put("memory/questions.jsonl", QUESTION.replace("2025-03-04T00:00", "2025-03-03T21:10"));
    refused("memory/questions.jsonl:1: the turn t1 is not before asked_at");
  }

  @Test
  void knowledgeAndProfilesAreLookedThroughToo() {
    put("faq/entries.jsonl", "{\"id\": \"e1\", \"question\": \"Open?\", \"answer\": \"Yes\"}\n");
    put("faq/pages/en/a.md", "# A\n\n## First\n\ntext\n");
    put(
        "faq/questions.jsonl",
        """
        {"id": "c1", "question": "open today?", "expected": ["e1"]}
        {"id": "c2", "question": "pizza?", "expected": null}
        {"id": "c3", "question": "x", "expected": ["e2"]}
        {"id": "c4", "question": "x"}
        {"id": "c5", "question": "x", "expected": []}
        """);
    put(
        "faq/passage_questions.jsonl",
        """
        {"id": "p1", "question": "x", "page": "en/a.md", "heading": "First"}
        {"id": "p2", "question": "x", "page": "en/a.md", "heading": "Second"}
        {"id": "p3", "question": "x", "page": "en/b.md", "heading": "First"}
        """);
    put(
        "profile/facts.jsonl",
        """
        {"id": "f1", "dialogue": "d1", "slot": "pets", "match": ["猫"], "sources": ["t1"], "valid_to": "soon"}
        {"id": "f2", "dialogue": "d1", "slot": "pets", "match": [], "sources": "t1", "negated": 1}
        """);
    refused(
        "faq/questions.jsonl:3: there is no entry e2",
        "faq/questions.jsonl:4: expected is missing",
        "faq/questions.jsonl:5: expected must name an entry",
        "faq/passage_questions.jsonl:2: the page en/a.md has no section Second",
        "faq/passage_questions.jsonl:3: there is no page en/b.md",
        "profile/facts.jsonl:1: valid_to must be a day",
        "profile/facts.jsonl:2: match must hold a string",
        "profile/facts.jsonl:2: sources must be an array",
        "profile/facts.jsonl:2: sources must name a turn",
        "profile/facts.jsonl:2: negated must be true or false");
  }

  @Test
  void otherEncodingsAndTwiceNamedFieldsAreRefused() {
    put("memory/questions.jsonl", QUESTION.replace("{\"id\"", "{\"id\": \"q0\", \"id\""));
    put("memory/dialogues/d2.json", "{\"id\": \"é\"}".getBytes(StandardCharsets.ISO_8859_1));
    refused(
        "memory/questions.jsonl:1: this is no JSON: Duplicate field 'id'",
        "memory/dialogues/d2.json:1: this is not UTF-8");
  }

  @Test
  void aFolderWithNothingToAskIsToldAsSuch() throws IOException {
    Files.delete(folder.resolve("memory/questions.jsonl"));
    assertThatThrownBy(() -> DatasetReader.read(folder)).hasMessageContaining("nothing to ask");
    assertThatThrownBy(() -> DatasetReader.read(folder.resolve("no")))
        .hasMessageContaining("no such folder");
  }
}
