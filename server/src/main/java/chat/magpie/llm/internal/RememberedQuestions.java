package chat.magpie.llm.internal;

import chat.magpie.llm.Embeddings;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;

/// Remembers the vectors of the last questions for a minute, since one turn asks for the same one
/// several times over. What was asked is kept as a hash only.
public final class RememberedQuestions implements Embeddings, Closing {
  private static final int MOST = 256;
  private static final long NANOS = Duration.ofMinutes(1).toNanos();

  private final Embeddings embeddings;
  private final Closing inner;
  private final LongSupplier nanoTime;
  private final LinkedHashMap<String, Remembered> questions = new LinkedHashMap<>();

  private record Remembered(Map<String, float[]> vectors, long at) {}

  /// @param nanoTime a monotonic clock, as [System#nanoTime]
  public <T extends Embeddings & Closing> RememberedQuestions(T embeddings, LongSupplier nanoTime) {
    this.embeddings = embeddings;
    this.inner = embeddings;
    this.nanoTime = nanoTime;
  }

  @Override
  public boolean available() {
    return embeddings.available();
  }

  @Override
  public List<Embedding> ofTexts(List<String> texts) {
    return embeddings.ofTexts(texts);
  }

  @Override
  public Optional<String> spaceOf(String text) {
    return embeddings.spaceOf(text);
  }

  @Override
  public Map<String, float[]> ofQuestion(String question, Set<String> spaces) {
    if (spaces.isEmpty()) {
      return Map.of();
    }
    String hash = hash(question);
    Map<String, float[]> vectors = new HashMap<>(remembered(hash));
    vectors.keySet().retainAll(spaces);
    Set<String> missing = new HashSet<>(spaces);
    missing.removeAll(vectors.keySet());
    if (!missing.isEmpty()) {
      Map<String, float[]> made = embeddings.ofQuestion(question, missing);
      vectors.putAll(made);
      remember(hash, made);
    }
    return vectors;
  }

  private synchronized Map<String, float[]> remembered(String hash) {
    long now = nanoTime.getAsLong();
    questions.values().removeIf(known -> now - known.at() > NANOS);
    Remembered known = questions.get(hash);
    return known == null ? Map.of() : known.vectors();
  }

  private synchronized void remember(String hash, Map<String, float[]> made) {
    if (made.isEmpty()) {
      return;
    }
    Map<String, float[]> all = new HashMap<>(made);
    Remembered known = questions.remove(hash);
    if (known != null) {
      known.vectors().forEach(all::putIfAbsent);
    }
    questions.put(hash, new Remembered(Map.copyOf(all), nanoTime.getAsLong()));
    if (questions.size() > MOST) {
      questions.pollFirstEntry();
    }
  }

  private static String hash(String question) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256")
                  .digest(question.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    inner.close();
  }
}
