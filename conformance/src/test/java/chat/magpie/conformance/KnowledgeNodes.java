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
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;

/// Two nodes without any model on PostgreSQL and Redis, and what is done with their documents.
@Tag("C-09")
@Tag("M-06")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class KnowledgeNodes {
  /// Far above what a busy machine needs.
  static final Duration SOON = Duration.ofSeconds(60);

  final Deployment deployment = Deployment.start(shape(), settings());
  final HttpServer site = site();
  private final List<SocketClient> desks = new ArrayList<>();
  Api keeper;
  Api elsewhere;
  String id = "";
  String word = "";

  static Shape shape() {
    return new Shape(Sql.POSTGRES, Relay.VOLATILE, 2);
  }

  static Map<String, String> settings() {
    Map<String, String> settings = new HashMap<>(Shared.NO_LIMITS);
    settings.put("OPENAI_API_KEY", "");
    settings.put("OPENAI_BASE_URL", "");
    settings.put("MAGPIE_REPLY_QUOTE_PACE", "1ms");
    settings.put("MAGPIE_KNOWLEDGE_OWN_DOCUMENTS", "never");
    settings.put("MAGPIE_KNOWLEDGE_URL_PRIVATE_HOSTS", "localhost");
    settings.put("MAGPIE_KNOWLEDGE_IMPORT_LEASE", "3s");
    return settings;
  }

  static HttpServer site() {
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
      made.setExecutor(task -> Thread.ofVirtual().start(task));
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

  static JsonNode ok(Api.Response response) {
    assertThat(response.status()).as(response.text()).isBetween(200, 299);
    return response.body();
  }

  Api.Response put(String name, byte[] content, String more) {
    return Api.send(
        keeper
            .request("/knowledge/documents/" + id + "?name=" + name + more)
            .header("Content-Type", "application/octet-stream")
            .PUT(BodyPublishers.ofByteArray(content))
            .build());
  }

  Api.Response put(String name, String content) {
    return put(name, content.getBytes(UTF_8), "");
  }

  static JsonNode ask(Api guest, String question, String character) {
    JsonNode sent = guest.chat(Map.of("message", question, "character_id", character));
    try (SseReader reader = guest.stream(sent.path("stream_url").asText(), null)) {
      assertThat(reader.rest().getLast().name()).isEqualTo("done");
    }
    return Records.reply(guest, sent);
  }

  void awaitAnswer(Api at, String question, String answer) {
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

  /// The documents that a customer at a node finds passages of.
  static List<String> found(Api customer, String question) {
    return ok(customer.post("/knowledge/search", Map.of("question", question, "limit", 20)))
        .path("passages")
        .findValuesAsText("document_id");
  }

  void awaitFound(Api customer, String question) {
    await().atMost(SOON).untilAsserted(() -> assertThat(found(customer, question)).contains(id));
  }

  void awaitNotFound(Api customer, String question) {
    await()
        .atMost(SOON)
        .untilAsserted(() -> assertThat(found(customer, question)).doesNotContain(id));
  }

  /// A socket of the desk, all of whose frames have to be as the schema says.
  SocketClient desk(Api who) {
    SocketClient desk =
        SocketClient.open(
            who.uri("/ws/desk"), "Authorization", "Bearer " + who.token().orElseThrow());
    desks.add(desk);
    desk.await("queue");
    return desk;
  }

  @AfterEach
  void framesAreAsTheSchemaSays() {
    if (!desks.isEmpty()) {
      FrameSchema frames =
          new FrameSchema(ok(Api.anonymous(keeper.uri("/")).get("/ws/schema.json")));
      for (SocketClient desk : desks) {
        assertThat(desk.frames()).flatMap(frames::faults).isEmpty();
        desk.close();
      }
      desks.clear();
    }
  }

  JsonNode awaitJob(Api at, JsonNode job, String status) {
    String path = "/knowledge/jobs/" + job.path("id").asText();
    await()
        .atMost(SOON)
        .untilAsserted(() -> {
          JsonNode now = ok(at.get(path));
          assertThat(now.path("status").asText()).as(now.toString()).isEqualTo(status);
        });
    return ok(at.get(path));
  }

  JsonNode gap(String question) {
    for (JsonNode gap : ok(elsewhere.get("/knowledge/gaps?limit=200")).path("items")) {
      if (gap.path("question").asText().equals(question)) {
        return gap;
      }
    }
    return Api.parse("");
  }

  /// A PDF with a line on each page, as simple as one can be.
  static byte[] pdf(List<String> lines) {
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

  static byte[] docx(String padding) throws IOException {
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
