package chat.magpie.knowledge.internal;

import chat.magpie.identity.Principal;
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
  private final CountDownLatch closing = new CountDownLatch(1);
  private volatile State state = new State(Optional.empty(), Optional.empty(), 0);

  private record State(
      Optional<PassageIndex> index, Optional<FolderIndexer> files, int ownDocuments) {}

  /// Looks through the folder in the background, beginning half a second later or with the first
  /// search.
  ///
  /// @param folder made where it is not there
  public LuceneKnowledgeBase(KnowledgeConfig config, Path folder, InstantSource clock) {
    this(config, folder, clock, PATIENCE);
  }

  /// @param patience how long a search waits for the first look, and the end for the thread
  LuceneKnowledgeBase(KnowledgeConfig config, Path folder, InstantSource clock, Duration patience) {
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
        now.ownDocuments() + now.files().map(FolderIndexer::documents).orElse(0),
        now.index().map(PassageIndex::passages).orElse(0),
        now.files().map(FolderIndexer::refused).orElse(List.of()));
  }

  @Override
  public void close() {
    closing.countDown();
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
      FolderIndexer files = new FolderIndexer(folder, config.maxFileBytes(), index, clock);
      state = new State(Optional.of(index), Optional.of(files), own);
      do {
        look(files);
        built.countDown();
      } while (!closing.await(config.scanInterval().toMillis(), TimeUnit.MILLISECONDS));
      state = new State(Optional.empty(), Optional.empty(), 0);
    }
  }

  private static void look(FolderIndexer files) {
    try {
      files.run();
    } catch (RuntimeException e) {
      LOG.error("Looking through the knowledge folder failed", e);
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
