package chat.magpie.knowledge.internal;

import static chat.magpie.knowledge.internal.KnowledgeTables.*;

import chat.magpie.knowledge.Document;
import chat.magpie.knowledge.internal.DocumentRows.Searchable;
import chat.magpie.sql.Database;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jboss.logging.Logger;

/// Keeps this node's index equal to the documents in the database: each [#sync] looks which tenants
/// have changed, which of their documents, and reads those. One thread at a time.
public final class StoredDocuments {
  private static final Logger LOG = Logger.getLogger(StoredDocuments.class);
  private static final int BATCH = 50;

  private final Database database;
  private final Map<String, Long> revisions = new HashMap<>();
  private final Map<String, Map<String, Long>> known = new HashMap<>();
  private volatile int documents;

  public StoredDocuments(Database database) {
    this.database = database;
  }

  /// How many are in the index.
  int documents() {
    return documents;
  }

  /// How many of a tenant's are; for the thread that syncs.
  int documents(String tenantId) {
    return known.getOrDefault(tenantId, Map.of()).size();
  }

  void sync(PassageIndex index) {
    Map<String, Long> now =
        database.read(sql ->
            sql.select(REVISION_TENANT, REVISION_NUMBER)
                .from(REVISION)
                .fetchMap(REVISION_TENANT, REVISION_NUMBER));
    for (Map.Entry<String, Long> tenant : now.entrySet()) {
      if (!tenant.getValue().equals(revisions.get(tenant.getKey()))) {
        sync(index, tenant.getKey());
        revisions.put(tenant.getKey(), tenant.getValue());
      }
    }
    documents = known.values().stream().mapToInt(Map::size).sum();
  }

  private void sync(PassageIndex index, String tenant) {
    Map<String, Long> before = known.computeIfAbsent(tenant, _ -> new HashMap<>());
    Map<String, Long> now =
        database.read(sql ->
            sql.select(ID, CHANGED_IN)
                .from(DOCUMENT)
                .where(TENANT.eq(tenant), ENABLED.eq(1))
                .fetchMap(ID, CHANGED_IN));
    for (String gone : List.copyOf(before.keySet())) {
      if (!now.containsKey(gone)) {
        index.remove(tenant, gone);
        before.remove(gone);
      }
    }
    List<String> wanted =
        now.entrySet().stream()
            .filter(entry -> !entry.getValue().equals(before.get(entry.getKey())))
            .map(Map.Entry::getKey)
            .sorted()
            .toList();
    for (int from = 0; from < wanted.size(); from += BATCH) {
      List<String> some = wanted.subList(from, Math.min(wanted.size(), from + BATCH));
      put(index, tenant, some, now, before);
      index.refresh();
    }
    index.refresh();
  }

  private void put(
      PassageIndex index,
      String tenant,
      List<String> ids,
      Map<String, Long> now,
      Map<String, Long> before) {
    List<Searchable> found = database.read(sql -> DocumentRows.searchable(sql, tenant, ids));
    Set<String> gone = new HashSet<>(ids);
    for (Searchable one : found) {
      Document document = one.document();
      gone.remove(document.id());
      try {
        index.put(indexed(tenant, one));
      } catch (RuntimeException e) {
        LOG.warnf(e, "Document %s of the knowledge base cannot be searched", document.id());
        index.remove(tenant, document.id());
      }
      before.put(document.id(), now.getOrDefault(document.id(), 0L));
    }
    // disabled or deleted in between; the next look knows it too
    for (String id : new ArrayList<>(gone)) {
      index.remove(tenant, id);
      before.remove(id);
    }
  }

  private static IndexedDocument indexed(String tenant, Searchable one) {
    Document document = one.document();
    boolean markdown = !document.current().format().equals("text");
    Splitter.Split content = Extraction.split(one.content(), document.title(), markdown);
    return new IndexedDocument(
        tenant,
        document.id(),
        document.current().label(),
        document.characterIds(),
        new Splitter.Split(document.title(), content.pieces()));
  }
}
