package chat.magpie.knowledge.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import chat.magpie.knowledge.Faq;
import chat.magpie.knowledge.OwnDocumentation;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

@Tag("C-09")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ExtractionTest {
  @TempDir static Path folder;
  private Extraction extraction;

  @BeforeAll
  void start() {
    extraction =
        new Extraction(
            new TestKnowledgeConfig(1_000_000, OwnDocumentation.NEVER), folder.resolve("scratch"));
  }

  @AfterAll
  void stop() {
    extraction.close();
  }

  private Extracted read(String name, byte[] content) throws Unreadable, IOException {
    Path file = Files.createTempFile(folder, "paper", "-" + name);
    Files.write(file, content);
    return extraction.of(file, Format.named(name).orElseThrow(), (done, total) -> 0);
  }

  private void refused(String name, byte[] content, String... reasons) {
    assertThatThrownBy(() -> read(name, content))
        .isInstanceOf(Unreadable.class)
        .message()
        .containsIgnoringCase(reasons[0]);
  }

  @Test
  void aPageOfTheWebIsItsMainTextWithHeadings() throws Exception {
    String page =
        """
        <!DOCTYPE html><html><head><title>退换货 - 商店</title><style>p{}</style></head><body>
        <nav><a href=/>首页</a></nav><header>顶部横幅</header>
        <main><h1>退换货政策</h1><script>alert(1)</script><p>签收后 <b>7 天</b>内可以退货，<br>请保留包装。</p>
        <h2>Refunds</h2><ul><li>Within three days</li><li># not a heading</li></ul>
        <table><tr><th>Item</th><th>Fee</th></tr><tr><td>Shoes</td><td>10 yuan</td></tr></table>
        <p hidden>secret</p></main><footer>© 2026</footer></body></html>\
        """;
    Extracted read = read("page.html", Papers.utf8(page));
    assertThat(read.heading()).isEqualTo("退换货 - 商店");
    assertThat(read.text())
        .contains("# 退换货政策", "签收后 7 天内可以退货，\n请保留包装。", "## Refunds", "- Within three days")
        .contains("- \\# not a heading", "Shoes | 10 yuan")
        .doesNotContain("alert", "首页", "横幅", "©", "secret");
  }

  @Test
  void aPageInAnotherEncodingIsReadAsItDeclares() throws Exception {
    String page = "<html><head><meta charset='gb18030'></head><body><p>满三百元包邮</p></body></html>";
    assertThat(read("page.htm", page.getBytes(Charset.forName("GB18030"))).text())
        .isEqualTo("满三百元包邮");
  }

  @Test
  void aPdfIsReadPageByPage() throws Exception {
    AtomicLong total = new AtomicLong();
    Path file = folder.resolve("manual.pdf");
    Files.write(file, Papers.pdf(List.of("Press the red button.", "", "Hold it for ten seconds.")));
    Extracted read =
        extraction.of(file, Format.PDF, (done, all) -> total.accumulateAndGet(all, Math::max));
    assertThat(read.text())
        .isEqualTo("## p. 1\n\nPress the red button.\n\n## p. 3\n\nHold it for ten seconds.\n");
    assertThat(total).hasValue(3);
  }

  @Test
  void aWordDocumentHasHeadingsListsAndTables() throws Exception {
    String body =
        Papers.paragraph("1", "保修说明")
            + Papers.paragraph("", "整机保修两年。")
            + Papers.paragraph("2", "Battery")
            + "<w:p><w:pPr><w:numPr/></w:pPr><w:r><w:t>one </w:t></w:r><w:r><w:t>year</w:t></w:r></w:p>"
            + "<w:del><w:p><w:r><w:delText>gone</w:delText></w:r></w:p></w:del>"
            + "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>Part</w:t></w:r></w:p></w:tc>"
            + "<w:tc><w:p><w:r><w:t>Price</w:t></w:r></w:p></w:tc></w:tr></w:tbl>";
    Extracted read = read("guide.docx", Papers.docx(body));
    assertThat(read.heading()).isEqualTo("保修说明");
    assertThat(read.text())
        .contains("# 保修说明\n", "整机保修两年。", "## Battery\n", "- one year", "Part | Price")
        .doesNotContain("gone");
  }

  @Test
  void sheetsOfQuestionsAreRecognisedInBothLanguages() throws Exception {
    List<Faq> expected = List.of(new Faq(List.of("多久发货", "什么时候发货", "几天寄出"), "当天发出"));
    String csv = "客服问答\n分类,问题,相似问法,答案\n物流,多久发货,\"什么时候发货\n几天寄出\",当天发出\n,,,\n物流,无答案,,\n";
    assertThat(read("faq.csv", Papers.utf8(csv)).entries()).isEqualTo(expected);
    assertThat(read("faq.csv", csv.getBytes(Charset.forName("GB18030"))).entries())
        .isEqualTo(expected);
    assertThat(
            read(
                    "faq.tsv",
                    Papers.utf8("\uFEFFQuestion\tPhrasings\tAnswer\nWhen?\tHow soon|by when\tNow"))
                .entries())
        .containsExactly(new Faq(List.of("When?", "How soon", "by when"), "Now"));
    assertThat(
            read(
                    "faq.xlsx",
                    Papers.xlsx(
                        List.of("问题", "答案", "能开发票吗", "可以"), List.of(List.of(0, 1), List.of(2, 3))))
                .entries())
        .containsExactly(new Faq(List.of("能开发票吗"), "可以"));
  }

  @Test
  void aTableWithoutQuestionsIsAParagraphARow() throws Exception {
    Extracted read = read("fees.csv", Papers.utf8("Country;Fee\nNorway;12\n"));
    assertThat(read.entries()).isEmpty();
    assertThat(read.text()).isEqualTo("Country; Fee\n\nCountry: Norway; Fee: 12");
  }

  @Test
  void textIsReadInTheEncodingsThatLeaveNoDoubt() throws Exception {
    String text = "# 退货\n\n七天之内可以无理由退货。";
    assertThat(read("a.md", text.getBytes(Charset.forName("GB18030"))).text()).isEqualTo(text);
    assertThat(read("a.md", ("\uFEFF" + text).getBytes(StandardCharsets.UTF_16LE)).text())
        .isEqualTo(text);
    refused("b.txt", "Crème brûlée à volonté".getBytes(StandardCharsets.ISO_8859_1), "UTF-8");
    refused("b.txt", "中文の説明".getBytes(Charset.forName("Shift_JIS")), "UTF-8");
    byte[] cut = Papers.utf8(text);
    refused("c.md", Arrays.copyOf(cut, cut.length - 1), "UTF-8");
  }

  @Test
  void whatIsNotWhatItSaysIsRefused() throws Exception {
    refused("a.pdf", Papers.utf8("# Markdown"), "by its content it is not");
    refused("a.md", Papers.pdf(List.of("x")), "by its content it is not");
    refused("a.docx", Papers.xlsx(List.of(), List.of()), "not a Word document");
    refused("a.xlsx", Papers.docx(""), "not an Excel workbook");
    refused("a.docx", new byte[] {(byte) 0xD0, (byte) 0xCF, 0x11, (byte) 0xE0, 1}, "old Office");
    refused("a.txt", new byte[0], "no text");
    refused("a.html", Papers.utf8("<html><body><script>x()</script></body></html>"), "no text");
    refused("a.docx", Papers.docx(""), "no text");
    refused("a.pdf", Papers.pdf(List.of("")), "no text");
    refused("a.csv", Papers.utf8(" ,\n,"), "no text");
  }

  @Test
  void brokenFilesSayWhatIsWrong() throws Exception {
    byte[] pdf = Papers.pdf(List.of("Press the red button."));
    byte[] docx = Papers.docx(Papers.paragraph("", "x"));
    refused("a.docx", Arrays.copyOf(docx, docx.length / 2), "damaged");
    refused(
        "a.docx", Papers.zip(Map.of("word/document.xml", Papers.utf8("<w:p><w:t>"))), "damaged");
    byte[] noise = new byte[20_000];
    new Random(7).nextBytes(noise);
    System.arraycopy(Papers.utf8("%PDF-1.7\n"), 0, noise, 0, 9);
    refused("a.pdf", noise, "");
    assertThat(read("b.pdf", pdf).text()).contains("red button");
  }

  @Test
  void bombsAreGivenUp() throws Exception {
    refused("a.docx", Papers.zip(Map.of("word/document.xml", new byte[60_000_000])), "");
    String spaces = " ".repeat(30_000_000);
    refused("b.docx", Papers.docx(Papers.paragraph("", "x") + spaces), "times larger");
    refused("c.docx", Papers.docx("<w:p>".repeat(300) + "</w:p>".repeat(300)), "nested deeper");
    refused(
        "d.docx",
        Papers.zip(
            Map.of(
                "word/document.xml",
                Papers.utf8(
                    "<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><w:document"
                        + " xmlns:w='w'><w:p><w:t>&a;</w:t></w:p></w:document>"))),
        "");
    refused("e.md", Papers.utf8("很".repeat(4_000_001)), "4000000 characters");
    refused("f.html", Papers.utf8("<div>".repeat(200_000)), "");
    assertThat(read("g.docx", Papers.docx(Papers.paragraph("", "still here"))).text())
        .isEqualTo("still here");
  }

  @Test
  void aPdfOfTenThousandPagesIsRefusedByItsNumberOfPages() throws Exception {
    refused("a.pdf", Papers.pdf(Collections.nCopies(10_000, "x")), "10000 pages");
  }

  @Test
  void aFileThatIsGoneIsSaidToBe() {
    assertThatThrownBy(
            () -> extraction.of(folder.resolve("none.pdf"), Format.PDF, (done, total) -> 0))
        .isInstanceOf(Unreadable.class)
        .hasMessage("It is gone.");
  }

  @Test
  void aDocumentThatTakesTooLongIsGivenUpAndTheNextIsRead() throws Exception {
    try (ExtractorProcess hasty =
            new ExtractorProcess(folder.resolve("hasty"), 128, java.time.Duration.ofMillis(1));
        ExtractorProcess patient =
            new ExtractorProcess(folder.resolve("hasty"), 128, java.time.Duration.ofMinutes(2))) {
      Path file = folder.resolve("slow.pdf");
      Files.write(file, Papers.pdf(List.of("x")));
      Limits limits = new Limits(1_000_000, 10, 1_000);
      assertThatThrownBy(() -> hasty.extract(file, Format.PDF, limits, (done, total) -> 0))
          .hasMessageContaining("longer than");
      assertThat(patient.extract(file, Format.PDF, limits, (done, total) -> 0).text())
          .contains("x");
    }
  }

  @Test
  void whatACrashHasLeftIsRemoved() throws Exception {
    Path scratch = Files.createDirectories(folder.resolve("crashed"));
    Files.writeString(scratch.resolve("PDFBox1.tmp"), "left");
    try (ExtractorProcess fresh =
        new ExtractorProcess(scratch, 128, java.time.Duration.ofMinutes(2))) {
      fresh.clean();
      assertThat(scratch).isEmptyDirectory();
    }
  }
}
