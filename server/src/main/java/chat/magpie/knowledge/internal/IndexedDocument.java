package chat.magpie.knowledge.internal;

import java.util.Set;

/// A document as searches see it.
///
/// @param documentId unique within its tenant
/// @param version what a citation names it by
/// @param characterIds the characters that answer from it; all of them if empty
record IndexedDocument(
    String tenantId,
    String documentId,
    String version,
    Set<String> characterIds,
    Splitter.Split content) {
  IndexedDocument {
    characterIds = Set.copyOf(characterIds);
  }
}
