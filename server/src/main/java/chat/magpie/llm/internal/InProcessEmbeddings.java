package chat.magpie.llm.internal;

import chat.magpie.llm.Embeddings;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// Embeddings by the models that come with the product: one for texts with Chinese in them, another
/// for the rest. Neither is in memory before it is needed, nor long after.
public final class InProcessEmbeddings implements Embeddings, Closing {
  /// A question is what it begins with.
  private static final int QUESTION_CHARS = 1_000;

  /// Questions that are embedded side by side; others wait for their turn.
  private static final int QUESTIONS = 4;

  private final LoadedModel chinese;
  private final LoadedModel english;
  private final Duration questionTimeout;
  private final Semaphore texts;
  private final Semaphore questions = new Semaphore(QUESTIONS, true);

  /// Loads nothing yet.
  ///
  /// @param threads texts that are embedded side by side
  /// @param releaseAfter how long a model stays after its last use
  /// @param questionTimeout how long a question waits for its turn
  public InProcessEmbeddings(int threads, Duration releaseAfter, Duration questionTimeout) {
    this.chinese = new LoadedModel(OnnxModel.CHINESE, 1, releaseAfter);
    this.english = new LoadedModel(OnnxModel.ENGLISH, 1, releaseAfter);
    this.texts = new Semaphore(threads, true);
    this.questionTimeout = questionTimeout;
  }

  @Override
  public boolean available() {
    return !chinese.broken() || !english.broken();
  }

  @Override
  public List<Embedding> ofTexts(List<String> all) {
    List<Embedding> embedded = new ArrayList<>(all.size());
    try {
      for (String text : all) {
        LoadedModel model = modelOf(text);
        texts.acquire();
        try {
          embedded.add(
              new Embedding(
                  model.model().space(), model.whenReady(encoder -> encoder.encode(text))));
        } finally {
          texts.release();
        }
      }
    } catch (IOException e) {
      throw new EmbeddingFailed("Texts could not be embedded", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new EmbeddingFailed("Interrupted", e);
    }
    return embedded;
  }

  @Override
  public Optional<String> spaceOf(String text) {
    return Optional.of(modelOf(text).model().space());
  }

  private LoadedModel modelOf(String text) {
    return isChinese(text) ? chinese : english;
  }

  @Override
  public Map<String, float[]> ofQuestion(String question, Set<String> spaces) {
    List<LoadedModel> wanted =
        Stream.of(chinese, english).filter(m -> spaces.contains(m.model().space())).toList();
    String asked = question.substring(0, Math.min(question.length(), QUESTION_CHARS));
    Map<String, float[]> vectors = new HashMap<>();
    for (LoadedModel model : wanted) {
      embedded(model, asked).ifPresent(vector -> vectors.put(model.model().space(), vector));
    }
    return vectors;
  }

  private Optional<float[]> embedded(LoadedModel model, String question) {
    try {
      if (!questions.tryAcquire(questionTimeout.toNanos(), TimeUnit.NANOSECONDS)) {
        throw new EmbeddingFailed("Too many questions at once");
      }
      try {
        return model.ifReady(encoder -> encoder.encode(question));
      } finally {
        questions.release();
      }
    } catch (IOException e) {
      throw new EmbeddingFailed("The question could not be embedded", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new EmbeddingFailed("Interrupted", e);
    }
  }

  /// Whether the model for Chinese is the one for it.
  static boolean isChinese(String text) {
    return text.codePoints()
        .anyMatch(point -> Character.UnicodeScript.of(point) == Character.UnicodeScript.HAN);
  }

  @Override
  public void close() {
    chinese.close();
    english.close();
  }
}
