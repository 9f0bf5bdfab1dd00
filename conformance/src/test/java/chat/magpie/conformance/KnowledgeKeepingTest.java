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
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Documents on two nodes without any model: what is brought in at the first is answered from at
/// the second.
@Tag("C-09")
@Tag("M-06")
class KnowledgeKeepingTest extends KnowledgePages {
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

  private List<JsonNode> steps(SocketClient desk, JsonNode job) {
    desk.await(frame ->
        frame.path("id").asText().equals(job.path("id").asText())
            && Set.of("done", "failed").contains(frame.path("status").asText()));
    return desk.frames("knowledge.progress").stream()
        .filter(frame -> frame.path("id").asText().equals(job.path("id").asText()))
        .toList();
  }

  private static List<String> words(List<JsonNode> steps) {
    return steps.stream()
        .map(step -> step.path("status").asText() + " " + step.path("stage").asText())
        .distinct()
        .toList();
  }

  @Test
  @Tag("C-06")
  void theDeskSeesEveryStepOfAnImportOnEveryNodeAndOtherTenantsSeeNone() {
    Api stranger = tenant();
    String url = "http://localhost:" + site.getAddress().getPort() + "/";
    try (SocketClient here = desk(keeper);
        SocketClient there = desk(elsewhere);
        SocketClient far = desk(stranger)) {
      JsonNode job = ok(keeper.post("/knowledge/urls", Map.of("url", url + word, "id", id)));
      for (SocketClient desk : List.of(here, there)) {
        List<JsonNode> steps = steps(desk, job);
        assertThat(words(steps))
            .containsExactly(
                "waiting fetching",
                "running fetching",
                "running reading",
                "running storing",
                "done storing");
        assertThat(steps.getLast().path("version").asLong()).isEqualTo(1);
        assertThat(steps)
            .allSatisfy(step -> {
              assertThat(step.path("document_id").asText()).isEqualTo(id);
              assertThat(step.path("origin").asText()).isEqualTo(url + word);
            });
      }
      JsonNode broken = ok(put("a.pdf", "%PDF-1.7 nothing".getBytes(UTF_8), ""));
      for (SocketClient desk : List.of(here, there)) {
        List<JsonNode> steps = steps(desk, broken);
        assertThat(words(steps)).startsWith("waiting reading").endsWith("failed reading");
        assertThat(steps.getLast().path("failure").asText()).contains("damaged");
        assertThat(steps.getLast().has("version")).isFalse();
      }
      JsonNode own =
          ok(stranger.post("/knowledge/urls", Map.of("url", "http://127.0.0.1:9009/", "id", id)));
      steps(far, own);
      assertThat(far.frames("knowledge.progress").toString()).doesNotContain(word);
      assertThat(here.frames("knowledge.progress").toString())
          .doesNotContain(own.path("id").asText());
    }
  }

  /// The administrator of a new tenant.
  private Api tenant() {
    String tenant = "t" + UUID.randomUUID().toString().substring(0, 8);
    ok(keeper.post("/admin/tenants", Map.of("id", tenant)));
    return keeper.withToken(
        ok(keeper.post("/admin/tenants/" + tenant + "/enter", Map.of()))
            .path("access_token")
            .asText());
  }

  @Test
  void theSameQuestionInOtherLettersIsOneGapWithItsCountAndOfItsTenantAlone() {
    ok(keeper.put("/desk/presence", Map.of("presence", "away")));
    String question = "Can you polish the " + word + "?";
    List<String> ways =
        List.of(
            question,
            " can YOU polish,  the " + word.toUpperCase(Locale.ROOT) + " !!",
            "Ｃａｎ you polish the " + word);
    for (String way : ways) {
      JsonNode reply = ask(Api.guest(keeper.uri("/")), way, "support-en");
      assertThat(reply.path("citations")).isEmpty();
    }
    ask(Api.guest(keeper.uri("/")), "Who sold the " + word + "?", "support-en");
    await()
        .atMost(SOON)
        .untilAsserted(() -> {
          List<JsonNode> gaps = gaps(elsewhere);
          assertThat(gaps)
              .extracting(gap -> gap.path("asked").asLong())
              .containsExactlyInAnyOrder(3L, 1L);
        });
    JsonNode gap =
        gaps(keeper).stream()
            .filter(one -> one.path("asked").asLong() == 3)
            .findFirst()
            .orElseThrow();
    assertThat(gap.path("question").asText()).isEqualTo(question);
    assertThat(gap.path("examples")).hasSize(3);

    Api stranger = tenant();
    String path = "/knowledge/gaps/" + gap.path("id").asText();
    assertThat(gaps(stranger)).isEmpty();
    assertThat(stranger.post(path + "/faq", Map.of("answer", "No.")).status()).isEqualTo(404);
    assertThat(stranger.delete(path).status()).isEqualTo(404);
    String login = "agent" + word;
    ok(
        keeper.post(
            "/admin/users",
            Map.of("login", login, "password", "correct horse battery", "role", "agent")));
    Api agent =
        keeper.withToken(
            ok(keeper.post(
                    "/auth/login", Map.of("login", login, "password", "correct horse battery")))
                .path("access_token")
                .asText());
    assertThat(agent.get("/knowledge/gaps").status()).isEqualTo(403);
    assertThat(agent.post(path + "/faq", Map.of("answer", "No.")).status()).isEqualTo(403);

    ok(keeper.post(path + "/faq", Map.of("answer", "We polish any, within a week.")));
    for (String way : ways) {
      awaitAnswer(elsewhere, way, "within a week");
    }
    assertThat(gaps(keeper)).hasSize(1);
    JsonNode other = gaps(keeper).getFirst();
    ok(keeper.delete("/knowledge/gaps/" + other.path("id").asText()));
    assertThat(gaps(elsewhere)).isEmpty();
  }

  /// Those that have to do with this test.
  private List<JsonNode> gaps(Api at) {
    List<JsonNode> own = new ArrayList<>();
    for (JsonNode gap : ok(at.get("/knowledge/gaps?limit=200")).path("items")) {
      if (gap.path("question").asText().toLowerCase(Locale.ROOT).contains(word)) {
        own.add(gap);
      }
    }
    return own;
  }

  @Test
  @Tag("B-14")
  void theExamplesOfTheDescriptionAreTaken() {
    JsonNode api = ok(keeper.get("/openapi?format=json"));
    Map<String, String> known =
        Map.of(
            "/knowledge/faq/{id}", "/knowledge/faq/" + id,
            "/knowledge/documents/{id}", "/knowledge/documents/made" + id,
            "/knowledge/gaps/{id}/faq", "/knowledge/gaps/" + UUID.randomUUID() + "/faq");
    ok(
        Api.send(
            keeper
                .request("/knowledge/documents/made" + id + "?name=a.md")
                .PUT(BodyPublishers.ofString("The " + word + " opens at ten."))
                .build()));
    List<String> sent = new ArrayList<>();
    api.path("paths")
        .properties()
        .forEach(path ->
            path.getValue()
                .properties()
                .forEach(operation -> {
                  JsonNode body =
                      operation.getValue().at("/requestBody/content/application~1json/schema");
                  if (!path.getKey().startsWith("/knowledge") || body.isMissingNode()) {
                    return;
                  }
                  String name = body.path("$ref").asText().replaceFirst(".*/", "");
                  JsonNode example = api.at("/components/schemas/" + name + "/examples/0");
                  assertThat(example.isObject()).as(path.getKey() + " " + name).isTrue();
                  sent.add(operation.getKey() + " " + path.getKey());
                  if (path.getKey().equals("/knowledge/urls")) {
                    return; // not ours to fetch
                  }
                  Api.Response answer =
                      keeper.send(
                          operation.getKey().toUpperCase(Locale.ROOT),
                          known.getOrDefault(path.getKey(), path.getKey()),
                          example.toString().getBytes(UTF_8));
                  assertThat(answer.status())
                      .as(path.getKey() + answer.text())
                      .isIn(path.getKey().contains("gaps") ? List.of(404) : List.of(200, 201, 202));
                }));
    assertThat(sent)
        .contains(
            "post /knowledge/faq",
            "put /knowledge/faq/{id}",
            "post /knowledge/urls",
            "patch /knowledge/documents/{id}",
            "post /knowledge/gaps/{id}/faq",
            "post /knowledge/search");
    for (String made : List.of("faq/shipping", "faq/" + id, "documents/made" + id)) {
      ok(keeper.delete("/knowledge/" + made));
    }
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

  @Test
  void tenantsAndCharactersHaveTheirOwn() {
    Api other = tenant();
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
