package chat.magpie.knowledge.internal;

import chat.magpie.identity.Principal;
import chat.magpie.kernel.MagpieException;
import chat.magpie.knowledge.KnowledgeBase;
import chat.magpie.knowledge.KnowledgeConfig;
import chat.magpie.knowledge.Passage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/// A knowledge base in memory, built when it starts and kept equal to its folder by one background
/// thread. A search that comes before the first look through the folder is over waits for it, one
/// second at most.
public final class LuceneKnowledgeBase implements KnowledgeBase, AutoCloseable {
  private static final Logger LOG = Logger.getLogger(LuceneKnowledgeBase.class);
  private static final Duration PATIENCE = Duration.ofSeconds(1);

  /// How long the rest of the server has the processors to itself at its start, unless somebody
  /// searches before.
  private static final Duration HEAD_START = Duration.ofMillis(500);

  /// How much of a question a passage must cover to be worth a look; a model reads it with its own
  /// eyes.
  private static final double RELEVANT = 0.3;

  /// Longer searches look at more candidates for an answer than they return.
  private static final int CANDIDATES = 8;

  private final KnowledgeConfig config;
  private final Path folder;
  private final InstantSource clock;
  private final Duration patience;
  private final Thread thread;
  private final CountDownLatch wanted = new CountDownLatch(1);
  private final CountDownLatch built = new CountDownLatch(1);
  private final Semaphore news = new Semaphore(0);
  private final Optional<Extraction> extraction;
  private final Optional<StoredDocuments> stored;
  private volatile boolean closing;
  private volatile State state = new State(Optional.empty(), Optional.empty(), 0);

  private record State(
      Optional<PassageIndex> index, Optional<FolderIndexer> files, int ownDocuments) {}

  /// Looks through the folder in the background, beginning half a second later or with the first
  /// search.
  ///
  /// @param folder made where it is not there
  /// @param stored the documents of the database
  public LuceneKnowledgeBase(
      KnowledgeConfig config,
      Path folder,
      InstantSource clock,
      Extraction extraction,
      StoredDocuments stored) {
    this(config, folder, clock, PATIENCE, Optional.of(extraction), Optional.of(stored));
  }

  /// @param patience how long a search waits for the first look, and the end for the thread
  LuceneKnowledgeBase(KnowledgeConfig config, Path folder, InstantSource clock, Duration patience) {
    this(config, folder, clock, patience, Optional.empty(), Optional.empty());
  }

  private LuceneKnowledgeBase(
      KnowledgeConfig config,
      Path folder,
      InstantSource clock,
      Duration patience,
      Optional<Extraction> extraction,
      Optional<StoredDocuments> stored) {
    this.extraction = extraction;
    this.stored = stored;
    this.patience = patience;
    this.config = config;
    this.folder = folder;
    this.clock = clock;
    makeFolder(); // at once, so that a file can be put in as soon as the server is there
    this.thread = Thread.ofPlatform().daemon().name("knowledge").start(this::keep);
  }

  @Override
  public List<Passage> search(Query query) {
    return hits(query, query.limit()).stream()
        .filter(hit -> hit.coverage() >= RELEVANT)
        .map(PassageIndex.Hit::passage)
        .toList();
  }

  @Override
  public Optional<Extract> answer(Query query) {
    return Extracts.of(hits(query, CANDIDATES), query.locale());
  }

  @Override
  public Inventory inventory() {
    State now = state;
    return new Inventory(
        now.ownDocuments()
            + now.files().map(FolderIndexer::documents).orElse(0)
            + stored.map(StoredDocuments::documents).orElse(0),
        now.index().map(PassageIndex::passages).orElse(0),
        now.files().map(FolderIndexer::refused).orElse(List.of()));
  }

  /// Has documents looked for now that may have changed, and not only when it is time to.
  public void changed() {
    news.release();
  }

  @Override
  public void close() {
    closing = true;
    news.release();
    wanted.countDown();
    try {
      thread.join(patience);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private List<PassageIndex.Hit> hits(Query query, int limit) {
    wanted.countDown();
    try {
      var _ = built.await(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return List.of();
    }
    return state
        .index()
        .map(index -> index.search(query.tenantId(), query.characterId(), query.question(), limit))
        .orElse(List.of());
  }

  private void keep() {
    try {
      var _ = wanted.await(HEAD_START.toMillis(), TimeUnit.MILLISECONDS);
      build();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      LOG.error("The knowledge base has stopped", e);
    } finally {
      built.countDown();
    }
  }

  private void build() throws InterruptedException {
    try (PassageIndex index = new PassageIndex()) {
      int own = config.ownDocuments() ? putOwnDocuments(index) : 0;
      FolderIndexer files =
          new FolderIndexer(folder, config.maxFileBytes(), index, clock, extraction);
      state = new State(Optional.of(index), Optional.of(files), own);
      look(() -> stored.ifPresent(documents -> documents.sync(index)));
      look(files::run);
      built.countDown();
      while (!closing) {
        boolean told = news.tryAcquire(config.scanInterval().toMillis(), TimeUnit.MILLISECONDS);
        news.drainPermits();
        look(() -> stored.ifPresent(documents -> documents.sync(index)));
        if (!told) {
          look(files::run);
        }
      }
      state = new State(Optional.empty(), Optional.empty(), 0);
    }
  }

  private static void look(Runnable look) {
    try {
      look.run();
    } catch (MagpieException e) {
      LOG.debug("The documents of the database cannot be read for now", e);
    } catch (RuntimeException e) {
      LOG.error("Looking for changes of documents failed", e);
    }
  }

  private static int putOwnDocuments(PassageIndex index) {
    try {
      Map<String, String> documents = OwnDocuments.read();
      documents.forEach((path, text) ->
          index.put(
              new IndexedDocument(
                  Principal.DEFAULT_TENANT,
                  "magpie:" + path,
                  FolderIndexer.version(text),
                  Set.of(),
                  Splitter.split(text, path, true))));
      index.refresh();
      return documents.size();
    } catch (IOException | RuntimeException e) {
      LOG.warn("The product's own documentation cannot be searched", e);
      return 0;
    }
  }

  private void makeFolder() {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      LOG.warnf("Knowledge folder %s cannot be made: %s", folder, e);
    }
  }
}
