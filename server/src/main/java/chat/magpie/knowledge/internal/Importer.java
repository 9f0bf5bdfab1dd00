package chat.magpie.knowledge.internal;

import chat.magpie.identity.Audit;
import chat.magpie.identity.Principal;
import chat.magpie.identity.Role;
import chat.magpie.kernel.BackgroundWork;
import chat.magpie.kernel.MagpieException;
import chat.magpie.knowledge.Document;
import chat.magpie.knowledge.ImportJob;
import chat.magpie.knowledge.ImportJob.Stage;
import chat.magpie.knowledge.ImportJob.Status;
import chat.magpie.knowledge.Imports;
import chat.magpie.knowledge.Imports.Order;
import chat.magpie.knowledge.KnowledgeConfig;
import chat.magpie.knowledge.internal.DocumentRows.About;
import chat.magpie.knowledge.internal.DocumentRows.NewVersion;
import chat.magpie.knowledge.internal.DocumentRows.Outcome;
import chat.magpie.knowledge.internal.JobRows.Work;
import chat.magpie.sql.Database;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/// Does the imports of this node one after the other, keeps their leases, and takes over those of
/// nodes that are gone. One that has brought down its node three times is given up.
final class Importer implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(Importer.class);
  private static final int ATTEMPTS = 3;
  private static final int ORPHANS = 20;
  private static final long BETWEEN_STEPS = 500_000_000;

  private final Database database;
  private final Audit audit;
  private final InstantSource clock;
  private final KnowledgeConfig config;
  private final KnowledgeNews news;
  private final Extraction extraction;
  private final UploadFolder files;
  private final WebFetch web;
  private final String node;
  private final BlockingQueue<Work> queue = new LinkedBlockingQueue<>();
  private final BackgroundWork worker = new BackgroundWork("knowledge-import");
  private final BackgroundWork keeper = new BackgroundWork("knowledge-leases");
  private final ScheduledExecutorService alarm =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofVirtual().name("knowledge-alarm").factory());

  Importer(
      Database database,
      Audit audit,
      InstantSource clock,
      KnowledgeConfig config,
      KnowledgeNews news,
      Extraction extraction,
      UploadFolder files,
      WebFetch web,
      String node) {
    this.database = database;
    this.audit = audit;
    this.clock = clock;
    this.config = config;
    this.news = news;
    this.extraction = extraction;
    this.files = files;
    this.web = web;
    this.node = node;
  }

  /// To be called before anything is handed in: what lies around then is left over.
  void start() {
    List<Path> left = files.files();
    worker.start(() -> {
      AtomicBoolean resumed = new AtomicBoolean();
      while (!worker.stopping() && !resumed.get()) {
        worker.attempt(() -> {
          resume(left);
          resumed.set(true);
        });
        worker.pause(resumed.get() ? Duration.ZERO : Duration.ofSeconds(1));
      }
      while (!worker.stopping()) {
        worker.attempt(this::workOnce);
      }
    });
    keeper.start(() -> {
      while (!keeper.stopping()) {
        keeper.pause(config.importLease().dividedBy(3));
        keeper.attempt(this::renew);
        keeper.attempt(this::adopt);
      }
    });
  }

  void take(Work work) {
    queue.add(work);
  }

  /// What this node had begun before it was stopped or died.
  private void resume(List<Path> left) {
    List<Work> open = database.read(sql -> JobRows.open(sql, node));
    extraction.clean();
    files.clean(left, open.stream().map(work -> work.job().id()).collect(Collectors.toSet()));
    open.forEach(this::takeOver);
  }

  private void renew() {
    long until = clock.millis() + config.importLease().toMillis();
    database.write(sql -> {
      JobRows.renew(sql, node, until);
      return true;
    });
  }

  private void adopt() {
    long now = clock.millis();
    for (Work orphan : database.read(sql -> JobRows.orphans(sql, now, ORPHANS))) {
      if (!orphan.owner().equals(node)) {
        takeOver(orphan);
      }
    }
  }

  private void takeOver(Work work) {
    long until = clock.millis() + config.importLease().toMillis();
    if (!database.write(sql -> JobRows.take(sql, work, node, until))) {
      return;
    }
    Work ours = new Work(work.job(), work.order(), node, work.epoch() + 1);
    boolean lost =
        work.job().source() == Document.Source.UPLOAD && !Files.exists(files.of(work.job().id()));
    if (lost) {
      giveUp(ours, "The node that had the file is gone. Hand it in again.");
    } else if (ours.epoch() > ATTEMPTS) {
      giveUp(ours, "It was begun " + ATTEMPTS + " times and the node went down each time.");
    } else {
      queue.add(ours);
    }
  }

  private void workOnce() {
    Work work;
    try {
      work = queue.poll(200, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      worker.stop();
      return;
    }
    if (work == null) {
      return;
    }
    try {
      run(work);
    } catch (Unreadable e) {
      giveUp(work, e.why());
    } catch (Overtaken e) {
      LOG.debugf("Another node has gone on with the import of %s", work.job().origin());
    } catch (MagpieException e) {
      if (e.code().retryable()) {
        later(work); // the database is away; the file is still here
      } else {
        giveUp(work, String.valueOf(e.getMessage()));
      }
    } catch (RuntimeException e) {
      LOG.warnf(e, "The import of %s failed", work.job().origin());
      giveUp(work, "It could not be read.");
    }
  }

  private void later(Work work) {
    worker.pause(Duration.ofSeconds(1));
    queue.add(work);
  }

  private void giveUp(Work work, String why) {
    if (worker.stopping()) {
      return; // the next start goes on with it
    }
    try {
      fail(work, why);
    } catch (MagpieException e) {
      later(work);
    }
  }

  private void run(Work work) throws Unreadable {
    ImportJob job = work.job();
    Format format;
    UploadFolder.Saved saved;
    try {
      if (job.source() == Document.Source.URL) {
        step(work, Stage.FETCHING, 0, 0);
        files.make();
        WebFetch.Fetched fetched = web.fetch(job.origin(), files.of(job.id()), alarm);
        format = formatOf(fetched);
      } else {
        format =
            Format.named(work.order().name())
                .or(() -> work.order().mediaType().flatMap(Format::typed))
                .orElseThrow(() -> new Unreadable("Its kind is not known."));
      }
      saved = files.look(job.id());
    } catch (IOException e) {
      throw new Unreadable("Its file cannot be read.", e);
    }
    Extracted extracted = extract(work, saved, format);
    step(work, Stage.STORING, 0, 0);
    Imports.Taken.Stored stored = store(work, somebody(job), format, saved, extracted);
    news.progress(over(job, stored.document().current().number(), clock.millis()));
    files.delete(job.id());
  }

  private static Format formatOf(WebFetch.Fetched fetched) throws Unreadable {
    String path = String.valueOf(fetched.from().getPath());
    Optional<Format> typed = Format.typed(fetched.mediaType());
    boolean vague =
        fetched.mediaType().isEmpty()
            || fetched.mediaType().startsWith("application/octet-stream")
            || typed.filter(format -> format == Format.TEXT).isPresent();
    return (vague ? Format.named(path).or(() -> typed) : typed)
        .orElseThrow(() ->
            new Unreadable(
                "What the address gives is no document that can be read, but "
                    + fetched.mediaType()
                    + "."));
  }

  Extracted extract(Work work, UploadFolder.Saved saved, Format format) throws Unreadable {
    long[] told = {System.nanoTime()};
    if (work.job().source() == Document.Source.URL || format.apart()) {
      step(work, Stage.READING, 0, 0);
    }
    return extraction.of(
        saved.file(),
        format,
        (done, total) -> {
          if (System.nanoTime() - told[0] > BETWEEN_STEPS) {
            told[0] = System.nanoTime();
            step(work, Stage.READING, done, total);
          }
          return done;
        });
  }

  /// Makes the document, and ends the job where there is one, in one transaction.
  Imports.Taken.Stored store(
      Work work, Principal who, Format format, UploadFolder.Saved saved, Extracted extracted) {
    ImportJob job = work.job();
    String tenant = job.tenantId();
    NewVersion version =
        new NewVersion(
            saved.hash(),
            job.source(),
            job.origin(),
            format.name().toLowerCase(java.util.Locale.ROOT),
            saved.bytes(),
            new Extracted(
                DocumentRules.title(extracted.heading()), extracted.text(), extracted.entries()),
            job.createdBy());
    long now = clock.millis();
    Imports.Taken.Stored stored =
        database.write(sql -> {
          long revision = DocumentRows.revise(sql, tenant);
          Optional<Document> before = DocumentRows.find(sql, tenant, job.documentId());
          Outcome outcome =
              DocumentRows.put(
                  sql,
                  tenant,
                  job.documentId(),
                  about(work, before, extracted),
                  version,
                  revision,
                  now,
                  config.versionsKept());
          Document after =
              DocumentRows.find(sql, tenant, job.documentId()).orElseThrow(DocumentRules::absent);
          JobRows.find(sql, job.id())
              .ifPresent(known -> {
                ImportJob over = over(job, after.current().number(), now);
                if (!JobRows.update(sql, over, work.epoch())) {
                  throw new Overtaken();
                }
              });
          boolean created = outcome == Outcome.CREATED;
          if (outcome != Outcome.UNCHANGED) {
            audit.record(sql, who, SqlImports.entry(job, created, after));
          }
          return new Imports.Taken.Stored(after, created);
        });
    news.changed(tenant);
    return stored;
  }

  private static About about(Work work, Optional<Document> before, Extracted extracted) {
    Order order = work.order();
    String name = order.name().isEmpty() ? work.job().origin() : order.name();
    String called = Extraction.split(extracted, name, true).title();
    return new About(
        false,
        order
            .title()
            .map(DocumentRules::title)
            .filter(title -> !title.isEmpty())
            .or(() -> before.map(Document::title))
            .orElseGet(() -> DocumentRules.title(called)),
        order.language().or(() -> before.flatMap(Document::language)),
        order.characterIds().or(() -> before.map(Document::characterIds)).orElse(Set.of()),
        order.enabled().or(() -> before.map(Document::enabled)).orElse(true));
  }

  /// Somebody else has gone on with the job.
  private static final class Overtaken extends RuntimeException {}

  private static ImportJob over(ImportJob job, long version, long now) {
    return new ImportJob(
        job.id(),
        job.tenantId(),
        job.documentId(),
        job.source(),
        job.origin(),
        Status.DONE,
        Stage.STORING,
        1,
        1,
        Optional.empty(),
        Optional.of(version),
        job.createdBy(),
        job.createdAt(),
        Instant.ofEpochMilli(now));
  }

  private void step(Work work, Stage stage, long done, long total) {
    tell(work, with(work.job(), Status.RUNNING, stage, done, total, Optional.empty()));
  }

  private void fail(Work work, String why) {
    files.delete(work.job().id());
    ImportJob job = work.job();
    tell(work, with(job, Status.FAILED, job.stage(), 0, 0, Optional.of(why)));
  }

  private void tell(Work work, ImportJob now) {
    if (database.write(sql -> JobRows.update(sql, now, work.epoch()))) {
      news.progress(now);
    }
  }

  private ImportJob with(
      ImportJob job, Status status, Stage stage, long done, long total, Optional<String> failure) {
    return new ImportJob(
        job.id(),
        job.tenantId(),
        job.documentId(),
        job.source(),
        job.origin(),
        status,
        stage,
        done,
        total,
        failure,
        Optional.empty(),
        job.createdBy(),
        job.createdAt(),
        Instant.ofEpochMilli(clock.millis()));
  }

  /// Whoever handed it in, as the audit log names them.
  private static Principal somebody(ImportJob job) {
    return new Principal(job.tenantId(), job.createdBy(), Role.SUPERVISOR, false);
  }

  @Override
  public void close() {
    worker.stop();
    keeper.stop();
    extraction.close();
    alarm.shutdownNow();
    worker.join();
    keeper.join();
  }
}
