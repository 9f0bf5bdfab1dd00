package chat.magpie.knowledge.internal;

import chat.magpie.identity.Audit;
import chat.magpie.identity.AuditEntry;
import chat.magpie.identity.Principal;
import chat.magpie.kernel.ErrorCode;
import chat.magpie.kernel.Ids;
import chat.magpie.kernel.MagpieException;
import chat.magpie.kernel.WellFormed;
import chat.magpie.knowledge.Document;
import chat.magpie.knowledge.ImportJob;
import chat.magpie.knowledge.ImportJob.Stage;
import chat.magpie.knowledge.ImportJob.Status;
import chat.magpie.knowledge.Imports;
import chat.magpie.knowledge.KnowledgeConfig;
import chat.magpie.knowledge.internal.JobRows.Work;
import chat.magpie.sql.Database;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/// Imports with their jobs in the SQL database and their files in a folder of this node.
public final class SqlImports implements Imports, AutoCloseable {
  private static final int WAITING = 100;
  private static final int NAME = 300;
  private static final Duration REMEMBERED = Duration.ofDays(7);
  private static final int PAGE = 200;

  private final Database database;
  private final InstantSource clock;
  private final KnowledgeConfig config;
  private final KnowledgeNews news;
  private final UploadFolder files;
  private final Importer importer;
  private final String node;

  /// @param folder for files that were handed in
  /// @param node names this one, also after its restart
  public SqlImports(
      Database database,
      Audit audit,
      InstantSource clock,
      KnowledgeConfig config,
      KnowledgeNews news,
      Extraction extraction,
      Path folder,
      String node) {
    this(
        database,
        audit,
        clock,
        config,
        news,
        extraction,
        folder,
        node,
        host -> InetAddress.getAllByName(host));
  }

  SqlImports(
      Database database,
      Audit audit,
      InstantSource clock,
      KnowledgeConfig config,
      KnowledgeNews news,
      Extraction extraction,
      Path folder,
      String node,
      WebFetch.Resolver resolver) {
    this.database = database;
    this.clock = clock;
    this.config = config;
    this.news = news;
    this.node = node;
    this.files = new UploadFolder(folder, config.maxUploadBytes());
    WebFetch web =
        new WebFetch(
            resolver, config.urlPrivateHosts(), config.maxUploadBytes(), config.urlTimeout());
    this.importer =
        new Importer(database, audit, clock, config, news, extraction, files, web, node);
  }

  /// Goes on with what was left undone, and from now on takes what nodes that are gone have left.
  public void start() {
    importer.start();
  }

  @Override
  public Taken upload(Principal caller, Order order, InputStream body) throws IOException {
    check(caller, order);
    Format format =
        Format.named(order.name())
            .or(() -> order.mediaType().flatMap(Format::typed))
            .orElseThrow(() ->
                new MagpieException(
                    ErrorCode.UNSUPPORTED_MEDIA_TYPE,
                    "Neither name nor media type say that it is Markdown, text, HTML, CSV, PDF, Word"
                        + " (.docx) or Excel (.xlsx)."));
    refuseTooMany(caller);
    String jobId = Ids.next();
    UploadFolder.Saved saved = files.save(jobId, body);
    if (saved.bytes() == 0) {
      files.delete(jobId);
      throw new MagpieException(ErrorCode.BAD_REQUEST, "The document is empty.");
    }
    Work work = work(caller, jobId, Document.Source.UPLOAD, order.name(), order, Stage.READING);
    if (format.apart()) {
      return new Taken.Queued(queued(work));
    }
    try {
      Extracted extracted = importer.extract(work, saved, format);
      return importer.store(work, caller, format, saved, extracted);
    } catch (Unreadable e) {
      throw new MagpieException(ErrorCode.INVALID_FIELD, e.why(), e);
    } finally {
      files.delete(jobId);
    }
  }

  @Override
  public ImportJob fetch(Principal caller, String url, Order order) {
    check(caller, order);
    WellFormed.requireFilled("url", url, 2_000);
    try {
      var _ = WebFetch.check(url);
    } catch (Unreadable e) {
      throw new MagpieException(ErrorCode.INVALID_FIELD, "url: " + e.why(), e);
    }
    refuseTooMany(caller);
    return queue(work(caller, Ids.next(), Document.Source.URL, url.strip(), order, Stage.FETCHING));
  }

  private void check(Principal caller, Order order) {
    DocumentRules.require(caller);
    order.documentId().ifPresent(DocumentRules::id);
    WellFormed.require("name", order.name(), NAME);
    order.title().ifPresent(t -> WellFormed.requireFilled("title", t, DocumentRules.TITLE));
    DocumentRules.language(order.language());
    order.characterIds().ifPresent(DocumentRules::characters);
  }

  private void refuseTooMany(Principal caller) {
    if (database.read(sql -> JobRows.waiting(sql, caller.tenantId())) >= WAITING) {
      throw new MagpieException(
          ErrorCode.OVERLOADED, "There are " + WAITING + " documents waiting to be read.");
    }
  }

  private Work work(
      Principal caller,
      String jobId,
      Document.Source source,
      String origin,
      Order order,
      Stage stage) {
    Instant now = Instant.ofEpochMilli(clock.millis());
    return new Work(
        new ImportJob(
            jobId,
            caller.tenantId(),
            order.documentId().orElseGet(Ids::next),
            source,
            origin,
            Status.WAITING,
            stage,
            0,
            0,
            Optional.empty(),
            Optional.empty(),
            caller.userId(),
            now,
            now),
        order,
        node,
        1);
  }

  /// As [#queue]; of a file that no job is about nothing stays.
  private ImportJob queued(Work work) {
    try {
      return queue(work);
    } catch (RuntimeException e) {
      files.delete(work.job().id());
      throw e;
    }
  }

  private ImportJob queue(Work work) {
    long now = clock.millis();
    database.write(sql -> {
      JobRows.forget(sql, work.job().tenantId(), now - REMEMBERED.toMillis());
      JobRows.insert(sql, work, now + config.importLease().toMillis());
      return true;
    });
    news.progress(work.job());
    importer.take(work);
    return work.job();
  }

  @Override
  public ImportJob get(Principal caller, String jobId) {
    DocumentRules.require(caller);
    return Optional.of(jobId)
        .filter(WellFormed::test)
        .flatMap(id -> database.read(sql -> JobRows.find(sql, id)))
        .map(Work::job)
        .filter(job -> job.tenantId().equals(caller.tenantId()))
        .orElseThrow(
            () -> new MagpieException(ErrorCode.NOT_FOUND, "There is no import with this id."));
  }

  @Override
  public List<ImportJob> list(Principal caller, int limit) {
    DocumentRules.require(caller);
    return database
        .read(sql -> JobRows.newest(sql, caller.tenantId(), Math.clamp(limit, 1, PAGE)))
        .stream()
        .map(Work::job)
        .toList();
  }

  @Override
  public void listen(Consumer<ImportJob> listener) {
    news.onProgress(listener);
  }

  @Override
  public void close() {
    importer.close();
  }

  /// Who brought a document in that way.
  static AuditEntry entry(ImportJob job, boolean created, Document document) {
    return new AuditEntry(
        SqlDocuments.KIND + (created ? ".created" : ".changed"),
        SqlDocuments.KIND,
        job.documentId(),
        java.util.Map.of(),
        SqlDocuments.state(document));
  }
}
