package chat.magpie.knowledge.internal;

import java.util.Map;

/// What a question means, as vectors.
///
/// @param own the space that fits its script
/// @param vectors by their spaces; none where it is searched for by its words alone
record Meant(String own, Map<String, CompactVector> vectors) {
  static final Meant NOTHING = new Meant("", Map.of());
}
