package chat.magpie.llm.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import chat.magpie.llm.Embeddings;
import chat.magpie.llm.Embeddings.Embedding;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// What all embeddings do.
@Tag("A-04")
@Tag("M-10")
abstract class EmbeddingsContract {
  static final Duration PATIENCE = Duration.ofMinutes(1);

  abstract Embeddings embeddings();

  @Test
  void everyTextGetsAVectorOfLengthOneInItsPlace() {
    List<String> texts =
        List.of("How do I return a parcel?", "怎么退货？", "Cooking pasta takes ten minutes.");
    List<Embedding> all = embeddings().ofTexts(texts);
    assertThat(all).hasSize(3);
    for (int i = 0; i < texts.size(); i++) {
      Embedding alone = embeddings().ofTexts(List.of(texts.get(i))).getFirst();
      assertThat(alone.space()).isEqualTo(all.get(i).space());
      assertThat(embeddings().spaceOf(texts.get(i))).contains(alone.space());
      assertThat(cosine(alone.vector(), all.get(i).vector())).isCloseTo(1, within(1e-3));
      assertThat(cosine(alone.vector(), alone.vector())).isCloseTo(1, within(1e-4));
    }
    assertThat(embeddings().ofTexts(List.of())).isEmpty();
  }

  @Test
  void aQuestionIsNearerToWhatItMeansThanToAnythingElse() {
    List<Embedding> all =
        embeddings().ofTexts(List.of("return a parcel to the shop", "boil pasta with salt"));
    float[] question = question("returning a parcel", all.getFirst().space());
    assertThat(cosine(question, all.getFirst().vector()))
        .isGreaterThan(cosine(question, all.getLast().vector()));
  }

  @Test
  void anUnknownSpaceIsLeftOut() {
    String space = embeddings().ofTexts(List.of("parcel")).getFirst().space();
    await()
        .atMost(PATIENCE)
        .untilAsserted(() ->
            assertThat(embeddings().ofQuestion("parcel", Set.of(space, "of-yore")))
                .containsOnlyKeys(space));
    assertThat(embeddings().ofQuestion("parcel", Set.of("of-yore"))).isEmpty();
    assertThat(embeddings().ofQuestion("parcel", Set.of())).isEmpty();
  }

  @Test
  void anyTextIsAText() {
    List<String> odd =
        List.of(
            "",
            " \n\t",
            "?!。，…",
            "😀🇨🇳👩‍👧",
            "\ud800 half \udc00",
            "\u0000\u0007",
            "x".repeat(1_000_000),
            "字".repeat(100_000),
            "word ".repeat(100_000));
    List<Embedding> all = embeddings().ofTexts(odd);
    assertThat(all).hasSize(odd.size());
    for (int i = 0; i < odd.size(); i++) {
      float[] vector = all.get(i).vector();
      assertThat(cosine(vector, vector)).as("text %d", i).isCloseTo(1, within(1e-3));
      assertThat(question(odd.get(i), all.get(i).space())).hasSameSizeAs(vector);
    }
  }

  @Test
  void manyAskAtOnce() throws Exception {
    Embedding alone = embeddings().ofTexts(List.of("return a parcel")).getFirst();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<List<Embedding>>> all = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        all.add(threads.submit(() -> embeddings().ofTexts(List.of("return a parcel", "pasta"))));
      }
      for (Future<List<Embedding>> one : all) {
        assertThat(cosine(one.get().getFirst().vector(), alone.vector()))
            .isCloseTo(1, within(1e-3));
      }
    }
  }

  /// Its vector, when there is one.
  float[] question(String question, String space) {
    Map<String, float[]> vectors =
        await()
            .atMost(PATIENCE)
            .until(
                () -> embeddings().ofQuestion(question, Set.of(space)), found -> !found.isEmpty());
    return Objects.requireNonNull(vectors.get(space));
  }

  static double cosine(float[] one, float[] other) {
    assertThat(one).hasSameSizeAs(other);
    double sum = 0;
    for (int i = 0; i < one.length; i++) {
      sum += (double) one[i] * other[i];
    }
    return sum;
  }
}
