package chat.magpie.conformance;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.magpie.conformance.client.Api;
import chat.magpie.conformance.client.SocketClient;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Documents on two nodes without any model: what is brought in at the first is answered from at
/// the second.
@Tag("C-09")
@Tag("M-06")
class KnowledgeKeepingTest extends KnowledgeUploads {
  @Test
  void whatIsBroughtInAtOneNodeIsAnsweredFromAtTheOther() {
    JsonNode made =
        ok(put("hours.md", "# Hours\n\n## " + word + "\n\nThe " + word + " opens at ten.\n"));
    assertThat(made.path("version").asLong()).isEqualTo(1);
    awaitAnswer(elsewhere, "When does the " + word + " open?", "opens at ten");
    ok(put("hours.md", "# Hours\n\n## " + word + "\n\nThe " + word + " opens at eleven.\n"));
    awaitAnswer(elsewhere, "When does the " + word + " open?", "opens at eleven");
    ok(keeper.send("PATCH", "/knowledge/documents/" + id, "{\"version\":1}".getBytes(UTF_8)));
    awaitAnswer(elsewhere, "When does the " + word + " open?", "opens at ten");
    ok(keeper.send("PATCH", "/knowledge/documents/" + id, "{\"enabled\":false}".getBytes(UTF_8)));
    await()
        .atMost(SOON)
        .untilAsserted(() ->
            assertThat(
                    ask(
                            Api.guest(elsewhere.uri("/")),
                            "When does the " + word + " open?",
                            "support-en")
                        .path("citations")
                        .findValuesAsText("document_id"))
                .doesNotContain(id));
  }

  @Test
  void aPdfIsReadBehindTheRequestAndTheDeskSeesIt() {
    try (SocketClient desk = desk(elsewhere)) {
      Api.Response taken = put("manual.pdf", pdf(List.of("The " + word + " opens at noon.")), "");
      assertThat(taken.status()).as(taken.text()).isEqualTo(202);
      JsonNode job = awaitJob(elsewhere, taken.body(), "done");
      assertThat(job.path("version").asLong()).isEqualTo(1);
      JsonNode told =
          desk.await(frame ->
              frame.path("type").asText().equals("knowledge.progress")
                  && frame.path("id").asText().equals(job.path("id").asText())
                  && frame.path("status").asText().equals("done"));
      assertThat(told.path("document_id").asText()).isEqualTo(id);
      awaitAnswer(elsewhere, "When does the " + word + " open?", "opens at noon");
    }
  }

  @Test
  void aFormAndASheetInTheEncodingOfExcelAreTaken() {
    String sheet = "问题,相似问法,答案\n" + word + "几点开门,什么时候开" + word + ",上午九点开门\n";
    ByteArrayOutputStream form = new ByteArrayOutputStream();
    String opening =
        """
        --b0undary
        Content-Disposition: form-data; name="note"

        x
        --b0undary
        Content-Disposition: form-data; name="file"; filename="常见问题.csv"
        Content-Type: text/csv

        """;
    form.writeBytes(opening.replace("\n", "\r\n").getBytes(UTF_8));
    form.writeBytes(sheet.getBytes(Charset.forName("GB18030")));
    form.writeBytes("\r\n--b0undary--\r\n".getBytes(UTF_8));
    Api.Response made =
        Api.send(
            keeper
                .request("/knowledge/documents")
                .header("Content-Type", "multipart/form-data; boundary=b0undary")
                .POST(BodyPublishers.ofByteArray(form.toByteArray()))
                .build());
    assertThat(made.status()).as(made.text()).isEqualTo(201);
    assertThat(made.body().path("origin").asText()).isEqualTo("常见问题.csv");
    JsonNode text =
        ok(keeper.get("/knowledge/documents/" + made.body().path("id").asText() + "/text"));
    assertThat(text.at("/entries/0/questions")).hasSize(2);
    assertThat(text.at("/entries/0/answer").asText()).isEqualTo("上午九点开门");
  }

  @Test
  void aPageIsFetchedFromAnAllowedHostAndFromNowhereElse() {
    String local = "http://localhost:" + site.getAddress().getPort();
    JsonNode fetched =
        ok(keeper.post("/knowledge/urls", Map.of("url", local + "/" + word, "id", id)));
    awaitJob(elsewhere, fetched, "done");
    awaitAnswer(elsewhere, "When does the " + word + " open?", "nine in the morning");
    String port = ":" + site.getAddress().getPort() + "/";
    for (String url :
        List.of(
            "http://127.0.0.1" + port,
            "http://[::1]" + port,
            "http://2130706433" + port,
            "http://[::ffff:127.0.0.1]" + port,
            "http://10.0.0.1/",
            "http://169.254.169.254/latest/meta-data/",
            "http://[fd00::1]/",
            "http://[64:ff9b::a00:1]/",
            local + "/out")) {
      JsonNode job = ok(keeper.post("/knowledge/urls", Map.of("url", url)));
      assertThat(awaitJob(keeper, job, "failed").path("failure").asText())
          .as(url)
          .contains("not of the public web");
    }
    for (String url :
        List.of("file:///etc/passwd", "http://localhost:22/", "http://u:p@localhost/", "")) {
      assertThat(keeper.post("/knowledge/urls", Map.of("url", url)).status())
          .as(url)
          .isEqualTo(400);
    }
  }

  @Test
  void aHumansReplyBecomesTheAnswerForTheNextCustomer() {
    ok(keeper.put("/desk/presence", Map.of("presence", "away")));
    String question = "Do you repair a " + word + "?";
    Api guest = Api.guest(keeper.uri("/"));
    JsonNode unanswered = ask(guest, question, "support-en");
    assertThat(unanswered.path("citations")).isEmpty();
    JsonNode gap = await().atMost(SOON).until(() -> gap(question), found -> !found.isMissingNode());
    assertThat(gap.path("asked").asLong()).isEqualTo(1);
    String path = "/knowledge/gaps/" + gap.path("id").asText();
    assertThat(keeper.post(path + "/faq", Map.of()).status()).isEqualTo(400);
    String conversation = unanswered.path("conversation_id").asText();
    ok(elsewhere.post("/desk/conversations/" + conversation + "/take", Map.of()));
    ok(
        elsewhere.post(
            "/desk/conversations/" + conversation + "/messages",
            Map.of("text", "Yes, within a week.")));
    JsonNode entry = ok(keeper.post(path + "/faq", Map.of()));
    assertThat(entry.path("kind").asText()).isEqualTo("faq");
    awaitAnswer(elsewhere, question, "Yes, within a week.");
    assertThat(gap(question).isMissingNode()).isTrue();
  }

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

  @Test
  void tenantsAndCharactersHaveTheirOwn() {
    String tenant = "t" + UUID.randomUUID().toString().substring(0, 8);
    ok(keeper.post("/admin/tenants", Map.of("id", tenant)));
    Api other =
        keeper.withToken(
            ok(keeper.post("/admin/tenants/" + tenant + "/enter", Map.of()))
                .path("access_token")
                .asText());
    ok(put("a.md", "The " + word + " opens at ten."));
    for (String path : List.of("", "/text", "/versions")) {
      assertThat(other.get("/knowledge/documents/" + id + path).status()).isEqualTo(404);
    }
    assertThat(other.delete("/knowledge/documents/" + id).status()).isEqualTo(404);
    assertThat(ok(other.get("/knowledge/documents")).path("items")).isEmpty();
    awaitAnswer(elsewhere, "When does the " + word + " open?", "opens at ten");
    ok(put("a.md", ("The " + word + " opens at ten.").getBytes(UTF_8), "&character_id=support-zh"));
    await()
        .atMost(SOON)
        .untilAsserted(() ->
            assertThat(
                    ask(
                            Api.guest(elsewhere.uri("/")),
                            "When does the " + word + " open?",
                            "support-en")
                        .path("citations")
                        .findValuesAsText("document_id"))
                .doesNotContain(id));
  }

  @Test
  void hostileFilesSayWhatIsWrongAndHarmNothing() throws IOException {
    byte[] bomb = docx(" ".repeat(60_000_000));
    JsonNode job = ok(put("bomb.docx", bomb, ""));
    assertThat(awaitJob(keeper, job, "failed").path("failure").asText()).contains("times larger");
    JsonNode broken = ok(put("a.pdf", "%PDF-1.7 nothing".getBytes(UTF_8), ""));
    assertThat(awaitJob(keeper, broken, "failed").path("failure").asText()).contains("damaged");
    JsonNode wrong = ok(put("a.xlsx", "not packed".getBytes(UTF_8), ""));
    assertThat(awaitJob(keeper, wrong, "failed").path("failure").asText())
        .contains("by its content");
    JsonNode long10k = ok(put("a.pdf", pdf(Collections.nCopies(10_000, "x")), ""));
    assertThat(awaitJob(keeper, long10k, "failed").path("failure").asText())
        .contains("10000 pages");
    assertThat(put("a.md", new byte[] {(byte) 0xC3, 0x28}, "").status()).isEqualTo(400);
    assertThat(put("a.md", new byte[0], "").status()).isEqualTo(400);
    assertThat(put("a.exe", "x").status()).isEqualTo(415);
    assertThat(put("a.md", "x".repeat(5_000_000)).status()).isEqualTo(400);
    assertThat(keeper.get("/knowledge/documents/" + id).status()).isEqualTo(404);
    RawHttp huge =
        RawHttp.exchange(
            keeper.uri("/").getPort(),
            ("PUT /knowledge/documents/x?name=a.pdf HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "
                    + keeper.token().orElseThrow()
                    + "\r\nContent-Length: 100000000\r\n\r\n%PDF")
                .getBytes(UTF_8));
    assertThat(huge.status()).isEqualTo(413);
    ok(put("a.md", "The " + word + " opens at ten."));
    awaitAnswer(elsewhere, "When does the " + word + " open?", "opens at ten");
  }

  @Test
  @Tag("D-11")
  void anImportWhoseNodeIsKilledIsGoneOnWithAfterItsRestart() {
    Api second =
        Api.anonymous(deployment.node(1).process().uri("/"))
            .withToken(keeper.token().orElseThrow());
    Api.Response taken =
        Api.send(
            second
                .request("/knowledge/documents/" + id + "?name=a.pdf")
                .PUT(
                    BodyPublishers.ofByteArray(
                        pdf(
                            IntStream.range(0, 3_000)
                                .mapToObj(i -> "The " + word + " opens at " + i)
                                .toList())))
                .build());
    assertThat(taken.status()).as(taken.text()).isEqualTo(202);
    deployment.kill(1);
    String path = "/knowledge/jobs/" + taken.body().path("id").asText();
    deployment.restart(1);
    await()
        .atMost(SOON.multipliedBy(2))
        .untilAsserted(() -> {
          JsonNode job = ok(keeper.get(path));
          assertThat(job.path("status").asText()).as(job.toString()).isIn("done", "failed");
          if (job.path("status").asText().equals("failed")) {
            assertThat(job.path("failure").asText()).contains("Hand it in again");
          } else {
            assertThat(ok(keeper.get("/knowledge/documents/" + id)).path("version").asInt())
                .isEqualTo(1);
          }
        });
    elsewhere =
        Api.anonymous(deployment.node(1).process().uri("/"))
            .withToken(keeper.token().orElseThrow());
  }
}
