package chat.magpie.knowledge.internal;

import chat.magpie.knowledge.Vectors;
import chat.magpie.llm.Embeddings;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.jboss.logging.Logger;

/// The passages of all documents in memory, an index to each tenant. Any number of threads write
/// and search; what one writes, searches see after [#refresh].
final class PassageIndex implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(PassageIndex.class);

  private static final Pattern HAN = Pattern.compile("\\p{IsHan}+");
  private static final Pattern LATIN_WORD = Pattern.compile("[A-Za-z]{2}");

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
      return new Ranking(TenantIndex.Found.NOTHING, false);
    }
    Meant meant = meant(question);
    return new Ranking(index.candidates(characterId, question, meant), !meant.vectors().isEmpty());
  }

  /// A question that mixes languages is compared with the passages of either.
  private Meant meant(String question) {
    if (!embeddings.available() || question.isBlank()) {
      return Meant.NOTHING;
    }
    Optional<String> own = embeddings.spaceOf(question);
    if (own.isEmpty()) {
      return Meant.NOTHING;
    }
    Set<String> spaces = new LinkedHashSet<>();
    spaces.add(own.get());
    if (LATIN_WORD.matcher(question).find()) {
      embeddings.spaceOf(HAN.matcher(question).replaceAll(" ")).ifPresent(spaces::add);
    }
    spaces.retainAll(filler.spaces());
    if (spaces.isEmpty()) {
      return Meant.NOTHING;
    }
    try {
      Map<String, CompactVector> vectors = new HashMap<>();
      embeddings
          .ofQuestion(question, spaces)
          .forEach((name, vector) -> vectors.put(name, new CompactVector(vector)));
      return new Meant(own.get(), vectors);
    } catch (Embeddings.EmbeddingFailed e) {
      LOG.debugf("Searching by words alone: %s", e.getMessage());
      return Meant.NOTHING;
    }
  }

  @Override
  public void close() {
    filler.close();
    tenants.values().forEach(TenantIndex::close);
  }
}
