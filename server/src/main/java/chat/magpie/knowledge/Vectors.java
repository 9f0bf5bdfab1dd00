package chat.magpie.knowledge;

import java.util.Collection;
import java.util.Map;

/// Keeps the vectors of passages, so that they are computed once and not after every start. What is
/// kept may be lost at any time; a text that has the same hash has the same vector.
public interface Vectors {
  /// The vectors that are kept, by the hash of their text; those that are not are left out.
  ///
  /// @param space what the vectors were made with
  Map<String, float[]> find(String tenantId, String space, Collection<String> contentHashes);

  /// Keeps vectors by the hash of their text. One that is there already stays as it is.
  void put(String tenantId, String space, Map<String, float[]> vectors);
}
