package chat.magpie.knowledge.internal;

import chat.magpie.identity.Principal;
import chat.magpie.kernel.MagpieException;
import chat.magpie.knowledge.KnowledgeBase;
import chat.magpie.knowledge.KnowledgeConfig;
import chat.magpie.knowledge.Passage;
import chat.magpie.knowledge.Vectors;
import chat.magpie.llm.Embeddings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/// A knowledge base in memory, built when it starts and kept equal to its folder by one background
/// thread. A search that comes before the first look at all documents is over waits for it, ten
/// seconds at most: an answer a little late after a start is better than none.
public final class LuceneKnowledgeBase implements KnowledgeBase, AutoCloseable {
  private static final Logger LOG = Logger.getLogger(LuceneKnowledgeBase.class);
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Duration END = Duration.ofSeconds(1);

  /// How long the rest of the server has the processors to itself at its start, unless somebody
  /// searches before.
  private static final Duration HEAD_START = Duration.ofMillis(500);

  private final KnowledgeConfig config;
  private final Path folder;
  private final InstantSource clock;
  private final Embeddings embeddings;
  private final Vectors vectors;
  private final Duration patience;
  private final Thread thread;
  private final CountDownLatch wanted = new CountDownLatch(1);
  private final CountDownLatch built = new CountDownLatch(1);
  private final Semaphore news = new Semaphore(0);
  private final Optional<Extraction> extraction;
  private final Optional<StoredDocuments> stored;
  private volatile boolean closing;
  private volatile State state = State.NONE;
  private volatile Set<String> own = Set.of();
  private boolean withOwn;

  private record State(Optional<PassageIndex> index, Optional<FolderIndexer> files) {
    static final State NONE = new State(Optional.empty(), Optional.empty());
  }

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
      StoredDocuments stored,
      Embeddings embeddings,
      Vectors vectors) {
    this(
        config,
        folder,
        clock,
        embeddings,
        vectors,
        PATIENCE,
        Optional.of(extraction),
        Optional.of(stored));
  }

  /// @param patience how long a search waits for the first look
  LuceneKnowledgeBase(
      KnowledgeConfig config,
      Path folder,
      InstantSource clock,
      Embeddings embeddings,
      Vectors vectors,
      Duration patience) {
    this(config, folder, clock, embeddings, vectors, patience, Optional.empty(), Optional.empty());
  }

  private LuceneKnowledgeBase(
      KnowledgeConfig config,
      Path folder,
      InstantSource clock,
      Embeddings embeddings,
      Vectors vectors,
      Duration patience,
      Optional<Extraction> extraction,
      Optional<StoredDocuments> stored) {
    this.embeddings = embeddings;
    this.vectors = vectors;
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
    return ranking(query).relevant().stream()
        .limit(Math.max(0, query.limit()))
        .map(one -> one.candidate().passage().passage(one.score()))
        .toList();
  }

  @Override
  public Findings find(Query query) {
    Ranking ranking = ranking(query);
    return new Findings(
        ranking.outcome(),
        ranking.all().stream()
            .limit(Math.max(0, query.limit()))
            .map(LuceneKnowledgeBase::found)
            .toList());
  }

  private static Found found(Ranking.Ranked one) {
    Candidate candidate = one.candidate();
    return new Found(
        candidate.passage().passage(one.score()),
        candidate.coverage(),
        switch (candidate.meaning()) {
          case Candidate.Meaning.Unknown() -> OptionalDouble.empty();
          case Candidate.Meaning.Known known ->
              OptionalDouble.of(Math.max(known.asked(), known.whole()));
        });
  }

  @Override
  public Optional<Extract> answer(Query query) {
    return Extracts.of(ranking(query), query.locale());
  }

  @Override
  public Inventory inventory() {
    State now = state;
    return new Inventory(
        own.size() + given(now),
        now.index().map(PassageIndex::passages).orElse(0),
        now.index().map(PassageIndex::waiting).orElse(0),
        now.files().map(FolderIndexer::refused).orElse(List.of()));
  }

  @Override
  public boolean filled() {
    return given(state) > 0;
  }

  private int given(State now) {
    return now.files().map(FolderIndexer::documents).orElse(0)
        + stored.map(StoredDocuments::documents).orElse(0);
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
      thread.join(END);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Ranking ranking(Query query) {
    wanted.countDown();
    try {
      var _ = built.await(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Ranking(TenantIndex.Found.NOTHING, false);
    }
    return state
        .index()
        .map(index -> index.search(query.tenantId(), query.characterId(), query.question()))
        .orElseGet(() -> new Ranking(TenantIndex.Found.NOTHING, false));
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
    try (PassageIndex index = new PassageIndex(embeddings, vectors)) {
      FolderIndexer files =
          new FolderIndexer(folder, config.maxFileBytes(), index, clock, extraction);
      state = new State(Optional.of(index), Optional.of(files));
      look(() -> stored.ifPresent(documents -> documents.sync(index)));
      look(files::run);
      keepOwn(index, files);
      built.countDown();
      while (!closing) {
        boolean told = news.tryAcquire(config.scanInterval().toMillis(), TimeUnit.MILLISECONDS);
        news.drainPermits();
        look(() -> stored.ifPresent(documents -> documents.sync(index)));
        if (!told) {
          look(files::run);
        }
        keepOwn(index, files);
      }
      state = State.NONE;
    }
  }

  /// Puts the product's own documentation in, or takes it out.
  private void keepOwn(PassageIndex index, FolderIndexer files) {
    boolean wanted =
        switch (config.ownDocuments()) {
          case ALWAYS -> true;
          case NEVER -> false;
          case AUTO ->
              files.documents() == 0
                  && stored.map(all -> all.documents(Principal.DEFAULT_TENANT)).orElse(0) == 0;
        };
    if (wanted != withOwn) {
      withOwn = wanted;
      if (wanted) {
        own = putOwnDocuments(index);
      } else {
        own.forEach(id -> index.remove(Principal.DEFAULT_TENANT, id));
        own = Set.of();
      }
      index.refresh();
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

  /// Returns their ids.
  private static Set<String> putOwnDocuments(PassageIndex index) {
    try {
      Map<String, String> documents = OwnDocuments.read();
      documents.forEach((path, text) ->
          index.put(
              new IndexedDocument(
                  Principal.DEFAULT_TENANT,
                  OwnDocuments.PREFIX + path,
                  FolderIndexer.version(text),
                  Set.of(),
                  Splitter.split(text, path, true))));
      return documents.keySet().stream()
          .map(path -> OwnDocuments.PREFIX + path)
          .collect(Collectors.toSet());
    } catch (IOException | RuntimeException e) {
      LOG.warn("The product's own documentation cannot be searched", e);
      return Set.of();
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
