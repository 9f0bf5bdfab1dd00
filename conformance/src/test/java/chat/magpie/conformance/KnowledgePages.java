package chat.magpie.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.magpie.conformance.client.Api;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// A shop's help pages in the folder of a server that has no key, and the customers who ask.
@Tag("C-09")
@Tag("M-06")
abstract class KnowledgePages extends KnowledgeUploads {
  /// A question of a customer.
  ///
  /// @param said what the answer has to say
  /// @param page where it says so
  private record Asked(String question, String character, String said, String page) {}

  @Test
  @Tag("M-10")
  void aShopsHelpPagesAnswerItsCustomersAndTheRestIsHandedOver() throws IOException {
    ok(keeper.put("/desk/presence", Map.of("presence", "away")));
    Path data = Path.of(System.getProperty("magpie.root", "..")).resolve("evaluate/data/faq");
    Path folder = deployment.node(0).process().folder().resolve("data/knowledge");
    copy(data.resolve("pages"), folder);
    List<Asked> asked = sheet(data.resolve("entries.jsonl"), folder);
    Asked large = new Asked("大件没有电梯，从二楼起每层多少元？", "support-zh", "每层十元", "zh/配送说明.md");
    Asked recordings =
        new Asked(
            "How long are recordings of an opened parcel kept?",
            "support-en",
            "ninety days",
            "en/returning-things.md");
    asked.addAll(
        List.of(
            large,
            recordings,
            new Asked("帐杆断了，用什么套住断口？", "support-zh", "铝套管", "zh/保修与维修.md"),
            new Asked("包裹到仓后录像保存多少天？", "support-zh", "九十天", "zh/退换货流程.md"),
            new Asked(
                "May boots dry by a fire or radiator?",
                "support-en",
                "turns to biscuit",
                "en/boots.md"),
            new Asked(
                "At four thousand metres water boils at how many degrees?",
                "support-en",
                "eighty-six degrees",
                "en/stoves-and-fuel.md")));
    for (Asked one : asked) {
      awaitCited(one);
    }
    for (String character : List.of("support-zh", "support-en")) {
      Api guest = Api.guest(keeper.uri("/"));
      JsonNode unknown = ask(guest, "Flibbertigibbet " + word + " 饕餮魑魅魍魉?", character);
      assertThat(unknown.path("citations")).isEmpty();
      assertThat(unknown.at("/message/content").asText())
          .containsAnyOf("asked a colleague", "转接人工客服");
      assertThat(
              ok(guest.get(
                      "/conversations/" + unknown.path("conversation_id").asText() + "/handover"))
                  .path("mode")
                  .asText())
          .isEqualTo("waiting");
    }

    Path page = folder.resolve(large.page());
    Files.writeString(page, Files.readString(page).replace("每层十元", "每层十二元"));
    awaitCited(new Asked(large.question(), "support-zh", "每层十二元", large.page()));
    Files.write(
        folder.resolve("zh/漂流.txt"),
        "漂流须知\n\n漂流艇的押金是四百五十元，归还后当天退还押金。\n".getBytes(Charset.forName("GB18030")));
    awaitCited(new Asked("漂流艇的押金是多少？", "support-zh", "四百五十元", "zh/漂流.txt"));
    Files.delete(folder.resolve(recordings.page()));
    await()
        .atMost(SOON)
        .untilAsserted(() ->
            assertThat(
                    ask(Api.guest(keeper.uri("/")), recordings.question(), recordings.character())
                        .toString())
                .doesNotContain("ninety days", recordings.page()));
    empty(folder);
    await()
        .atMost(SOON)
        .untilAsserted(() ->
            assertThat(found(Api.guest(keeper.uri("/")), large.question()))
                .doesNotContain(large.page()));
  }

  /// The answer says it, and its first source is the page, with the passage as it stands there.
  private void awaitCited(Asked one) {
    Path folder = deployment.node(0).process().folder().resolve("data/knowledge");
    await(one.question())
        .atMost(SOON)
        .untilAsserted(() -> {
          JsonNode reply = ask(Api.guest(keeper.uri("/")), one.question(), one.character());
          assertThat(reply.at("/message/content").asText()).contains(one.said());
          JsonNode citation = reply.at("/citations/0");
          assertThat(citation.path("document_id").asText()).isEqualTo(one.page());
          assertThat(citation.path("version").asText()).isNotEmpty();
          assertThat(citation.path("title").asText()).isNotEmpty();
          String quoted = citation.path("snippet").asText();
          assertThat(quoted).isNotEmpty();
          if (one.page().endsWith(".md")) {
            assertThat(Files.readString(folder.resolve(one.page())).replaceAll("\\s+", " "))
                .contains(quoted.replaceAll("\\s+", " ").replace("…", ""))
                .contains(citation.path("section").asText());
          }
        });
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path copy = to.resolve(from.relativize(file).toString());
        Files.createDirectories(copy.getParent());
        Files.copy(file, copy);
      }
    }
  }

  private static void empty(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.delete(file);
      }
    }
  }

  /// Puts a few entries into a sheet of the folder; returns their questions.
  private static List<Asked> sheet(Path entries, Path folder) throws IOException {
    List<Asked> asked = new ArrayList<>();
    StringBuilder sheet = new StringBuilder("问题,相似问法,答案\n");
    for (String line : Files.readAllLines(entries)) {
      JsonNode entry = Api.parse(line);
      if (!Set.of("faq-zh-53", "faq-zh-62", "faq-en-46", "faq-en-56")
          .contains(entry.path("id").asText())) {
        continue;
      }
      String answer = entry.path("answer").asText();
      String character = "support-" + entry.path("language").asText();
      List<String> questions = new ArrayList<>(List.of(entry.path("question").asText()));
      entry.path("phrasings").forEach(phrasing -> questions.add(phrasing.asText()));
      questions.forEach(q -> asked.add(new Asked(q, character, answer, "常见问题.csv")));
      sheet
          .append(quoted(questions.getFirst()))
          .append(',')
          .append(quoted(String.join("|", questions.subList(1, questions.size()))))
          .append(',')
          .append(quoted(answer))
          .append('\n');
    }
    Files.writeString(folder.resolve("常见问题.csv"), sheet);
    assertThat(asked).hasSizeGreaterThan(6);
    return asked;
  }

  private static String quoted(String cell) {
    return '"' + cell.replace("\"", "\"\"") + '"';
  }
}
