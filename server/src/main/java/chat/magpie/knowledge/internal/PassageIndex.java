package chat.magpie.knowledge.internal;

import chat.magpie.knowledge.Vectors;
import chat.magpie.llm.Embeddings;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;

/// The passages of all documents in memory, an index to each tenant. Any number of threads write
/// and search; what one writes, searches see after [#refresh].
final class PassageIndex implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(PassageIndex.class);

  private final Map<String, TenantIndex> tenants = new ConcurrentHashMap<>();

  private final Embeddings embeddings;
  private final VectorFiller filler;

  /// Passages get their vectors in the background, while they are found by their words already.
  PassageIndex(Embeddings embeddings, Vectors vectors) {
    this.embeddings = embeddings;
    this.filler = new VectorFiller(embeddings, vectors);
  }

  /// Puts a document in, in place of what it was before.
  void put(IndexedDocument document) {
    filler.fill(
        document.tenantId(),
        tenants.computeIfAbsent(document.tenantId(), tenant -> new TenantIndex()).put(document));
  }

  /// Takes a document out; nothing happens where there is none of this name.
  void remove(String tenantId, String documentId) {
    TenantIndex index = tenants.get(tenantId);
    if (index != null) {
      index.remove(documentId);
    }
  }

  /// Shows searches what was put in and taken out.
  void refresh() {
    tenants.values().forEach(TenantIndex::refresh);
  }

  /// How many passages there are, of all tenants together.
  int passages() {
    return tenants.values().stream().mapToInt(TenantIndex::passages).sum();
  }

  /// How many passages still wait for their vectors.
  int waiting() {
    return filler.waiting();
  }

  /// What the tenant's documents for all characters and for this one have to say.
  Ranking search(String tenantId, Optional<String> characterId, String question) {
    TenantIndex index = tenants.get(tenantId);
    if (index == null) {
      return new Ranking(List.of(), false);
    }
    Map<String, CompactVector> meaning = meaning(question);
    return new Ranking(index.candidates(characterId, question, meaning), !meaning.isEmpty());
  }

  private Map<String, CompactVector> meaning(String question) {
    if (!embeddings.available() || !filler.any() || question.isBlank()) {
      return Map.of();
    }
    Optional<String> space = embeddings.spaceOf(question);
    if (space.isEmpty()) {
      return Map.of();
    }
    try {
      Map<String, CompactVector> meaning = new HashMap<>();
      embeddings
          .ofQuestion(question, Set.of(space.get()))
          .forEach((name, vector) -> meaning.put(name, new CompactVector(vector)));
      return meaning;
    } catch (Embeddings.EmbeddingFailed e) {
      LOG.debugf("Searching by words alone: %s", e.getMessage());
      return Map.of();
    }
  }

  @Override
  public void close() {
    filler.close();
    tenants.values().forEach(TenantIndex::close);
  }
}
