package chat.magpie.knowledge.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import chat.magpie.identity.Audit;
import chat.magpie.identity.Principal;
import chat.magpie.identity.Role;
import chat.magpie.identity.internal.Identity;
import chat.magpie.kernel.ErrorCode;
import chat.magpie.kernel.Ids;
import chat.magpie.kernel.MagpieException;
import chat.magpie.knowledge.Document;
import chat.magpie.knowledge.Documents;
import chat.magpie.knowledge.Faq;
import chat.magpie.knowledge.FaqEntry;
import chat.magpie.knowledge.Gap;
import chat.magpie.knowledge.Gaps;
import chat.magpie.knowledge.ImportJob;
import chat.magpie.knowledge.Imports;
import chat.magpie.knowledge.OwnDocumentation;
import chat.magpie.knowledge.internal.RetrievalFigures.ForgetfulVectors;
import chat.magpie.llm.internal.NoEmbeddings;
import chat.magpie.sql.Database;
import chat.magpie.testing.FailingAudit;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/// What documents, imports and gaps promise on every database.
@Tag("C-09")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class DocumentsContract {
  @TempDir static Path folder;

  private final AtomicLong millis = new AtomicLong(1_800_000_000_000L);
  private final InstantSource clock = () -> Instant.ofEpochMilli(millis.getAndIncrement());
  private Database database;
  private FailingAudit audit;
  private KnowledgeNews news;
  private SqlDocuments documents;
  private SqlGaps gaps;
  private StoredDocuments stored;
  private PassageIndex index;
  private Principal keeper;

  abstract Database open();

  @BeforeAll
  void start() {
    database = open();
    audit = new FailingAudit(Identity.audit(database, clock));
    news = new KnowledgeNews(Optional.empty(), "n1");
    documents = new SqlDocuments(database, audit, clock, 3, news::changed);
    gaps = new SqlGaps(database, audit, clock, documents, news::changed);
    stored = new StoredDocuments(database);
    index = new PassageIndex(new NoEmbeddings(), new ForgetfulVectors());
  }

  @AfterAll
  void stop() {
    gaps.close();
    index.close();
    database.close();
  }

  @BeforeEach
  void inATenantOfItsOwn() {
    keeper = new Principal(Ids.next(), "kim", Role.SUPERVISOR, false);
  }

  private SqlImports imports(String node) {
    return new SqlImports(
        database,
        audit,
        clock,
        new TestKnowledgeConfig(1_000_000, OwnDocumentation.NEVER),
        news,
        new Extraction(
            new TestKnowledgeConfig(1_000_000, OwnDocumentation.NEVER),
            folder.resolve(node + "-read")),
        folder.resolve(node),
        node);
  }

  private static Imports.Order order(String id, String name) {
    return new Imports.Order(
        Optional.of(id),
        name,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  private Document upload(String id, String text) {
    try (SqlImports imports = imports("n1")) {
      Imports.Taken taken =
          imports.upload(keeper, order(id, "a.md"), new ByteArrayInputStream(Papers.utf8(text)));
      return ((Imports.Taken.Stored) taken).document();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private List<String> found(String question) {
    stored.sync(index);
    return index.search(keeper.tenantId(), Optional.of("mira"), question).all().stream()
        .map(one -> one.candidate().passage())
        .map(passage -> passage.document().documentId() + " " + passage.text())
        .toList();
  }

  private static FaqEntry faq(String id, String answer, String... questions) {
    return new FaqEntry(id, Optional.of("zh"), List.of(questions), answer, Set.of());
  }

  private static void refused(ErrorCode code, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(MagpieException.class, e -> assertThat(e.code()).isEqualTo(code));
  }

  @Test
  void everyContentIsAVersionAndTheSameIsNone() {
    Document first = upload("guide", "# Guide\n\nPress the red button.");
    assertThat(first.title()).isEqualTo("Guide");
    assertThat(first.current().number()).isEqualTo(1);
    assertThat(upload("guide", "# Guide\n\nPress the red button.")).isEqualTo(first);
    Document second = upload("guide", "# Guide\n\nPress the blue knob.");
    assertThat(second.current().number()).isEqualTo(2);
    assertThat(found("blue knob")).containsExactly("guide Press the blue knob.");
    assertThat(found("red button")).isEmpty();
    assertThat(documents.content(keeper, "guide", Optional.of("1")).text()).contains("red button");
    assertThat(documents.content(keeper, "guide", Optional.of(first.current().label())).text())
        .contains("red button");
    refused(ErrorCode.NOT_FOUND, () -> documents.content(keeper, "guide", Optional.of("7")));

    Document back =
        documents.change(
            keeper,
            "guide",
            new Documents.Change(
                Optional.of("Guide"), Optional.empty(), Optional.empty(), Optional.of(1L)));
    assertThat(back.current().number()).isEqualTo(1);
    assertThat(found("red button")).containsExactly("guide Press the red button.");
    for (int i = 3; i < 8; i++) {
      upload("guide", "text number " + i);
    }
    assertThat(documents.versions(keeper, "guide"))
        .extracting(Document.Version::number)
        .containsExactly(7L, 6L, 5L);
    documents.delete(keeper, "guide");
    assertThat(found("text number")).isEmpty();
    refused(ErrorCode.NOT_FOUND, () -> documents.get(keeper, "guide"));
    refused(ErrorCode.NOT_FOUND, () -> documents.versions(keeper, "guide"));
  }

  @Test
  void whatIsDisabledOrForOthersIsNotFound() {
    documents.putFaq(
        keeper,
        List.of(
            faq("ship", "当天发出", "多久发货", "什么时候寄出"),
            new FaqEntry("only", Optional.empty(), List.of("几点营业"), "九点", Set.of("otto"))));
    assertThat(found("什么时候寄出")).containsExactly("ship 当天发出");
    assertThat(found("几点营业")).isEmpty();
    Documents.Change off =
        new Documents.Change(
            Optional.empty(), Optional.of(false), Optional.empty(), Optional.empty());
    documents.change(keeper, "ship", off);
    assertThat(found("什么时候寄出")).isEmpty();
    assertThat(documents.putFaq(keeper, List.of(faq("ship", "次日发出", "多久发货"))))
        .isEqualTo(new Documents.Written(0, 1, 0));
    assertThat(documents.get(keeper, "ship").enabled()).isFalse();
  }

  @Test
  void entriesAreWrittenTogetherAndTwiceIsOnce() {
    List<FaqEntry> many =
        IntStream.range(0, 230)
            .mapToObj(i -> faq("e" + i, "answer " + i, "question " + i))
            .toList();
    assertThat(documents.putFaq(keeper, many)).isEqualTo(new Documents.Written(230, 0, 0));
    assertThat(documents.putFaq(keeper, many)).isEqualTo(new Documents.Written(0, 0, 230));
    List<String> seen = new ArrayList<>();
    Optional<String> cursor = Optional.empty();
    do {
      Documents.Listed page =
          documents.list(
              keeper, new Documents.Filter(Optional.empty(), Optional.of(true)), cursor, 100);
      page.items().forEach(document -> seen.add(document.id()));
      cursor = page.nextCursor();
    } while (cursor.isPresent());
    assertThat(seen).hasSize(230).doesNotHaveDuplicates().isSorted();
    upload("paper", "text");
    refused(ErrorCode.CONFLICT, () -> documents.putFaq(keeper, List.of(faq("paper", "a", "b"))));
    refused(ErrorCode.CONFLICT, () -> upload("e1", "text"));
    assertThat(
            documents
                .list(
                    keeper,
                    new Documents.Filter(Optional.of("QUESTION 22"), Optional.empty()),
                    Optional.empty(),
                    50)
                .items())
        .hasSize(11);
  }

  @Test
  void badEntriesAreRefusedAndNothingIsWritten() {
    for (FaqEntry bad :
        List.of(
            faq("a.b", "a", "q"),
            faq("", "a", "q"),
            faq("x".repeat(65), "a", "q"),
            faq("x", " ", "q"),
            faq("x", "a"),
            faq("x", "a", " "),
            faq("x", "a\0", "q"),
            new FaqEntry("x", Optional.of("<script>"), List.of("q"), "a", Set.of()))) {
      refused(
          ErrorCode.INVALID_FIELD,
          () -> documents.putFaq(keeper, List.of(faq("good", "a", "q"), bad)));
    }
    refused(
        ErrorCode.INVALID_FIELD,
        () -> documents.putFaq(keeper, List.of(faq("x", "a", "q"), faq("x", "b", "q"))));
    assertThat(all()).isEmpty();
    for (String cursor : List.of("", "x", "****", "\0", "x".repeat(100_000))) {
      refused(
          ErrorCode.BAD_CURSOR,
          () ->
              documents.list(
                  keeper,
                  new Documents.Filter(Optional.empty(), Optional.empty()),
                  Optional.of(cursor),
                  5));
      refused(ErrorCode.BAD_CURSOR, () -> gaps.list(keeper, Optional.of(cursor), 5));
    }
  }

  private List<Document> all() {
    return documents
        .list(
            keeper, new Documents.Filter(Optional.empty(), Optional.empty()), Optional.empty(), 200)
        .items();
  }

  @Test
  void tenantsSeeNothingOfEachOther() {
    upload("guide", "Press the red button.");
    documents.putFaq(keeper, List.of(faq("ship", "当天发出", "多久发货")));
    Principal other = new Principal(Ids.next(), "eve", Role.ADMIN, false);
    refused(ErrorCode.NOT_FOUND, () -> documents.get(other, "guide"));
    refused(ErrorCode.NOT_FOUND, () -> documents.delete(other, "ship"));
    assertThat(found("red button")).hasSize(1);
    assertThat(index.search(other.tenantId(), Optional.empty(), "red button 多久发货").all()).isEmpty();
    Principal agent = new Principal(keeper.tenantId(), "ann", Role.AGENT, false);
    refused(ErrorCode.FORBIDDEN, () -> documents.get(agent, "guide"));
    refused(ErrorCode.FORBIDDEN, () -> gaps.list(agent, Optional.empty(), 5));
  }

  @Test
  void aChangeAndItsAuditEntryAreOne() {
    upload("guide", "one");
    audit.fail(true);
    try {
      assertThatThrownBy(() -> upload("guide", "two")).isInstanceOf(RuntimeException.class);
      assertThatThrownBy(() -> documents.delete(keeper, "guide"))
          .isInstanceOf(RuntimeException.class);
    } finally {
      audit.fail(false);
    }
    assertThat(documents.get(keeper, "guide").current().number()).isEqualTo(1);
    Principal admin = new Principal(keeper.tenantId(), "root", Role.ADMIN, false);
    assertThat(
            audit
                .list(
                    admin,
                    new Audit.Filter(
                        Optional.empty(),
                        Optional.empty(),
                        Optional.of("knowledge_document"),
                        Optional.of("guide"),
                        Optional.empty(),
                        Optional.empty()),
                    Optional.empty(),
                    10)
                .items())
        .extracting(Audit.Recorded::action)
        .containsExactly("knowledge_document.created");
  }

  @Test
  void aPdfBecomesADocumentLater() throws Exception {
    try (SqlImports imports = imports("n2")) {
      imports.start();
      List<ImportJob> steps = new ArrayList<>();
      imports.listen(steps::add);
      ImportJob job = queued(imports, "manual", Papers.pdf(List.of("Press the red button.")));
      Awaitility.await()
          .atMost(java.time.Duration.ofMinutes(2))
          .until(() -> imports.get(keeper, job.id()).status() == ImportJob.Status.DONE);
      assertThat(imports.get(keeper, job.id()).version()).hasValue(1L);
      assertThat(found("red button")).containsExactly("manual Press the red button.");
      ImportJob broken = queued(imports, "broken", Papers.utf8("%PDF-1.7 broken"));
      Awaitility.await()
          .atMost(java.time.Duration.ofMinutes(2))
          .until(() -> imports.get(keeper, broken.id()).status() == ImportJob.Status.FAILED);
      assertThat(imports.get(keeper, broken.id()).failure().orElseThrow()).contains("damaged");
      refused(ErrorCode.NOT_FOUND, () -> documents.get(keeper, "broken"));
      Awaitility.await()
          .atMost(java.time.Duration.ofMinutes(2))
          .until(() -> left(folder.resolve("n2")).isEmpty());
      assertThat(imports.list(keeper, 10)).extracting(ImportJob::id).contains(job.id());
    }
  }

  private ImportJob queued(SqlImports imports, String id, byte[] content) throws IOException {
    Imports.Taken taken =
        imports.upload(keeper, order(id, id + ".pdf"), new ByteArrayInputStream(content));
    return ((Imports.Taken.Queued) taken).job();
  }

  private static List<Path> left(Path of) throws IOException {
    try (Stream<Path> files = Files.list(of)) {
      return files.filter(file -> file.toString().endsWith(".upload")).toList();
    }
  }

  @Test
  void anImportOfANodeThatDiedIsGoneOnWithWhereItsFileIsAndFailsElsewhere() throws Exception {
    ImportJob mine;
    ImportJob lost;
    try (SqlImports dying = imports("n3");
        SqlImports gone = imports("n4")) {
      mine = queued(dying, "mine", Papers.pdf(List.of("Press the red button.")));
      lost = queued(gone, "lost", Papers.pdf(List.of("x")));
      Files.writeString(folder.resolve("n3").resolve("stray.upload"), "left by a crash");
    }
    millis.addAndGet(60_000);
    try (SqlImports again = imports("n3")) {
      again.start();
      Awaitility.await()
          .atMost(java.time.Duration.ofMinutes(2))
          .until(() -> again.get(keeper, mine.id()).status() == ImportJob.Status.DONE);
      Awaitility.await()
          .atMost(java.time.Duration.ofMinutes(2))
          .until(() -> again.get(keeper, lost.id()).status() == ImportJob.Status.FAILED);
      assertThat(again.get(keeper, lost.id()).failure().orElseThrow()).contains("Hand it in again");
      assertThat(folder.resolve("n3").resolve("stray.upload")).doesNotExist();
    }
  }

  @Test
  void halfABodyLeavesNothing() {
    try (SqlImports imports = imports("n5")) {
      InputStream half = new Coming(100_000);
      assertThatThrownBy(() -> imports.upload(keeper, order("half", "a.md"), half))
          .isInstanceOf(IOException.class);
      InputStream endless = new Coming(Long.MAX_VALUE);
      refused(ErrorCode.TOO_LARGE, () -> imports.upload(keeper, order("huge", "a.md"), endless));
      refused(
          ErrorCode.UNSUPPORTED_MEDIA_TYPE,
          () -> imports.upload(keeper, order("x", "a.exe"), InputStream.nullInputStream()));
      refused(
          ErrorCode.BAD_REQUEST,
          () -> imports.upload(keeper, order("x", "a.md"), InputStream.nullInputStream()));
      refused(ErrorCode.NOT_FOUND, () -> imports.get(keeper, "nothing"));
      assertThat(folder.resolve("n5")).isEmptyDirectory();
    }
    assertThat(all()).isEmpty();
  }

  /// A body that breaks off after so many bytes.
  private static final class Coming extends InputStream {
    private long left;

    Coming(long left) {
      this.left = left;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0];
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      if (left <= 0) {
        throw new IOException("gone");
      }
      int read = (int) Math.min(left, length);
      Arrays.fill(bytes, offset, offset + read, (byte) 'x');
      left -= read;
      return read;
    }
  }

  private Gaps.Asked asked(String user, String conversation, String message, String question) {
    return new Gaps.Asked(keeper.tenantId(), user, conversation, message, question);
  }

  private List<Gap> awaitGaps(long asked) {
    Awaitility.await()
        .atMost(java.time.Duration.ofMinutes(2))
        .until(() ->
            gaps.list(keeper, Optional.empty(), 50).items().stream().mapToLong(Gap::asked).sum()
                == asked);
    return gaps.list(keeper, Optional.empty(), 50).items();
  }

  @Test
  void sameQuestionsAreOneGapAndBecomeAnAnswer() {
    gaps.note(asked("u1", "c1", "m1", "Do you ship to Norway?"));
    gaps.note(asked("u1", "c1", "m1", "Do you ship to Norway?"));
    gaps.note(asked("u2", "c2", "m2", "do you  ship to NORWAY"));
    gaps.note(asked("u2", "c2", "m3", "？？！"));
    gaps.note(asked("u2", "c2", "m4", "能寄到挪威吗"));
    List<Gap> open = awaitGaps(3);
    assertThat(open).extracting(Gap::question).containsExactly("能寄到挪威吗", "Do you ship to Norway?");
    Gap norway = open.get(1);
    assertThat(norway.examples())
        .extracting(Gap.Example::conversationId)
        .containsExactly("c2", "c1");
    Document made =
        gaps.answer(
            keeper,
            norway.id(),
            "Yes, in five days.",
            List.of("Do you ship to Norway?", "delivery to Oslo"));
    assertThat(found("ship to Norway")).containsExactly(made.id() + " Yes, in five days.");
    assertThat(gaps.list(keeper, Optional.empty(), 50).items()).hasSize(1);
    Gaps.Listed first = gaps.list(keeper, Optional.empty(), 1);
    assertThat(first.nextCursor()).isEmpty();
    gaps.note(asked("u3", "c3", "m5", "Do you ship to Norway?"));
    assertThat(awaitGaps(4)).hasSize(2);
    assertThat(gaps.list(keeper, Optional.empty(), 1).nextCursor()).isPresent();
    var _ =
        documents.change(
            keeper,
            made.id(),
            new Documents.Change(
                Optional.empty(), Optional.empty(), Optional.of(Set.of("luna")), Optional.empty()));
    Document again = gaps.answer(keeper, norway.id(), "Yes, in four days.", List.of());
    assertThat(again.id()).isEqualTo(made.id());
    assertThat(again.characterIds()).containsExactly("luna");
    assertThat(documents.content(keeper, made.id(), Optional.empty()).entries())
        .containsExactly(
            new Faq(List.of("Do you ship to Norway?", "delivery to Oslo"), "Yes, in four days."));
    gaps.dismiss(keeper, norway.id());
    refused(ErrorCode.NOT_FOUND, () -> gaps.dismiss(keeper, norway.id()));
    refused(ErrorCode.NOT_FOUND, () -> gaps.get(keeper, norway.id()));
    gaps.note(asked("u3", "c3", "m6", "Do you ship to Norway?"));
    gaps.note(asked("u3", "c3", "m7", "another one"));
    assertThat(awaitGaps(2)).extracting(Gap::question).containsExactly("another one", "能寄到挪威吗");
  }

  @Test
  @Tag("M-08")
  void whatAUserAskedIsForgottenUnlessOthersAskedItToo() {
    gaps.note(asked("u1", "c1", "m1", "canary of one alone"));
    gaps.note(asked("u1", "c1", "m2", "asked by both"));
    gaps.note(asked("u2", "c2", "m3", "asked by both"));
    gaps.note(asked("u2", "c3", "m4", "asked in another conversation"));
    awaitGaps(4);
    gaps.forget(keeper.tenantId(), "u1");
    assertThat(awaitGaps(2))
        .extracting(Gap::question)
        .containsExactlyInAnyOrder("asked by both", "asked in another conversation");
    gaps.forgetConversation(keeper.tenantId(), "c3");
    assertThat(awaitGaps(1)).extracting(Gap::question).containsExactly("asked by both");
    gaps.forget(Ids.next(), "u2");
    assertThat(awaitGaps(1)).hasSize(1);
  }
}
