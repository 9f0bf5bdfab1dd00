package chat.magpie.conformance;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.magpie.conformance.client.Api;
import chat.magpie.conformance.client.SocketClient;
import chat.magpie.conformance.client.SseReader;
import chat.magpie.conformance.faults.Deployment;
import chat.magpie.conformance.faults.Deployment.Relay;
import chat.magpie.conformance.faults.Deployment.Shape;
import chat.magpie.conformance.faults.Deployment.Sql;
import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// Documents on two nodes without any model: what is brought in at the first is answered from at
/// the second.
@Tag("C-09")
@Tag("M-06")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class KnowledgeKeepingTest {
  /// Far above what a busy machine needs.
  private static final Duration SOON = Duration.ofSeconds(60);

  private final Deployment deployment = Deployment.start(shape(), settings());
  private final HttpServer site = site();
  private Api keeper;
  private Api elsewhere;
  private String id = "";
  private String word = "";

  private static Shape shape() {
    return new Shape(Sql.POSTGRES, Relay.VOLATILE, 2);
  }

  private static Map<String, String> settings() {
    Map<String, String> settings = new HashMap<>(Shared.NO_LIMITS);
    settings.put("OPENAI_API_KEY", "");
    settings.put("OPENAI_BASE_URL", "");
    settings.put("MAGPIE_REPLY_QUOTE_PACE", "1ms");
    settings.put("MAGPIE_KNOWLEDGE_OWN_DOCUMENTS", "false");
    settings.put("MAGPIE_KNOWLEDGE_URL_PRIVATE_HOSTS", "localhost");
    settings.put("MAGPIE_KNOWLEDGE_IMPORT_LEASE", "3s");
    return settings;
  }

  private static HttpServer site() {
    try {
      HttpServer made =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      made.createContext(
          "/",
          exchange -> {
            String path = exchange.getRequestURI().getPath();
            byte[] body =
                ("<html><head><title>Help</title></head><body><nav>Home</nav><main><h1>Help</h1><p>The "
                        + path.substring(1)
                        + " opens at nine in the morning.</p></main></body></html>")
                    .getBytes(UTF_8);
            exchange.getResponseHeaders().add("Content-Type", "text/html; charset=utf-8");
            if (path.equals("/out")) {
              exchange.getResponseHeaders().add("Location", "http://127.0.0.1:8080/");
              exchange.sendResponseHeaders(302, -1);
            } else {
              exchange.sendResponseHeaders(200, body.length);
              exchange.getResponseBody().write(body);
            }
            exchange.close();
          });
      made.start();
      return made;
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @BeforeAll
  void administrator() {
    String token = Administrator.of(deployment).token().orElseThrow();
    keeper = Api.anonymous(deployment.node(0).process().uri("/")).withToken(token);
    elsewhere = Api.anonymous(deployment.node(1).process().uri("/")).withToken(token);
  }

  @AfterAll
  void end() {
    site.stop(0);
    deployment.close();
  }

  @BeforeEach
  void names() {
    id = "d" + UUID.randomUUID();
    word = "zq" + UUID.randomUUID().toString().replaceAll("[^a-f]", "") + "xylo";
  }

  private static JsonNode ok(Api.Response response) {
    assertThat(response.status()).as(response.text()).isBetween(200, 299);
    return response.body();
  }

  private Api.Response put(String name, byte[] content, String more) {
    return Api.send(
        keeper
            .request("/knowledge/documents/" + id + "?name=" + name + more)
            .header("Content-Type", "application/octet-stream")
            .PUT(BodyPublishers.ofByteArray(content))
            .build());
  }

  private Api.Response put(String name, String content) {
    return put(name, content.getBytes(UTF_8), "");
  }

  private static JsonNode ask(Api guest, String question, String character) {
    JsonNode sent = guest.chat(Map.of("message", question, "character_id", character));
    try (SseReader reader = guest.stream(sent.path("stream_url").asText(), null)) {
      assertThat(reader.rest().getLast().name()).isEqualTo("done");
    }
    return Records.reply(guest, sent);
  }

  private void awaitAnswer(Api at, String question, String answer) {
    await()
        .atMost(SOON)
        .untilAsserted(() -> {
          Api guest = Api.guest(at.uri("/"));
          JsonNode reply = ask(guest, question, "support-en");
          assertThat(reply.at("/message/content").asText()).contains(answer);
          JsonNode citation = reply.path("citations").path(0);
          assertThat(citation.path("document_id").asText()).isNotEmpty();
          assertThat(citation.path("snippet").asText()).contains(answer);
          JsonNode cited =
              ok(
                  keeper.get(
                      "/knowledge/documents/"
                          + citation.path("document_id").asText()
                          + "/text?version="
                          + citation.path("version").asText()));
          assertThat(cited.path("text").asText()).contains(answer);
          assertThat(
                  guest
                      .get("/knowledge/documents/" + citation.path("document_id").asText())
                      .status())
              .isEqualTo(403);
        });
  }

  private JsonNode awaitJob(Api at, JsonNode job, String status) {
    String path = "/knowledge/jobs/" + job.path("id").asText();
    await()
        .atMost(SOON)
        .untilAsserted(() -> {
          JsonNode now = ok(at.get(path));
          assertThat(now.path("status").asText()).as(now.toString()).isEqualTo(status);
        });
    return ok(at.get(path));
  }

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
    try (SocketClient desk =
        SocketClient.open(
            elsewhere.uri("/ws/desk"),
            "Authorization",
            "Bearer " + elsewhere.token().orElseThrow())) {
      desk.await("queue");
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

  private JsonNode gap(String question) {
    for (JsonNode gap : ok(elsewhere.get("/knowledge/gaps?limit=200")).path("items")) {
      if (gap.path("question").asText().equals(question)) {
        return gap;
      }
    }
    return Api.parse("");
  }

  @Test
  @Tag("M-10")
  void aFolderOfHelpPagesAnswersCustomersAndHandsTheRestOver() throws IOException {
    ok(keeper.put("/desk/presence", Map.of("presence", "away")));
    Path folder = deployment.node(0).process().folder().resolve("data/knowledge");
    Files.writeString(folder.resolve("退换货.md"), "# 退换货\n\n## 退货期限\n\n签收后十四天内可以无理由退货，运费由商店承担。\n");
    Files.writeString(
        folder.resolve("warranty.html"),
        "<html><head><title>Warranty</title></head><body><nav>Home</nav><main><h1>Warranty</h1><h2>"
            + "Kettles</h2><p>Kettles carry a warranty of three years.</p></main></body></html>");
    Files.writeString(
        folder.resolve("faq.csv"),
        """
        question,phrasings,answer
        Can I get an invoice?,Do you issue invoices|Where is my receipt,"Yes, by e-mail after delivery."
        """);
    for (String[] one :
        new String[][] {
          {"签收后多少天内可以无理由退货？", "support-zh", "十四天", "退换货.md"},
          {"How long is the warranty of kettles?", "support-en", "three years", "warranty.html"},
          {"Where is my receipt?", "support-en", "by e-mail", "faq.csv"}
        }) {
      await()
          .atMost(SOON)
          .untilAsserted(() -> {
            JsonNode reply = ask(Api.guest(keeper.uri("/")), one[0], one[1]);
            assertThat(reply.at("/message/content").asText()).contains(one[2]);
            assertThat(reply.path("citations").findValuesAsText("document_id")).contains(one[3]);
          });
    }
    Api guest = Api.guest(keeper.uri("/"));
    JsonNode unknown = ask(guest, "Flibbertigibbet " + word + " quokka?", "support-en");
    assertThat(unknown.path("citations")).isEmpty();
    JsonNode handover =
        guest
            .get("/conversations/" + unknown.path("conversation_id").asText() + "/handover")
            .body();
    assertThat(handover.path("mode").asText()).isEqualTo("waiting");
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
  void manyAtOnceMakeVersionsWithoutGaps() throws Exception {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Api.Response>> sent =
          IntStream.range(0, 8)
              .mapToObj(i -> threads.submit(() -> put("a.md", "text " + i % 4)))
              .toList();
      for (Future<Api.Response> one : sent) {
        assertThat(one.get().status()).as(one.get().text()).isIn(200, 201);
      }
    }
    JsonNode versions = ok(keeper.get("/knowledge/documents/" + id + "/versions")).path("items");
    for (int i = 0; i < versions.size(); i++) {
      assertThat(versions.get(i).path("version").asInt()).isEqualTo(versions.size() - i);
    }
    assertThat(versions.size()).isBetween(4, 8);
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

  /// A PDF with a line on each page, as simple as one can be.
  private static byte[] pdf(List<String> lines) {
    StringBuilder text =
        new StringBuilder("%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n");
    StringBuilder kids = new StringBuilder();
    for (int i = 0; i < lines.size(); i++) {
      String content = "BT /F1 12 Tf 50 700 Td (" + lines.get(i) + ") Tj ET";
      int page = 4 + 2 * i;
      kids.append(page).append(" 0 R ");
      text.append(page)
          .append(" 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents ")
          .append(page + 1)
          .append(" 0 R/Resources<</Font<</F1 3 0 R>>>>>>endobj\n")
          .append(page + 1)
          .append(" 0 obj<</Length ")
          .append(content.length())
          .append(">>stream\n")
          .append(content)
          .append("\nendstream endobj\n");
    }
    text.append(
            "3 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj\n2 0 obj<</Type/Pages/Kids[")
        .append(kids)
        .append("]/Count ")
        .append(lines.size())
        .append(">>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n");
    return text.toString().getBytes(UTF_8);
  }

  private static byte[] docx(String padding) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(out)) {
      zip.putNextEntry(new ZipEntry("word/document.xml"));
      zip.write(
          ("<w:document xmlns:w='w'><w:p><w:r><w:t>x</w:t></w:r></w:p>" + padding + "</w:document>")
              .getBytes(UTF_8));
    }
    return out.toByteArray();
  }
}
