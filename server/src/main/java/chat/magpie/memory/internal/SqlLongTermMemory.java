package chat.magpie.memory.internal;

import chat.magpie.llm.Embeddings;
import chat.magpie.memory.LongTermMemory;
import chat.magpie.memory.MemoryConfig;
import chat.magpie.memory.MemoryKey;
import chat.magpie.sql.Database;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jboss.logging.Logger;

/// Long-term memory over the stored messages: indexes of those who were here lately in memory, told
/// from the state of their conversations whether they are still true.
public final class SqlLongTermMemory implements LongTermMemory, AutoCloseable {
  private static final Logger LOG = Logger.getLogger(SqlLongTermMemory.class);

  /// So long it may take until somebody who had nothing but the conversation at hand is looked at
  /// again. What has come by then is late, but nothing that is gone can be seen by it.
  private static final Duration ALONE = Duration.ofSeconds(10);

  private static final int MOST_ALONE = 20_000;

  private final StoredTurns stored;
  private final Embeddings embeddings;
  private final Recollections recollections;
  private final VectorMaker vectors;
  private final InstantSource clock;
  private final int nearby;
  private final Timer timer;
  private final Map<MemoryKey, Alone> alone =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<MemoryKey, Alone> eldest) {
          return size() > MOST_ALONE;
        }
      };

  public SqlLongTermMemory(
      Database database,
      Embeddings embeddings,
      MemoryConfig config,
      MeterRegistry registry,
      InstantSource clock) {
    ZoneId zone = ZoneId.of(config.zone());
    this.stored = new StoredTurns(database, zone);
    this.embeddings = embeddings;
    this.clock = clock;
    this.nearby = config.maxContextMessages();
    this.recollections =
        new Recollections(
            config.recallCacheBytes(),
            owner -> new Recollection(owner, stored, config.recallTurns(), zone),
            registry);
    this.vectors = new VectorMaker(embeddings, stored, recollections);
    this.timer =
        Timer.builder("magpie.memory.recall.duration")
            .description("Time of a recall from long-term memory")
            .publishPercentileHistogram()
            .register(registry);
  }

  /// From now on vectors are made behind the requests.
  public void start() {
    vectors.start();
  }

  @Override
  public void close() {
    vectors.close();
  }

  @Override
  public Recall recall(MemoryKey owner, Question question) {
    if (question.within().isPresent() && isAlone(owner, question.within().get())) {
      return Recall.NOTHING;
    }
    return timer.record(() -> find(owner, question));
  }

  private Recall find(MemoryKey owner, Question question) {
    Map<String, StoredTurns.State> states = stored.states(owner);
    if (question.within().isPresent() && onlyThis(states, question.within().get())) {
      noteAlone(owner, question.within().get());
      return Recall.NOTHING;
    }
    // Outside of the lock, since it may take a while; most of those who ask have been here before.
    Map<String, float[]> asked = vectorsOf(owner, question.text());
    String spare = question.within().map(Within::conversationId).orElse("");
    Recollection recollection = recollections.of(owner);
    return recollection.use(
        states,
        spare,
        nearby,
        held -> {
          recollections.used(held.fresh());
          Recall recall = rank(held, question, asked);
          if (recall.pending() > 0) {
            vectors.want(owner);
          }
          return recall;
        });
  }

  private Recall rank(Recollection.Held held, Question question, Map<String, float[]> asked) {
    TurnIndex index = held.index();
    List<TurnIndex.Scored> ranked =
        index.rank(TurnIndex.Asked.of(question.text(), question.before(), held.zone(), asked));
    List<Found> found = new ArrayList<>();
    int tokens = 0;
    for (TurnIndex.Scored scored : ranked) {
      if (found.size() == question.limit()) {
        break;
      }
      if (question.within().isPresent()
          && (!scored.relevant() || isNear(scored, question.within().get()))) {
        continue;
      }
      int more = scored.turn().tokens();
      if (tokens + more > question.maxTokens() && !found.isEmpty()) {
        break;
      }
      tokens += more;
      found.add(
          new Found(
              scored.turn(), scored.score(), scored.lexical(), scored.dense(), scored.relevant()));
    }
    return new Recall(
        List.copyOf(found), !asked.isEmpty(), embeddings.available() ? index.pending() : 0);
  }

  private boolean isNear(TurnIndex.Scored scored, Within within) {
    return scored.turn().conversationId().equals(within.conversationId())
        && scored.turn().seq() > within.seq() - nearby;
  }

  /// What is compared with the question's meaning; nothing where that cannot be had.
  private Map<String, float[]> vectorsOf(MemoryKey owner, String question) {
    if (!embeddings.available() || question.isBlank()) {
      return Map.of();
    }
    Set<String> spaces = recollections.held(owner).map(Recollection::spaces).orElse(Set.of());
    if (spaces.isEmpty()) {
      return Map.of();
    }
    try {
      return embeddings.ofQuestion(question, spaces);
    } catch (Embeddings.EmbeddingFailed e) {
      LOG.debug("A recall goes by words alone", e);
      return Map.of();
    }
  }

  /// Whether there is nothing but the last messages of the conversation itself.
  private boolean onlyThis(Map<String, StoredTurns.State> states, Within within) {
    return within.seq() <= nearby
        && states.entrySet().stream()
            .filter(entry -> entry.getValue().messages() > entry.getValue().forgotten())
            .allMatch(entry -> entry.getKey().equals(within.conversationId()));
  }

  /// Whoever had nothing but this conversation, and until when that is believed.
  private record Alone(String conversationId, Instant until) {}

  private boolean isAlone(MemoryKey owner, Within within) {
    synchronized (alone) {
      Alone noted = alone.get(owner);
      return noted != null
          && noted.conversationId.equals(within.conversationId())
          && clock.instant().isBefore(noted.until)
          && within.seq() <= nearby;
    }
  }

  private void noteAlone(MemoryKey owner, Within within) {
    synchronized (alone) {
      alone.put(owner, new Alone(within.conversationId(), clock.instant().plus(ALONE)));
    }
  }

  private void forgetAlone(MemoryKey owner) {
    synchronized (alone) {
      alone.remove(owner);
    }
  }

  @Override
  public void forget(String tenantId, String userId, Optional<String> characterId) {
    stored.forget(tenantId, userId, characterId);
  }

  @Override
  public void erased(List<String> messageIds) {
    stored.dropVectors(messageIds);
  }

  /// Drops what was made of a conversation that is being erased.
  public void erasedConversation(String conversationId) {
    stored.dropVectorsOf(conversationId);
  }

  @Override
  public void prepare(MemoryKey owner) {
    forgetAlone(owner);
    if (embeddings.available()) {
      vectors.want(owner);
    }
  }

  /// Makes one batch of the vectors that are wanted, now; false where none are.
  boolean makeVectors() {
    return vectors.step();
  }
}
