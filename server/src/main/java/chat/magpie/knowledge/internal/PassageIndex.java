package chat.magpie.knowledge.internal;

import chat.magpie.knowledge.Passage;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/// The passages of all documents in memory, an index to each tenant. Any number of threads write
/// and search; what one writes, searches see after [#refresh].
final class PassageIndex implements AutoCloseable {
  private final Map<String, TenantIndex> tenants = new ConcurrentHashMap<>();

  /// A passage and how much of the question it covers, 0 to 1.
  record Hit(Passage passage, double coverage) {}

  /// Puts a document in, in place of what it was before.
  void put(IndexedDocument document) {
    tenants.computeIfAbsent(document.tenantId(), tenant -> new TenantIndex()).put(document);
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

  /// The tenant's best passages among those for all characters and for this one, best first.
  List<Hit> search(String tenantId, Optional<String> characterId, String question, int limit) {
    TenantIndex index = tenants.get(tenantId);
    return index == null ? List.of() : index.search(characterId, question, limit);
  }

  @Override
  public void close() {
    tenants.values().forEach(TenantIndex::close);
  }
}
