package chat.magpie.llm.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.magpie.llm.Embeddings;
import chat.magpie.llm.Embeddings.Embedding;
import java.io.InputStream;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class InProcessEmbeddingsTest extends EmbeddingsContract {
  private static final InProcessEmbeddings EMBEDDINGS =
      new InProcessEmbeddings(2, Duration.ofMinutes(10), Duration.ofSeconds(30));

  @AfterAll
  static void close() {
    EMBEDDINGS.close();
  }

  @Override
  Embeddings embeddings() {
    return EMBEDDINGS;
  }

  @Test
  void textsGoToTheModelOfTheirScript() {
    assertThat(EMBEDDINGS.ofTexts(List.of("退货", "return 退货", "return", "123")))
        .extracting(Embedding::space)
        .containsExactly(
            OnnxModel.CHINESE.space(),
            OnnxModel.CHINESE.space(),
            OnnxModel.ENGLISH.space(),
            OnnxModel.ENGLISH.space());
  }

  @Test
  void meaningCountsNotWords() {
    List<Embedding> english =
        EMBEDDINGS.ofTexts(List.of("How do I send an article back?", "Which stove is lightest?"));
    float[] asked = question("I want to return something", OnnxModel.ENGLISH.space());
    assertThat(cosine(asked, english.getFirst().vector()))
        .isGreaterThan(cosine(asked, english.getLast().vector()) + 0.1);
    List<Embedding> chinese = EMBEDDINGS.ofTexts(List.of("怎样办理退货？", "哪个炉头最轻？"));
    float[] gefragt = question("我想把东西寄回去", OnnxModel.CHINESE.space());
    assertThat(cosine(gefragt, chinese.getFirst().vector()))
        .isGreaterThan(cosine(gefragt, chinese.getLast().vector()) + 0.05);
  }

  @Test
  void aQuestionDoesNotWaitForAModelThatIsNotThere() {
    try (InProcessEmbeddings fresh =
        new InProcessEmbeddings(1, Duration.ofMinutes(10), Duration.ofSeconds(30))) {
      String space = OnnxModel.CHINESE.space();
      assertThat(fresh.available()).isTrue();
      assertThat(fresh.ofQuestion("退货", Set.of(space))).isEmpty();
      await()
          .atMost(PATIENCE)
          .until(() -> fresh.ofQuestion("退货", Set.of(space)).containsKey(space));
    }
  }

  @Test
  void aModelThatNobodyUsesGoesAndComesBack() throws Exception {
    LoadedModel model = new LoadedModel(OnnxModel.CHINESE, 1, Duration.ofMillis(200));
    assertThat(model.ready()).isFalse();
    float[] before = model.whenReady(encoder -> encoder.encode("退货"));
    await().atMost(PATIENCE).until(() -> !model.ready());
    float[] after = model.whenReady(encoder -> encoder.encode("退货"));
    assertThat(after).containsExactly(before);
    model.close();
    await().atMost(PATIENCE).until(() -> !model.ready());
  }

  @Test
  void whatIsBeyondOneWindowCounts() {
    String start = "The shop opens at nine. ".repeat(120);
    List<Embedding> all =
        EMBEDDINGS.ofTexts(
            List.of(start, start + "Elephants eat grass. ".repeat(120), "Elephants eat grass."));
    assertThat(cosine(all.get(1).vector(), all.get(2).vector()))
        .isGreaterThan(cosine(all.get(0).vector(), all.get(2).vector()) + 0.05);
  }

  @Test
  void wordsAreCutLikeTheModelsTeachersDid() throws Exception {
    try (InputStream in =
        InProcessEmbeddingsTest.class
            .getClassLoader()
            .getResourceAsStream(OnnxModel.ENGLISH.file() + "-tokenizer.json")) {
      assertThat(in).isNotNull();
      WordPieces pieces = WordPieces.read(in);
      assertThat(pieces.of("Hello, world!", 512)).containsExactly(101, 7592, 1010, 2088, 999, 102);
      assertThat(pieces.of("CAFÉ unaffable", 512))
          .containsExactly(101, 7668, 14477, 20961, 3468, 102);
      assertThat(pieces.of("x".repeat(101) + " hello", 512)).containsExactly(101, 100, 7592, 102);
      assertThat(pieces.of("hello ".repeat(1000), 512)).hasSize(512);
      assertThat(pieces.of("", 512)).containsExactly(101, 102);
    }
  }
}
