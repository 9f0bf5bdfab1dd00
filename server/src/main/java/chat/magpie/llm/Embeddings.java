package chat.magpie.llm;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Turns text into vectors whose cosine says how near two texts are in meaning.
///
/// Texts of different scripts may be embedded by different models; vectors of different models
/// cannot be compared, so each names its space. Optional by nature: where [#available] is false or
/// a call fails, searches go on by words alone. Any number of threads may use it.
public interface Embeddings {
  /// Whether there is anything to embed with. Says nothing about whether it is loaded yet.
  boolean available();

  /// The vectors of texts that are to be found, each in the space that fits its script, in the
  /// order of the texts. Waits for a model that has to be loaded first: not for the way of a
  /// question. Text beyond some thousand characters says nothing.
  ///
  /// @throws EmbeddingFailed where not all could be embedded in time
  List<Embedding> ofTexts(List<String> texts);

  /// The space that a text's vector will be in; empty where only the vector tells.
  default Optional<String> spaceOf(String text) {
    return Optional.empty();
  }

  /// The vectors of a question, one in each of the spaces that are still served; an unknown space
  /// is left out. So is one whose model is not loaded yet: the question does not wait for it, but
  /// has it loaded for those that come later.
  ///
  /// @throws EmbeddingFailed where it could not be embedded in time
  Map<String, float[]> ofQuestion(String question, Set<String> spaces);

  /// A vector of length 1.
  ///
  /// @param space the model, and what else must agree for two vectors to be comparable
  @SuppressWarnings("ArrayRecordComponent") // never compared, and copying it would cost
  record Embedding(String space, float[] vector) {}

  /// No vectors for now.
  final class EmbeddingFailed extends RuntimeException {
    public EmbeddingFailed(String message, Throwable cause) {
      super(message, cause);
    }

    public EmbeddingFailed(String message) {
      super(message);
    }
  }
}
