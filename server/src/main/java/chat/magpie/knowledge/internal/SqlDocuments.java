package chat.magpie.knowledge.internal;

import chat.magpie.identity.Audit;
import chat.magpie.identity.AuditEntry;
import chat.magpie.identity.Principal;
import chat.magpie.kernel.WellFormed;
import chat.magpie.knowledge.Document;
import chat.magpie.knowledge.Documents;
import chat.magpie.knowledge.Faq;
import chat.magpie.knowledge.FaqEntry;
import chat.magpie.knowledge.internal.DocumentRows.About;
import chat.magpie.knowledge.internal.DocumentRows.NewVersion;
import chat.magpie.knowledge.internal.DocumentRows.Outcome;
import chat.magpie.sql.Database;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jooq.DSLContext;

/// Documents in the SQL database.
public final class SqlDocuments implements Documents {
  static final String KIND = "knowledge_document";
  private static final int PAGE = 200;

  /// So many entries share a transaction, so that others get their turn in between.
  private static final int BATCH = 100;

  private final Database database;
  private final Audit audit;
  private final InstantSource clock;
  private final int versionsKept;
  private final Consumer<String> changed;

  /// @param changed is told the tenant whose documents have changed, after the commit
  public SqlDocuments(
      Database database,
      Audit audit,
      InstantSource clock,
      int versionsKept,
      Consumer<String> changed) {
    this.database = database;
    this.audit = audit;
    this.clock = clock;
    this.versionsKept = versionsKept;
    this.changed = changed;
  }

  @Override
  public Listed list(Principal caller, Filter filter, Optional<String> cursor, int limit) {
    DocumentRules.require(caller);
    filter.text().ifPresent(text -> WellFormed.require("q", text, DocumentRules.TITLE));
    Optional<String> after = cursor.map(DocumentRules::decode);
    int size = Math.clamp(limit, 1, PAGE);
    List<Document> found =
        database.read(sql -> DocumentRows.after(sql, caller.tenantId(), filter, after, size + 1));
    return found.size() <= size
        ? new Listed(found, Optional.empty())
        : new Listed(
            found.subList(0, size), Optional.of(DocumentRules.cursor(found.get(size - 1).id())));
  }

  @Override
  public Document get(Principal caller, String id) {
    DocumentRules.require(caller);
    DocumentRules.known(id);
    return database
        .read(sql -> DocumentRows.find(sql, caller.tenantId(), id))
        .orElseThrow(DocumentRules::absent);
  }

  @Override
  public List<Document.Version> versions(Principal caller, String id) {
    DocumentRules.require(caller);
    DocumentRules.known(id);
    List<Document.Version> versions =
        database.read(sql -> DocumentRows.versions(sql, caller.tenantId(), id));
    if (versions.isEmpty()) {
      throw DocumentRules.absent();
    }
    return versions;
  }

  @Override
  public Content content(Principal caller, String id, Optional<String> version) {
    Document document = get(caller, id);
    Document.Version wanted =
        version.map(name -> named(versions(caller, id), name)).orElse(document.current());
    Extracted content =
        database
            .read(sql -> DocumentRows.content(sql, caller.tenantId(), id, wanted.number()))
            .orElseThrow(DocumentRules::absent);
    return new Content(document, wanted, content.text(), content.entries());
  }

  /// By its number or the beginning of its hash.
  private static Document.Version named(List<Document.Version> versions, String name) {
    return versions.stream()
        .filter(version ->
            Long.toString(version.number()).equals(name)
                || version.label().equals(name)
                || version.contentHash().equals(name))
        .findFirst()
        .orElseThrow(DocumentRules::absent);
  }

  @Override
  public Document change(Principal caller, String id, Change change) {
    DocumentRules.require(caller);
    DocumentRules.known(id);
    change.title().ifPresent(t -> WellFormed.requireFilled("title", t, DocumentRules.TITLE));
    change.characterIds().ifPresent(DocumentRules::characters);
    String tenant = caller.tenantId();
    Document now =
        database.write(sql -> {
          long revision = DocumentRows.revise(sql, tenant);
          Document before = DocumentRows.find(sql, tenant, id).orElseThrow(DocumentRules::absent);
          long number = change.version().orElse(before.current().number());
          if (DocumentRows.versions(sql, tenant, id).stream()
              .noneMatch(version -> version.number() == number)) {
            throw DocumentRules.invalid("version: there is none with this number");
          }
          About about =
              new About(
                  before.faq(),
                  change
                      .title()
                      .map(DocumentRules::title)
                      .filter(t -> !t.isEmpty())
                      .orElse(before.title()),
                  before.language(),
                  change.characterIds().orElse(before.characterIds()),
                  change.enabled().orElse(before.enabled()));
          DocumentRows.update(
              sql, tenant, id, about, number, before.versions(), revision, clock.millis());
          Document after = DocumentRows.find(sql, tenant, id).orElseThrow(DocumentRules::absent);
          AuditEntry.between(KIND + ".changed", KIND, id, state(before), state(after))
              .ifPresent(entry -> audit.record(sql, caller, entry));
          return after;
        });
    changed.accept(tenant);
    return now;
  }

  @Override
  public void delete(Principal caller, String id) {
    DocumentRules.require(caller);
    DocumentRules.known(id);
    String tenant = caller.tenantId();
    database.write(sql -> {
      DocumentRows.revise(sql, tenant);
      Document before = DocumentRows.find(sql, tenant, id).orElseThrow(DocumentRules::absent);
      var _ = DocumentRows.delete(sql, tenant, id);
      audit.record(sql, caller, AuditEntry.deleted(KIND, id, state(before)));
      return before;
    });
    changed.accept(tenant);
  }

  @Override
  public Written putFaq(Principal caller, List<FaqEntry> entries) {
    DocumentRules.require(caller);
    DocumentRules.check(entries);
    Map<Outcome, Integer> outcomes = new EnumMap<>(Outcome.class);
    for (int from = 0; from < entries.size(); from += BATCH) {
      List<FaqEntry> some = entries.subList(from, Math.min(entries.size(), from + BATCH));
      List<Outcome> became = database.write(sql -> putFaq(sql, caller, some));
      became.forEach(outcome -> outcomes.merge(outcome, 1, Integer::sum));
      changed.accept(caller.tenantId());
    }
    return new Written(
        outcomes.getOrDefault(Outcome.CREATED, 0),
        outcomes.getOrDefault(Outcome.CHANGED, 0),
        outcomes.getOrDefault(Outcome.UNCHANGED, 0));
  }

  private List<Outcome> putFaq(DSLContext sql, Principal caller, List<FaqEntry> entries) {
    String tenant = caller.tenantId();
    long revision = DocumentRows.revise(sql, tenant);
    List<Outcome> became = new ArrayList<>();
    List<String> touched = new ArrayList<>();
    for (FaqEntry entry : entries) {
      Outcome outcome = put(sql, caller, entry, revision);
      became.add(outcome);
      if (outcome != Outcome.UNCHANGED) {
        touched.add(entry.id());
      }
    }
    if (!touched.isEmpty()) {
      audit.record(
          sql,
          caller,
          new AuditEntry(
              "knowledge_faq.written",
              "knowledge_faq",
              touched.getFirst(),
              Map.of(),
              Map.of("entries", touched.stream().sorted().toList())));
    }
    return became;
  }

  /// Within the caller's transaction, after [DocumentRows#revise].
  Outcome put(DSLContext sql, Principal caller, FaqEntry entry, long revision) {
    Faq said = new Faq(entry.questions(), entry.answer());
    String canonical = String.valueOf(KnowledgeJson.entries(List.of(said)));
    boolean enabled =
        DocumentRows.find(sql, caller.tenantId(), entry.id()).map(Document::enabled).orElse(true);
    return DocumentRows.put(
        sql,
        caller.tenantId(),
        entry.id(),
        new About(
            true,
            DocumentRules.title(entry.questions().getFirst()),
            entry.language(),
            entry.characterIds(),
            enabled),
        new NewVersion(
            DocumentRules.hash(canonical),
            Document.Source.FAQ,
            "",
            "faq",
            canonical.length(),
            new Extracted("", entry.answer(), List.of(said)),
            caller.userId()),
        revision,
        clock.millis(),
        versionsKept);
  }

  static Map<String, Object> state(Document document) {
    Map<String, Object> state = new TreeMap<>();
    state.put("title", document.title());
    state.put("enabled", document.enabled());
    state.put("version", document.current().number());
    state.put("content_hash", document.current().contentHash());
    state.put("source", document.current().source().name());
    state.put("origin", document.current().origin());
    state.put("character_ids", sorted(document.characterIds()));
    return state;
  }

  private static List<String> sorted(Set<String> texts) {
    return texts.stream().sorted().toList();
  }
}
