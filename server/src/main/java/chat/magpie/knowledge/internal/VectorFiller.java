package chat.magpie.knowledge.internal;

import chat.magpie.knowledge.Vectors;
import chat.magpie.llm.Embeddings;
import chat.magpie.llm.Embeddings.Embedding;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// Gives passages their vectors, one after the other in a thread of its own: those that are kept
/// from before, the others made anew and kept. Where they cannot be had it tries again later.
///
/// The product's own documentation gets none: it is searched by words, and no model is loaded as
/// long as nobody has put in anything else.
final class VectorFiller implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(VectorFiller.class);
  private static final int BATCH = 16;
  private static final Duration PAUSE = Duration.ofSeconds(10);

  private final Embeddings embeddings;
  private final Vectors kept;
  private final BlockingQueue<Waiting> queue = new LinkedBlockingQueue<>();
  private final AtomicInteger waiting = new AtomicInteger();
  private final Set<String> spaces = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;
  private @Nullable Thread thread;

  private record Waiting(String tenantId, IndexedPassage passage) {}

  VectorFiller(Embeddings embeddings, Vectors kept) {
    this.embeddings = embeddings;
    this.kept = kept;
  }

  /// The spaces in which passages have vectors.
  Set<String> spaces() {
    return spaces;
  }

  /// How many passages have none yet.
  int waiting() {
    return waiting.get();
  }

  void fill(String tenantId, List<IndexedPassage> passages) {
    if (!embeddings.available() || closed) {
      return;
    }
    for (IndexedPassage passage : passages) {
      if (!passage.document().documentId().startsWith(OwnDocuments.PREFIX)) {
        waiting.incrementAndGet();
        queue.add(new Waiting(tenantId, passage));
      }
    }
    if (waiting.get() > 0) {
      start();
    }
  }

  private synchronized void start() {
    if (thread == null && !closed) {
      thread = Thread.ofPlatform().daemon().name("knowledge vectors").start(this::run);
    }
  }

  private void run() {
    try {
      while (!closed) {
        List<Waiting> some = new ArrayList<>(BATCH);
        some.add(queue.take());
        queue.drainTo(some, BATCH - 1);
        boolean done = false;
        while (!done && !closed) {
          done = filled(some);
          if (!done) {
            Thread.sleep(PAUSE);
          }
        }
        waiting.addAndGet(-some.size());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean filled(List<Waiting> some) {
    Map<String, List<Waiting>> byTenant = new HashMap<>();
    some.forEach(one -> byTenant.computeIfAbsent(one.tenantId(), t -> new ArrayList<>()).add(one));
    try {
      byTenant.forEach(this::fillTenant);
      return true;
    } catch (RuntimeException e) {
      LOG.warnf("Passages wait for their vectors: %s", e.getMessage());
      return false;
    }
  }

  private void fillTenant(String tenantId, List<Waiting> some) {
    Map<String, String> texts = new HashMap<>();
    for (Waiting one : some) {
      one.passage().questions().forEach(text -> texts.put(hash(text), text));
      one.passage().said().forEach(text -> texts.put(hash(text), text));
    }
    Map<String, Embedding> vectors = new HashMap<>(kept(tenantId, texts));
    List<Map.Entry<String, String>> missing =
        texts.entrySet().stream().filter(text -> !vectors.containsKey(text.getKey())).toList();
    List<Embedding> made = embeddings.ofTexts(missing.stream().map(Map.Entry::getValue).toList());
    Map<String, Map<String, float[]>> bySpace = new HashMap<>();
    for (int i = 0; i < made.size(); i++) {
      String hash = missing.get(i).getKey();
      Embedding embedding = made.get(i);
      vectors.put(hash, embedding);
      bySpace
          .computeIfAbsent(embedding.space(), space -> new HashMap<>())
          .put(hash, embedding.vector());
    }
    vectors.values().forEach(vector -> spaces.add(vector.space()));
    for (Waiting one : some) {
      one.passage()
          .vectors(
              new IndexedPassage.Vectors(
                  compact(one.passage().questions(), vectors),
                  compact(one.passage().said(), vectors)));
    }
    bySpace.forEach((space, all) -> kept.put(tenantId, space, all));
  }

  private Map<String, Embedding> kept(String tenantId, Map<String, String> texts) {
    Map<String, List<String>> bySpace = new HashMap<>();
    texts.forEach((hash, text) ->
        embeddings
            .spaceOf(text)
            .ifPresent(space -> bySpace.computeIfAbsent(space, s -> new ArrayList<>()).add(hash)));
    Map<String, Embedding> found = new HashMap<>();
    bySpace.forEach((space, hashes) ->
        kept.find(tenantId, space, hashes)
            .forEach((hash, vector) -> found.put(hash, new Embedding(space, vector))));
    return found;
  }

  private static Map<String, List<CompactVector>> compact(
      List<String> texts, Map<String, Embedding> vectors) {
    Map<String, List<CompactVector>> bySpace = new HashMap<>();
    for (String text : texts) {
      Embedding embedding = vectors.get(hash(text));
      if (embedding != null) {
        bySpace
            .computeIfAbsent(embedding.space(), space -> new ArrayList<>())
            .add(new CompactVector(embedding.vector()));
      }
    }
    return bySpace;
  }

  private static String hash(String text) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public synchronized void close() {
    closed = true;
    if (thread != null) {
      thread.interrupt();
    }
  }
}
