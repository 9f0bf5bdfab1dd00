package chat.magpie.knowledge;

import chat.magpie.identity.Principal;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// The documents of a tenant, with all they have said. What is committed here is searched on this
/// node at once and on all others within seconds, whether or not they can be told.
///
/// All of it needs [chat.magpie.identity.Permission#MANAGE_KNOWLEDGE], else `FORBIDDEN`; what is
/// not the caller's tenant's is `NOT_FOUND`. Changes are in the audit log.
public interface Documents {
  /// Entries that one call takes at most.
  int BULK = 1_000;

  /// Documents by id; `BAD_CURSOR` for a cursor that is none.
  Listed list(Principal caller, Filter filter, Optional<String> cursor, int limit);

  Document get(Principal caller, String id);

  /// All versions that are kept, newest first.
  List<Document.Version> versions(Principal caller, String id);

  /// What it says.
  ///
  /// @param version a number, or a hash as in citations; the current one if absent
  Content content(Principal caller, String id, Optional<String> version);

  /// Changes what is said about the document, and which of its versions counts.
  Document change(Principal caller, String id, Change change);

  void delete(Principal caller, String id);

  /// Writes entries of an FAQ, each in place of what was under its id. An entry that says what it
  /// said gets no new version. `CONFLICT` where the id is that of another document.
  Written putFaq(Principal caller, List<FaqEntry> entries);

  /// Which ones; an empty field lets all through.
  ///
  /// @param text part of the title, in any case
  record Filter(Optional<String> text, Optional<Boolean> faq) {}

  /// Some documents and where the next begin.
  record Listed(List<Document> items, Optional<String> nextCursor) {
    public Listed {
      items = List.copyOf(items);
    }
  }

  /// A version with its text.
  ///
  /// @param text Markdown
  /// @param entries questions and answers where it has such
  record Content(Document document, Document.Version version, String text, List<Faq> entries) {
    public Content {
      entries = List.copyOf(entries);
    }
  }

  /// What shall be different; an empty field stays as it is.
  ///
  /// @param version the number of the version that shall count
  record Change(
      Optional<String> title,
      Optional<Boolean> enabled,
      Optional<Set<String>> characterIds,
      Optional<Long> version) {}

  /// What became of entries.
  record Written(int created, int changed, int unchanged) {}
}
