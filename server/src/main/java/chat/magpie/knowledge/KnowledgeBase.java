package chat.magpie.knowledge;

import java.util.List;
import java.util.Optional;

/// Documents, searchable in Chinese and English. A file that is added to the knowledge folder,
/// changed or removed shows within seconds; those of the folder and the product's own are the
/// default tenant's, for all of its characters.
public interface KnowledgeBase {
  /// The best passages, best first; empty where nothing fits.
  List<Passage> search(Query query);

  /// An answer made of passages alone, without a model; empty where nothing fits well enough.
  Optional<Extract> answer(Query query);

  /// Documents that are indexed, and files that were refused, with the reason.
  Inventory inventory();

  /// What is asked, and by whom: nothing is found in documents of other tenants, nor in those that
  /// are for other characters only.
  ///
  /// @param characterId who is to answer; only what is for all characters is searched if absent
  /// @param locale the language of an answer's own words, such as `zh-CN`
  /// @param limit passages at most; an answer takes as many as it needs
  record Query(
      String tenantId, Optional<String> characterId, String question, String locale, int limit) {}

  /// An answer in Markdown and the passages it was made of.
  record Extract(String text, List<Passage> passages) {}

  /// What is indexed.
  record Inventory(int documents, int passages, List<Refused> refused) {}

  /// A file that is not indexed.
  record Refused(String path, String reason) {}
}
