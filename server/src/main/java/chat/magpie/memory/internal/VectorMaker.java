package chat.magpie.memory.internal;

import chat.magpie.kernel.BackgroundWork;
import chat.magpie.llm.Embeddings;
import chat.magpie.memory.MemoryKey;
import chat.magpie.memory.RememberedTurn;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedSet;
import org.jboss.logging.Logger;

/// Makes vectors of turns behind the requests, those of whoever asked last first.
final class VectorMaker implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(VectorMaker.class);
  private static final int BATCH = 16;
  private static final int CHARS = 2_000;
  private static final int MOST_WAITING = 10_000;
  private static final Duration IDLE = Duration.ofMillis(200);
  private static final Duration AFTER_FAILURE = Duration.ofSeconds(10);

  private final Embeddings embeddings;
  private final StoredTurns stored;
  private final Recollections recollections;
  private final BackgroundWork work = new BackgroundWork("memory-vectors");
  private final SequencedSet<MemoryKey> waiting = new LinkedHashSet<>();

  VectorMaker(Embeddings embeddings, StoredTurns stored, Recollections recollections) {
    this.embeddings = embeddings;
    this.stored = stored;
    this.recollections = recollections;
  }

  void start() {
    if (embeddings.available()) {
      work.start(this::run);
    }
  }

  @Override
  public void close() {
    work.close();
  }

  /// Asks for those of this owner.
  void want(MemoryKey owner) {
    synchronized (waiting) {
      if (waiting.size() < MOST_WAITING) {
        waiting.add(owner);
      }
    }
  }

  private void run() {
    while (!work.stopping()) {
      boolean[] more = {false};
      work.attempt(() -> more[0] = step());
      if (!more[0]) {
        work.pause(IDLE);
      }
    }
  }

  /// Makes those of one batch; false where none waits.
  boolean step() {
    MemoryKey owner;
    synchronized (waiting) {
      if (waiting.isEmpty()) {
        return false;
      }
      owner = waiting.removeLast();
    }
    Recollection recollection = recollections.of(owner);
    recollection.use(stored.states(owner), "", 0, Recollection.Held::fresh);
    List<RememberedTurn> turns = recollection.withoutVector(BATCH);
    if (turns.isEmpty()) {
      return true;
    }
    try {
      recollection.learn(make(turns));
    } catch (Embeddings.EmbeddingFailed e) {
      LOG.debug("Vectors of turns are made later", e);
      work.pause(AFTER_FAILURE);
    }
    want(owner);
    return true;
  }

  /// Another node may have made them.
  private Map<String, Vector> make(List<RememberedTurn> turns) {
    Map<String, Vector> known =
        new HashMap<>(stored.vectors(turns.stream().map(RememberedTurn::messageId).toList()));
    List<RememberedTurn> left =
        turns.stream().filter(turn -> !known.containsKey(turn.messageId())).toList();
    if (left.isEmpty()) {
      return known;
    }
    List<Embeddings.Embedding> made =
        embeddings.ofTexts(left.stream().map(turn -> cut(turn.text())).toList());
    List<Vector> vectors = new ArrayList<>();
    for (int i = 0; i < left.size(); i++) {
      Vector vector = Vector.of(made.get(i).space(), made.get(i).vector());
      vectors.add(vector);
      known.put(left.get(i).messageId(), vector);
    }
    stored.keep(left, vectors);
    return known;
  }

  private static String cut(String text) {
    if (text.length() <= CHARS) {
      return text;
    }
    int end = Character.isHighSurrogate(text.charAt(CHARS - 1)) ? CHARS - 1 : CHARS;
    return text.substring(0, end);
  }
}
