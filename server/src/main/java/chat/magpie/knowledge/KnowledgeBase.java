package chat.magpie.knowledge;

import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/// Documents, searchable in Chinese and English. A file that is added to the knowledge folder,
/// changed or removed shows within seconds; those of the folder and the product's own are the
/// default tenant's, for all of its characters.
public interface KnowledgeBase {
  /// The best passages, best first; empty where nothing fits.
  List<Passage> search(Query query);

  /// An answer made of passages alone, without a model; empty where nothing fits well enough.
  Optional<Extract> answer(Query query);

  /// What the documents have to say, best first, whether it is an answer or not.
  Findings find(Query query);

  /// Documents that are indexed, and files that were refused, with the reason.
  Inventory inventory();

  /// Whether there are documents of anybody's beside the product's own.
  boolean filled();

  /// What is asked, and by whom: nothing is found in documents of other tenants, nor in those that
  /// are for other characters only.
  ///
  /// @param characterId who is to answer; only what is for all characters is searched if absent
  /// @param locale the language of an answer's own words, such as `zh-CN`
  /// @param limit passages at most; an answer takes as many as it needs
  record Query(
      String tenantId, Optional<String> characterId, String question, String locale, int limit) {}

  /// What was found.
  record Findings(Outcome outcome, List<Found> found) {}

  /// What the first of what was found are.
  enum Outcome {
    /// The first is an answer.
    ANSWER,
    /// The first two are answers, and which one is meant cannot be said.
    CHOICE,
    /// None is sure enough.
    NONE
  }

  /// A passage that was found.
  ///
  /// @param coverage how much of the question occurs in it, 0 to 1
  /// @param similarity how near it is in meaning, at most 1; absent where only words were compared
  record Found(Passage passage, double coverage, OptionalDouble similarity) {}

  /// An answer in Markdown and the passages it was made of.
  record Extract(String text, List<Passage> passages) {}

  /// What is indexed.
  ///
  /// @param awaitingVectors passages that are found by their words alone until they have a vector;
  ///   0 where embeddings are off
  record Inventory(int documents, int passages, int awaitingVectors, List<Refused> refused) {}

  /// A file that is not indexed.
  record Refused(String path, String reason) {}
}
