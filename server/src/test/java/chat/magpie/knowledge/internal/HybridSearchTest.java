package chat.magpie.knowledge.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.magpie.knowledge.KnowledgeBase.Extract;
import chat.magpie.knowledge.KnowledgeBase.Outcome;
import chat.magpie.knowledge.Vectors;
import chat.magpie.knowledge.internal.RetrievalFigures.ForgetfulVectors;
import chat.magpie.llm.Embeddings;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Searches by words and by meaning together.
@Tag("M-06")
@Tag("M-10")
class HybridSearchTest {
  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final String SPACE = "colours";

  private final Colours colours = new Colours();

  /// Knows three meanings, whatever the words: what is said of red, of green, and the rest.
  private static final class Colours implements Embeddings {
    private volatile boolean broken;
    private volatile boolean loading;
    private final AtomicInteger embedded = new AtomicInteger();

    @Override
    public boolean available() {
      return true;
    }

    @Override
    public Optional<String> spaceOf(String text) {
      return Optional.of(SPACE);
    }

    @Override
    public List<Embedding> ofTexts(List<String> texts) {
      if (broken) {
        throw new EmbeddingFailed("broken");
      }
      embedded.addAndGet(texts.size());
      return texts.stream().map(text -> new Embedding(SPACE, vector(text))).toList();
    }

    @Override
    public Map<String, float[]> ofQuestion(String question, Set<String> spaces) {
      if (broken) {
        throw new EmbeddingFailed("broken");
      }
      return loading || !spaces.contains(SPACE) ? Map.of() : Map.of(SPACE, vector(question));
    }

    private static float[] vector(String text) {
      String low = text.toLowerCase(java.util.Locale.ROOT);
      boolean red = low.matches("(?s).*(crimson|scarlet|ruby).*");
      boolean green = low.matches("(?s).*(emerald|lime).*");
      return new float[] {red ? 1 : 0, green ? 1 : 0, red || green ? 0 : 1};
    }
  }

  @Test
  void whatIsMeantIsFoundWithoutASharedWord() {
    try (PassageIndex index = filled(new ForgetfulVectors())) {
      Ranking ranking = index.search("t", Optional.empty(), "ruby?");
      assertThat(ranking.all().getFirst().candidate().passage().text()).isEqualTo("Ask Anna.");
      assertThat(ranking.outcome()).isEqualTo(Outcome.ANSWER);
      assertThat(index.search("t", Optional.empty(), "weather tomorrow").outcome())
          .isEqualTo(Outcome.NONE);
      assertThat(index.search("other", Optional.empty(), "ruby?").all()).isEmpty();
    }
  }

  @Test
  void anAnswerIsGivenAsItStandsWithItsSource() {
    try (PassageIndex index = filled(new ForgetfulVectors())) {
      Extract answer =
          Extracts.of(index.search("t", Optional.empty(), "ruby?"), "en").orElseThrow();
      assertThat(answer.text()).isEqualTo("Ask Anna.\n\n[1] Who has scarlet?");
      assertThat(answer.passages()).hasSize(1);
    }
  }

  @Test
  void ofTwoThatAreCloseBothAreOffered() {
    try (PassageIndex index = filled(new ForgetfulVectors())) {
      put(index, "red-2", "Who has crimson?", "Ask Berta.", Set.of());
      index.refresh();
      await().atMost(PATIENCE).until(() -> index.waiting() == 0);
      Ranking ranking = index.search("t", Optional.empty(), "ruby?");
      assertThat(ranking.outcome()).isEqualTo(Outcome.CHOICE);
      assertThat(Extracts.of(ranking, "zh-CN").orElseThrow().text())
          .startsWith("您想问的可能是")
          .contains("**Who has scarlet?**\n\nAsk Anna.\n\n[1] Who has scarlet?")
          .contains("**Who has crimson?**\n\nAsk Berta.\n\n[2] Who has crimson?");
    }
  }

  @Test
  void aDocumentIsFoundByItsWordsBeforeItHasVectors() {
    colours.broken = true;
    try (PassageIndex index = new PassageIndex(colours, new ForgetfulVectors())) {
      put(index, "red", "Who has scarlet?", "Ask Anna.", Set.of());
      index.refresh();
      assertThat(index.search("t", Optional.empty(), "scarlet").outcome())
          .isEqualTo(Outcome.ANSWER);
      assertThat(index.waiting()).isEqualTo(1);
    }
  }

  @Test
  void aQuestionWithoutAVectorIsSearchedForByItsWords() {
    try (PassageIndex index = filled(new ForgetfulVectors())) {
      colours.loading = true;
      assertThat(index.search("t", Optional.empty(), "ruby?").all()).isEmpty();
      assertThat(index.search("t", Optional.empty(), "scarlet").outcome())
          .isEqualTo(Outcome.ANSWER);
      colours.broken = true;
      assertThat(index.search("t", Optional.empty(), "scarlet").outcome())
          .isEqualTo(Outcome.ANSWER);
    }
  }

  @Test
  void whatIsForAnotherCharacterIsNotFoundByItsMeaningEither() {
    try (PassageIndex index = new PassageIndex(colours, new ForgetfulVectors())) {
      put(index, "red", "Who has scarlet?", "Ask Anna.", Set.of("mira"));
      index.refresh();
      await().atMost(PATIENCE).until(() -> index.waiting() == 0);
      assertThat(index.search("t", Optional.of("mira"), "ruby?").all()).hasSize(1);
      assertThat(index.search("t", Optional.of("leo"), "ruby?").all()).isEmpty();
      assertThat(index.search("t", Optional.empty(), "ruby?").all()).isEmpty();
    }
  }

  @Test
  void aQuestionThatMixesLanguagesIsComparedWithBoth() {
    try (PassageIndex index = new PassageIndex(new TwoScripts(), new ForgetfulVectors())) {
      put(index, "wash", "How is a jacket cleaned?", "By hand.", Set.of());
      put(index, "size", "怎么选尺码？", "看尺码表。", Set.of());
      index.refresh();
      await().atMost(PATIENCE).until(() -> index.waiting() == 0);
      assertThat(index.search("t", Optional.empty(), "洗 laundry").all())
          .first()
          .satisfies(one -> assertThat(one.candidate().passage().text()).isEqualTo("By hand."));
      assertThat(index.search("t", Optional.empty(), "洗衣").all())
          .noneSatisfy(one -> assertThat(one.candidate().passage().text()).isEqualTo("By hand."));
    }
  }

  /// One space for texts with Chinese in them, and one for the rest, where all is about washing.
  private static final class TwoScripts implements Embeddings {
    @Override
    public boolean available() {
      return true;
    }

    @Override
    public Optional<String> spaceOf(String text) {
      return Optional.of(text.codePoints().anyMatch(Character::isIdeographic) ? "zh" : "en");
    }

    @Override
    public List<Embedding> ofTexts(List<String> texts) {
      return texts.stream()
          .map(text -> new Embedding(spaceOf(text).orElseThrow(), vector(text)))
          .toList();
    }

    @Override
    public Map<String, float[]> ofQuestion(String question, Set<String> spaces) {
      Map<String, float[]> vectors = new HashMap<>();
      spaces.forEach(space -> vectors.put(space, vector(question)));
      return vectors;
    }

    private static float[] vector(String text) {
      return text.matches("(?s).*(jacket|hand|laundry|洗).*")
          ? new float[] {1, 0}
          : new float[] {0, 1};
    }
  }

  @Test
  void vectorsThatAreKeptAreNotMadeAgain() {
    Remembering kept = new Remembering();
    filled(kept).close();
    int made = colours.embedded.get();
    assertThat(made).isPositive();
    try (PassageIndex again = filled(kept)) {
      assertThat(colours.embedded.get()).isEqualTo(made);
      assertThat(again.search("t", Optional.empty(), "ruby?").outcome()).isEqualTo(Outcome.ANSWER);
    }
  }

  /// Keeps vectors while the test runs.
  private static final class Remembering implements Vectors {
    private final Map<String, float[]> all = new ConcurrentHashMap<>();

    @Override
    public Map<String, float[]> find(
        String tenantId, String space, Collection<String> contentHashes) {
      Map<String, float[]> found = new HashMap<>();
      for (String hash : contentHashes) {
        float[] vector = all.get(tenantId + space + hash);
        if (vector != null) {
          found.put(hash, vector);
        }
      }
      return found;
    }

    @Override
    public void put(String tenantId, String space, Map<String, float[]> vectors) {
      vectors.forEach((hash, vector) -> all.put(tenantId + space + hash, vector));
    }
  }

  private PassageIndex filled(Vectors vectors) {
    PassageIndex index = new PassageIndex(colours, vectors);
    put(index, "red", "Who has scarlet?", "Ask Anna.", Set.of());
    put(index, "green", "Who has emerald?", "Ask Gerda.", Set.of());
    index.refresh();
    await().atMost(PATIENCE).until(() -> index.waiting() == 0);
    return index;
  }

  private static void put(
      PassageIndex index, String id, String question, String answer, Set<String> characterIds) {
    index.put(
        new IndexedDocument(
            "t",
            id,
            "1",
            characterIds,
            new Splitter.Split(
                question, List.of(new Splitter.Piece("", answer, List.of(question))))));
  }
}
