package chat.magpie.knowledge;

/// A piece of a document, as found.
///
/// @param documentId path below the knowledge folder, or `magpie:` and the path for the product's
///   own
/// @param title the document's title
/// @param section the headings the passage stands under, joined with ` › `; empty at the top
/// @param version hash of the document's content
/// @param text the passage, Markdown
/// @param score relevance; comparable within one search only
public record Passage(
    String documentId, String title, String section, String version, String text, float score) {}
