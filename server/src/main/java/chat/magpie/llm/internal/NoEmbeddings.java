package chat.magpie.llm.internal;

import chat.magpie.llm.Embeddings;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Embeddings that are switched off.
public final class NoEmbeddings implements Embeddings {
  @Override
  public boolean available() {
    return false;
  }

  @Override
  public List<Embedding> ofTexts(List<String> texts) {
    throw new IllegalStateException("Embeddings are off");
  }

  @Override
  public Map<String, float[]> ofQuestion(String question, Set<String> spaces) {
    return Map.of();
  }
}
