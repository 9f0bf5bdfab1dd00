package chat.magpie.knowledge.internal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.magpie.knowledge.KnowledgeBase;
import chat.magpie.knowledge.KnowledgeBase.Refused;
import chat.magpie.knowledge.OwnDocumentation;
import chat.magpie.knowledge.Passage;
import chat.magpie.knowledge.internal.RetrievalFigures.ForgetfulVectors;
import chat.magpie.llm.internal.NoEmbeddings;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LuceneKnowledgeBaseTest {
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  @TempDir Path temp;

  private Path folder = Path.of("");
  private LuceneKnowledgeBase knowledge;

  @BeforeEach
  void openEmptyFolder() {
    folder = temp.resolve("data/knowledge");
    knowledge = open(OwnDocumentation.NEVER, 10_000);
  }

  @AfterEach
  void close() {
    knowledge.close();
  }

  @Test
  @Tag("M-06")
  void aFileThatIsAddedChangedMovedOrRemovedShows() throws IOException {
    assertThat(knowledge.search(query("菠萝", 5))).isEmpty();
    assertThat(folder).isEmptyDirectory();

    write("水果.md", "# 水果\n\n菠萝要泡盐水。");
    eventually(() -> found("菠萝").equals(List.of("水果.md")));
    write("水果.md", "# 水果\n\n榴莲不能上飞机。");
    eventually(() -> found("菠萝").isEmpty() && found("榴莲").equals(List.of("水果.md")));
    Files.createDirectories(folder.resolve("a/b"));
    Files.move(folder.resolve("水果.md"), folder.resolve("a/b/果.md"));
    eventually(() -> found("榴莲").equals(List.of("a/b/果.md")));
    Files.delete(folder.resolve("a/b/果.md"));
    // A look that was under way may have found a file that it could not read any more.
    eventually(() ->
        found("榴莲").isEmpty()
            && knowledge.inventory().equals(new KnowledgeBase.Inventory(0, 0, 0, List.of())));
  }

  @Test
  void aChangeOfTheSameSizeAndTimeIsSeenWhileTheTimeIsRecent() throws IOException {
    knowledge.close();
    Instant still = Instant.now();
    knowledge = open(OwnDocumentation.NEVER, 10_000, () -> still); // so that the time stays recent
    Path file = write("a.md", "apples are red");
    FileTime time = Files.getLastModifiedTime(file);
    eventually(() -> found("red apples").size() == 1);
    Files.writeString(file, "apples are raw");
    Files.setLastModifiedTime(file, time);
    eventually(() -> found("raw").size() == 1);
  }

  @Test
  void theVersionIsTheHashOfTheContent() throws Exception {
    write("a.txt", "菠萝");
    eventually(() -> !found("菠萝").isEmpty());
    byte[] hash = MessageDigest.getInstance("SHA-256").digest("菠萝".getBytes(UTF_8));
    assertThat(knowledge.search(query("菠萝", 1)).getFirst().version())
        .isEqualTo(HexFormat.of().formatHex(hash).substring(0, 16));
    assertThat(knowledge.search(query("菠萝", 1)).getFirst().title()).isEqualTo("a");
  }

  @Test
  void onlyTextFilesThatAreNotHiddenCount() throws IOException {
    for (String name :
        List.of("a.md", "b.MARKDOWN", "c.Txt", "d.jpg", "e", ".f.md", ".git/g.md", "h/i.md")) {
      write(name, "pineapple");
    }
    eventually(() -> found("pineapple").size() == 4);
    assertThat(found("pineapple"))
        .containsExactlyInAnyOrder("a.md", "b.MARKDOWN", "c.Txt", "h/i.md");
    assertThat(knowledge.inventory().refused()).isEmpty();
  }

  @Test
  void encodingsWithAMarkAreRead() throws IOException {
    write("utf8.txt", "\uFEFF菠萝一".getBytes(UTF_8));
    write("le.txt", "\uFEFF菠萝二".getBytes(StandardCharsets.UTF_16LE));
    write("be.txt", "\uFEFF菠萝三".getBytes(StandardCharsets.UTF_16BE));
    write("crlf.md", "# T\r\n\r\n菠萝四\r\n".getBytes(UTF_8));
    eventually(() -> found("菠萝").size() == 4);
    assertThat(knowledge.search(query("菠萝", 9)))
        .extracting(Passage::text)
        .containsExactlyInAnyOrder("菠萝一", "菠萝二", "菠萝三", "菠萝四");
  }

  @Test
  void whatCannotBeIndexedIsRefusedWithAReasonAndTheRestGoesOn() throws IOException {
    write("binary.txt", new byte[] {'a', 0, 'b'});
    write("gbk.txt", "中文内容".getBytes(Charset.forName("GBK")));
    write("latin.txt", "café au lait".getBytes(StandardCharsets.ISO_8859_1));
    write("huge.md", "x".repeat(10_001));
    write("limit.md", "pineapple ".repeat(1000));
    Path outside = Files.writeString(temp.resolve("secret.txt"), "pineapple secret");
    Files.createSymbolicLink(folder.resolve("leak.txt"), outside);
    Files.createSymbolicLink(folder.resolve("leak"), temp);
    Files.createSymbolicLink(folder.resolve("dangling.md"), temp.resolve("nowhere"));
    Files.createDirectory(folder.resolve("folder.md"));
    Files.createSymbolicLink(folder.resolve("loop"), folder);
    Files.createSymbolicLink(folder.resolve("inside.txt"), folder.resolve("limit.md"));
    write("empty.md", "");
    eventually(() ->
        found("pineapple").containsAll(List.of("limit.md", "inside.txt"))
            && knowledge.inventory().refused().size() == 6
            && knowledge.inventory().documents() == 4);
    assertThat(knowledge.inventory().refused())
        .containsExactlyInAnyOrder(
            new Refused("binary.txt", "binary: it holds NUL characters"),
            new Refused("latin.txt", "neither UTF-8 nor UTF-16 with a byte order mark"),
            new Refused("huge.md", "larger than 10000 bytes"),
            new Refused("leak.txt", "a link that leaves the folder"),
            new Refused("leak", "a link that leaves the folder"),
            new Refused("dangling.md", "cannot be read"));
    assertThat(found("pineapple")).doesNotContain("leak.txt", "leak/secret.txt");

    assertThat(found("中文内容")).containsExactly("gbk.txt");

    write("latin.txt", "lychee");
    Files.delete(folder.resolve("leak.txt"));
    eventually(() ->
        found("lychee").equals(List.of("latin.txt"))
            && knowledge.inventory().refused().size() == 4);
  }

  @Test
  void aDocumentThatBecomesUnreadableIsNoLongerFound() throws IOException {
    write("a.md", "pineapple");
    eventually(() -> found("pineapple").size() == 1);
    write("a.md", new byte[] {0, 1, 2});
    // While it is being written it may be seen empty, which is readable.
    eventually(() -> found("pineapple").isEmpty() && knowledge.inventory().refused().size() == 1);
  }

  @Test
  void aPipeIsNotWaitedFor() throws Exception {
    Path pipe = folder.resolve("pipe.txt");
    eventually(() -> Files.isDirectory(folder));
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
    write("a.md", "pineapple");
    eventually(() ->
        found("pineapple").size() == 1
            && knowledge
                .inventory()
                .refused()
                .equals(List.of(new Refused("pipe.txt", "not a regular file"))));
  }

  @Test
  void aFileThatIsWrittenSlowlyEndsUpWhole() throws IOException {
    eventually(() -> Files.isDirectory(folder));
    byte[] text = "# 水果\n\n菠萝要泡盐水。\n\n## 尾\n\n榴莲不能上飞机。".getBytes(UTF_8);
    try (OutputStream out =
        Files.newOutputStream(
            folder.resolve("slow.md"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      out.write(text, 0, 20); // ends within a character
      out.flush();
      eventually(() ->
          !knowledge.inventory().refused().isEmpty() || knowledge.inventory().documents() == 1);
      out.write(text, 20, text.length - 20);
    }
    eventually(() -> found("榴莲").equals(List.of("slow.md")));
    assertThat(knowledge.inventory().refused()).isEmpty();
    assertThat(knowledge.inventory().documents()).isEqualTo(1);
  }

  @Test
  void aFolderThatVanishesTakesItsDocumentsAlong() throws IOException {
    write("a.md", "pineapple");
    eventually(() -> found("pineapple").size() == 1);
    Files.delete(folder.resolve("a.md"));
    Files.delete(folder);
    eventually(() -> found("pineapple").isEmpty());
    write("b.md", "pineapple");
    eventually(() -> found("pineapple").equals(List.of("b.md")));
  }

  @Test
  void aSearchWaitsForTheFirstLook() throws IOException {
    Path full = Files.createDirectories(temp.resolve("full"));
    for (int i = 0; i < 300; i++) {
      Files.writeString(full.resolve("f" + i + ".md"), "# Fruit\n\npineapple number " + i);
    }
    folder = full;
    try (LuceneKnowledgeBase fresh = open(OwnDocumentation.NEVER, 10_000)) {
      assertThat(fresh.search(query("pineapple", 5))).hasSize(5);
    }
  }

  @Test
  void manySearchWhileFilesChange() throws Exception {
    write("stays.md", "pineapple");
    eventually(() -> found("pineapple").size() == 1);
    try (var searchers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Boolean>> all =
          java.util.stream.IntStream.range(0, 200)
              .mapToObj(i ->
                  searchers.submit(() -> {
                    if (i % 10 == 0) {
                      write("f" + i + ".md", "banana " + i);
                    }
                    return found("pineapple").equals(List.of("stays.md"));
                  }))
              .toList();
      for (Future<Boolean> one : all) {
        assertThat(one.get()).isTrue();
      }
    }
    eventually(() -> knowledge.search(query("banana", 50)).size() == 20);
  }

  @Test
  void theProductsOwnDocumentationIsPartOfIt() {
    try (LuceneKnowledgeBase own = open(OwnDocumentation.ALWAYS, 10_000)) {
      assertThat(own.inventory().refused()).isEmpty();
      List<Passage> found = own.search(query("What is Magpie?", 3));
      assertThat(found).isNotEmpty();
      assertThat(found.getFirst().documentId()).startsWith("magpie:");
      assertThat(own.inventory().documents()).isGreaterThan(1);
    }
  }

  @Test
  void theProductsOwnDocumentationMakesWayForWhatIsPutIn() throws IOException {
    try (LuceneKnowledgeBase shop = open(OwnDocumentation.AUTO, 10_000)) {
      assertThat(shop.search(query("What is Magpie?", 3))).isNotEmpty();
      assertThat(shop.filled()).isFalse();
      write("returns.md", "Tents may be returned within thirty days.");
      eventually(() -> shop.search(query("What is Magpie?", 3)).isEmpty());
      assertThat(shop.search(query("return a tent", 3))).isNotEmpty();
      assertThat(shop.filled()).isTrue();
      assertThat(shop.inventory().documents()).isEqualTo(1);
      Files.delete(folder.resolve("returns.md"));
      eventually(() -> !shop.search(query("What is Magpie?", 3)).isEmpty());
      assertThat(shop.filled()).isFalse();
    }
  }

  @Test
  void afterItsEndItFindsNothing() throws IOException {
    write("a.md", "pineapple");
    eventually(() -> found("pineapple").size() == 1);
    knowledge.close();
    assertThat(knowledge.search(query("pineapple", 5))).isEmpty();
    knowledge.close();
  }

  private LuceneKnowledgeBase open(OwnDocumentation own, long maxFileBytes) {
    return open(own, maxFileBytes, InstantSource.system());
  }

  private LuceneKnowledgeBase open(OwnDocumentation own, long maxFileBytes, InstantSource clock) {
    return new LuceneKnowledgeBase(
        new TestKnowledgeConfig(maxFileBytes, own),
        folder,
        clock,
        new NoEmbeddings(),
        new ForgetfulVectors(),
        PATIENCE);
  }

  private static KnowledgeBase.Query query(String question, int limit) {
    return new KnowledgeBase.Query("default", Optional.empty(), question, "en", limit);
  }

  private List<String> found(String question) {
    return knowledge.search(query(question, 20)).stream()
        .map(Passage::documentId)
        .distinct()
        .toList();
  }

  private Path write(String name, String text) throws IOException {
    return write(name, text.getBytes(UTF_8));
  }

  private Path write(String name, byte[] content) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.resolveSibling("."));
    return Files.write(file, content);
  }

  private static void eventually(Callable<Boolean> condition) {
    await().atMost(PATIENCE).pollInterval(Duration.ofMillis(20)).until(condition);
  }
}
