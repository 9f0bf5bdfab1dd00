package chat.magpie.conformance;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16;
import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.magpie.conformance.client.Api;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URLEncoder;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// What is handed in broken, false, too large or strange is refused with a reason, or taken for
/// what it is, and nothing of it stays.
@Tag("C-09")
abstract class KnowledgeUploads extends KnowledgeNodes {
  private static final Charset GBK = Charset.forName("GB18030");

  /// Whatever a refused upload leaves would lie here.
  private List<Path> leftOver() {
    Path uploads = deployment.node(0).process().folder().resolve("data/uploads");
    if (!Files.isDirectory(uploads)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(uploads)) {
      return files.filter(Files::isRegularFile).toList();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private byte[] head(String target, String... headers) {
    return ("PUT "
            + target
            + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "
            + keeper.token().orElseThrow()
            + "\r\n"
            + String.join("\r\n", headers)
            + "\r\n\r\n")
        .getBytes(UTF_8);
  }

  private String path(String name) {
    return "/knowledge/documents/" + id + "?name=" + name;
  }

  private static byte[] filled(String beginning, int length) {
    byte[] all = new byte[length];
    Arrays.fill(all, (byte) ' ');
    byte[] first = beginning.getBytes(UTF_8);
    System.arraycopy(first, 0, all, 0, first.length);
    return all;
  }

  private void assertNothingOfItIsThere() {
    assertThat(keeper.get("/knowledge/documents/" + id).status()).isEqualTo(404);
    await().atMost(SOON).untilAsserted(() -> assertThat(leftOver()).isEmpty());
  }

  @Test
  void anUploadThatIsCutLeavesNothing() throws IOException {
    byte[] half = filled("# Half\n\n" + word, 200_000);
    String form =
        "--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a.md\"\r\n\r\n# Half ";
    Map<String, byte[][]> requests = new LinkedHashMap<>();
    requests.put("text", new byte[][] {head(path("a.md"), "Content-Length: 1000000"), half});
    requests.put(
        "for another process", new byte[][] {head(path("a.docx"), "Content-Length: 900000"), half});
    requests.put(
        "chunks",
        new byte[][] {
          head(path("a.md"), "Transfer-Encoding: chunked"), "f4240\r\n".getBytes(UTF_8), half
        });
    requests.put(
        "a form",
        new byte[][] {
          head(
              "/knowledge/documents/" + id,
              "Content-Type: multipart/form-data; boundary=b",
              "Content-Length: 1000000"),
          form.getBytes(UTF_8),
          half
        });
    for (Map.Entry<String, byte[][]> request : requests.entrySet()) {
      try (Socket socket =
          new Socket(InetAddress.getLoopbackAddress(), keeper.uri("/").getPort())) {
        OutputStream out = socket.getOutputStream();
        for (byte[] part : request.getValue()) {
          out.write(part);
        }
        out.flush();
        await(request.getKey()).atMost(SOON).until(() -> !leftOver().isEmpty());
      }
      assertNothingOfItIsThere();
    }
    assertThat(ok(keeper.get("/knowledge/jobs")).path("items").findValuesAsText("document_id"))
        .doesNotContain(id);
  }

  @Test
  void aLengthThatIsNoneIsRefusedAndAWrongOneCutsTheText() throws IOException {
    int port = keeper.uri("/").getPort();
    byte[] body = ("# Ab " + word).getBytes(UTF_8);
    for (String[] headers :
        new String[][] {
          {"Content-Length: -5"},
          {"Content-Length: ten"},
          {"Content-Length: 5", "Content-Length: 6"},
          {"Content-Length: 5", "Transfer-Encoding: chunked"},
          {"Content-Length: 99999999999999999999"}
        }) {
      RawHttp answer = RawHttp.exchange(port, head(path("a.md"), headers), body);
      assertThat(answer.status()).as(List.of(headers) + answer.head()).isIn(0, 400, 413);
      assertNothingOfItIsThere();
    }
    RawHttp first =
        RawHttp.exchange(port, head(path("a.md"), "Content-Length: 4", "Connection: close"), body);
    assertThat(first.status()).as(first.body()).isEqualTo(201);
    assertThat(ok(keeper.get("/knowledge/documents/" + id + "/text")).path("text").asText())
        .isEqualTo("# Ab");
  }

  @Test
  void aHundredMegabytesWithoutALengthAreRefusedOnTheWay() throws IOException {
    byte[][] parts = new byte[202][];
    parts[0] = head(path("a.pdf"), "Transfer-Encoding: chunked", "Connection: close");
    for (int i = 1; i <= 200; i += 2) {
      parts[i] = "f4240\r\n".getBytes(UTF_8);
      parts[i + 1] = filled("%PDF-1.7", 1_000_002);
      parts[i + 1][1_000_000] = '\r';
      parts[i + 1][1_000_001] = '\n';
    }
    parts[201] = "0\r\n\r\n".getBytes(UTF_8);
    RawHttp answer = RawHttp.exchange(keeper.uri("/").getPort(), parts);
    assertThat(answer.status()).as(answer.head()).isIn(0, 413);
    assertNothingOfItIsThere();
    assertThat(put("a.md", "The " + word + " opens at ten.").status()).isEqualTo(201);
  }

  private Api.Response typed(String query, String type, String content) {
    return Api.send(
        keeper
            .request("/knowledge/documents/" + id + query)
            .header("Content-Type", type)
            .PUT(BodyPublishers.ofString(content))
            .build());
  }

  @Test
  void whatAFileIsItsNameSaysOrElseItsType() {
    assertThat(typed("", "application/x-msdownload", "MZ").status()).isEqualTo(415);
    assertThat(typed("?name=noextension", "image/png", "x").status()).isEqualTo(415);
    assertThat(typed("", "multipart/form-data", "x").status()).isEqualTo(400);
    assertThat(typed("", "multipart/form-data; boundary=b", "no form").status()).isEqualTo(400);
    assertThat(typed("", "multipart/mixed; boundary=b", "--b--").status()).isEqualTo(415);
    Api.Response pdf = typed("?name=a.md", "text/markdown", "%PDF-1.7 it is one");
    assertThat(pdf.status()).isEqualTo(400);
    assertThat(pdf.text()).contains("by its content it is not");
    assertNothingOfItIsThere();
    assertThat(typed("", "TEXT/Markdown ; charset=utf-8", "# A\n\n" + word).status())
        .isEqualTo(201);
    assertThat(typed("?name=a.md", "application/pdf", "# B\n\n" + word).status()).isEqualTo(200);
  }

  @Test
  void namesAndIdsAreTakenAsWordsAndLeadNowhere() throws IOException {
    for (String name :
        List.of(
            "../../../tmp/" + word + ".md",
            "..\\..\\" + word + ".md",
            "/etc/" + word + ".md",
            "C:\\" + word + ".md",
            word + " 退货 🏕️ .md",
            "<script>alert(1)</script>" + word + ".md",
            "a\u202E" + word + ".md")) {
      Api.Response taken = put(URLEncoder.encode(name, UTF_8), "Text of " + name);
      assertThat(taken.status()).as(name + taken.text()).isBetween(200, 201);
      assertThat(taken.body().path("origin").asText()).isEqualTo(name);
    }
    try (Stream<Path> files = Files.walk(deployment.node(0).process().folder())) {
      assertThat(files.filter(file -> file.toString().contains(word))).isEmpty();
    }
    ok(keeper.delete("/knowledge/documents/" + id));
    for (String name : List.of("a\u0000.md", "x".repeat(10_000) + ".md")) {
      Api.Response refused = put(URLEncoder.encode(name, UTF_8), "text");
      assertThat(refused.status()).as(refused.text()).isIn(400, 414, 415, 431);
    }
    for (String broken : List.of("%FF%FE.md", "%ED%A0%80.md")) {
      assertThat(put(broken, "text").status()).as(broken).isIn(200, 201, 400);
    }
    keeper.delete("/knowledge/documents/" + id);
    for (String other :
        List.of("..%2Fx", "%00", "a.b", "a:b", "%F0%9F%98%80", "x".repeat(65), "%FF")) {
      id = other;
      assertThat(put("a.md", "text").status()).as(other).isIn(400, 404);
      assertThat(keeper.get("/knowledge/documents/" + other).status()).as(other).isIn(400, 404);
      assertThat(keeper.delete("/knowledge/documents/" + other).status()).as(other).isIn(400, 404);
    }
  }

  @Test
  void manyAtOnceOnBothNodesMakeVersionsWithoutGaps() throws Exception {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Api.Response>> sent =
          IntStream.range(0, 8)
              .mapToObj(i ->
                  threads.submit(() ->
                      Api.send(
                          (i % 2 == 0 ? keeper : elsewhere)
                              .request(path("a.md"))
                              .PUT(BodyPublishers.ofString("text " + i % 4))
                              .build())))
              .toList();
      int created = 0;
      for (Future<Api.Response> one : sent) {
        assertThat(one.get().status()).as(one.get().text()).isIn(200, 201);
        created += one.get().status() == 201 ? 1 : 0;
      }
      assertThat(created).isEqualTo(1);
    }
    JsonNode versions = ok(keeper.get("/knowledge/documents/" + id + "/versions")).path("items");
    for (int i = 0; i < versions.size(); i++) {
      assertThat(versions.get(i).path("version").asInt()).isEqualTo(versions.size() - i);
    }
    assertThat(versions.size()).isBetween(4, 8);
  }

  @Test
  @Tag("M-10")
  void anyEncodingIsReadRightOrRefusedNeverGuessedWrong() {
    String chinese = "# 营业时间\n\n我们的商店每天上午九点开门，晚上八点关门。" + word + "。\n";
    byte[] bom = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};
    Map<String, byte[]> good = new LinkedHashMap<>();
    good.put("UTF-8", chinese.getBytes(UTF_8));
    good.put("UTF-8 with a mark", joined(bom, chinese.getBytes(UTF_8)));
    good.put("UTF-16 with a mark", chinese.getBytes(UTF_16));
    good.put("UTF-16LE with a mark", joined(new byte[] {-1, -2}, chinese.getBytes(UTF_16LE)));
    good.put("GB18030", chinese.getBytes(GBK));
    good.put("line ends of Windows", chinese.replace("\n", "\r\n").getBytes(UTF_8));
    for (String name : List.of("a.md", "a.txt")) {
      good.forEach((encoding, bytes) -> {
        Api.Response taken = put(name, bytes, "");
        assertThat(taken.status()).as(encoding + taken.text()).isBetween(200, 201);
        assertThat(ok(keeper.get("/knowledge/documents/" + id + "/text")).path("text").asText())
            .as(encoding)
            .isEqualToIgnoringWhitespace(chinese);
      });
    }
    ok(keeper.delete("/knowledge/documents/" + id));
    Map<String, byte[]> bad = new LinkedHashMap<>();
    bad.put("Latin-1", "Café crème brûlée à la carte".getBytes(ISO_8859_1));
    bad.put("UTF-16 without a mark", "opening hours".getBytes(UTF_16BE));
    bad.put("UTF-16 that breaks off", Arrays.copyOf("ab".getBytes(UTF_16), 5));
    bad.put("half a character", Arrays.copyOf("九".getBytes(UTF_8), 2));
    bad.put("GB18030 that breaks off", Arrays.copyOf("上午九点开门".getBytes(GBK), 11));
    bad.put("a surrogate in UTF-8", new byte[] {(byte) 0xED, (byte) 0xA0, (byte) 0x80});
    bad.put("a second form of /", new byte[] {(byte) 0xC0, (byte) 0xAF});
    bad.put("NUL", "a\u0000b".getBytes(UTF_8));
    bad.put("GB18030 behind a mark of UTF-8", joined(bom, chinese.getBytes(GBK)));
    bad.forEach((encoding, bytes) -> {
      Api.Response refused = put("a.md", bytes, "");
      assertThat(refused.status()).as(encoding).isEqualTo(400);
      assertThat(refused.text()).as(encoding).contains("Its text cannot be read");
      assertNothingOfItIsThere();
    });
  }

  private static byte[] joined(byte[] first, byte[] second) {
    byte[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }

  @Test
  void aSheetOfAHundredThousandRowsIsTakenWhereItsTextIsNotTooLong() {
    StringBuilder sheet = new StringBuilder("question,answer\n");
    for (int i = 0; i < 100_000; i++) {
      sheet.append("What costs ").append(word).append(i).append("?,").append(i).append(" euro\n");
    }
    Api.Response large = put("large.csv", sheet.toString());
    assertThat(large.status()).as(large.text()).isEqualTo(400);
    assertThat(large.text()).contains("characters of text");
    assertNothingOfItIsThere();

    StringBuilder brief = new StringBuilder("q,a\n");
    for (int i = 0; i < 100_000; i++) {
      brief.append("n").append(i).append(",").append(i).append('\n');
    }
    brief.append(word).append(",9 euro\n");
    ok(put("brief.csv", brief.toString()));
    awaitFound(Api.guest(elsewhere.uri("/")), word);
    ok(keeper.delete("/knowledge/documents/" + id));
    awaitNotFound(Api.guest(elsewhere.uri("/")), word);
    ok(put("small.csv", "question,answer\nWhat costs the " + word + "?,9 euro\n"));
    awaitAnswer(elsewhere, "What costs the " + word + "?", "9 euro");
  }

  @Test
  void raggedRowsLoseNothingButWhatIsNoQuestionOrAnswer() {
    String sheet =
        """
        Frequently asked,,,,
        id,question,phrasings,answer,note
        1,When does the %1$s open?
        2,What costs the %1$s?,,9 euro
        3,,Is the %1$s blue?|Which colour has the %1$s?,It is green.,x,y,z,,,,
        4,,,An answer to nothing
        5,"Does the %1$s ""fly""?
        Can it?",,"Yes,
        high.",
        6,"The rest is one cell,,An answer that nobody closes
        """
            .formatted(word);
    ok(put("ragged.csv", sheet));
    JsonNode entries = ok(keeper.get("/knowledge/documents/" + id + "/text")).path("entries");
    assertThat(entries.findValuesAsText("answer"))
        .containsExactly("9 euro", "It is green.", "Yes,\nhigh.");
    assertThat(entries.get(1).path("questions")).hasSize(2);
    awaitAnswer(elsewhere, "Which colour has the " + word + "?", "It is green.");
    for (String empty : List.of("question,answer\n", ",,,\n,,\n", "\"", "\n\n\n")) {
      Api.Response refused = put("empty.csv", empty);
      assertThat(refused.status()).as(empty).isEqualTo(400);
    }
  }
}
