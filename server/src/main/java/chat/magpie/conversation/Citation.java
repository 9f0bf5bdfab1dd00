package chat.magpie.conversation;

/// A passage of the knowledge base that an answer rests on.
///
/// @param documentId the document's path below its knowledge folder
/// @param title the document's title
/// @param section the heading the passage stands under; empty at the top
/// @param version the document's content hash when it was cited
/// @param snippet the passage, shortened
public record Citation(
    String documentId, String title, String section, String version, String snippet) {}
