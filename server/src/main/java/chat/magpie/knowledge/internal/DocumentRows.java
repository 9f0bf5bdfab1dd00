package chat.magpie.knowledge.internal;

import static chat.magpie.knowledge.internal.KnowledgeTables.*;
import static org.jooq.impl.DSL.lower;
import static org.jooq.impl.DSL.noCondition;

import chat.magpie.kernel.ErrorCode;
import chat.magpie.kernel.MagpieException;
import chat.magpie.knowledge.Document;
import chat.magpie.knowledge.Documents;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.SelectConditionStep;

/// The statements on documents and their versions; each runs within the caller's transaction.
final class DocumentRows {
  private static final int MOST = 20_000;

  private static final List<Field<?>> COLUMNS =
      List.of(
          TENANT,
          ID,
          FAQ,
          TITLE,
          LANGUAGE,
          CHARACTERS,
          ENABLED,
          CURRENT,
          VERSIONS,
          CHANGED_IN,
          CREATED_BY,
          CREATED_AT,
          UPDATED_AT);

  private static final List<Field<?>> VERSION_COLUMNS =
      List.of(NUMBER, HASH, SOURCE, ORIGIN, FORMAT, BYTES, VERSION_BY, VERSION_AT);

  private DocumentRows() {}

  /// A version to be.
  ///
  /// @param who brings it in
  record NewVersion(
      String contentHash,
      Document.Source source,
      String origin,
      String format,
      long bytes,
      Extracted extracted,
      String who) {}

  /// What is said about a document besides.
  record About(
      boolean faq,
      String title,
      Optional<String> language,
      Set<String> characterIds,
      boolean enabled) {}

  /// What became of it.
  enum Outcome {
    CREATED,
    CHANGED,
    UNCHANGED
  }

  /// Counts a change of the tenant's documents. Whoever comes next waits here until the commit, so
  /// that changes are seen in the order of their numbers.
  static long revise(DSLContext sql, String tenantId) {
    int counted = 0;
    while (counted == 0) {
      counted =
          sql.update(REVISION)
              .set(REVISION_NUMBER, REVISION_NUMBER.plus(1))
              .where(REVISION_TENANT.eq(tenantId))
              .execute();
      if (counted == 0) {
        counted =
            sql.insertInto(REVISION)
                .set(REVISION_TENANT, tenantId)
                .set(REVISION_NUMBER, 1L)
                .onConflictDoNothing()
                .execute();
      }
    }
    return sql.select(REVISION_NUMBER)
        .from(REVISION)
        .where(REVISION_TENANT.eq(tenantId))
        .fetchSingle()
        .value1();
  }

  static Optional<Document> find(DSLContext sql, String tenantId, String id) {
    return joined(sql)
        .and(TENANT.eq(tenantId))
        .and(ID.eq(id))
        .fetchOptional(DocumentRows::document);
  }

  static List<Document> after(
      DSLContext sql, String tenantId, Documents.Filter filter, Optional<String> after, int limit) {
    Condition text =
        filter
            .text()
            .map(part -> lower(TITLE).contains(part.toLowerCase(Locale.ROOT)))
            .orElse(noCondition());
    return joined(sql)
        .and(TENANT.eq(tenantId))
        .and(after.map(ID::gt).orElse(noCondition()))
        .and(filter.faq().map(faq -> FAQ.eq(faq ? 1 : 0)).orElse(noCondition()))
        .and(text)
        .orderBy(ID)
        .limit(limit)
        .fetch(DocumentRows::document);
  }

  private static SelectConditionStep<Record> joined(DSLContext sql) {
    return sql.select(Stream.concat(COLUMNS.stream(), VERSION_COLUMNS.stream()).toList())
        .from(DOCUMENT)
        .join(VERSION)
        .on(OF_TENANT.eq(TENANT), OF_DOCUMENT.eq(ID), NUMBER.eq(CURRENT))
        .where(noCondition());
  }

  /// Puts a version in, as the current one; nothing new where the current one has the same content
  /// and all else is as it was. To be called after [#revise].
  ///
  /// @param kept so many versions stay
  static Outcome put(
      DSLContext sql,
      String tenantId,
      String id,
      About about,
      NewVersion version,
      long revision,
      long now,
      int kept) {
    Optional<Document> before = find(sql, tenantId, id);
    if (before.isEmpty()) {
      if (sql.fetchCount(DOCUMENT, TENANT.eq(tenantId)) >= MOST) {
        throw new MagpieException(
            ErrorCode.CONFLICT, "The tenant has " + MOST + " documents already.");
      }
      insert(sql, tenantId, id, about, version.who(), revision, now);
      insert(sql, tenantId, id, 1, version, now);
      return Outcome.CREATED;
    }
    Document was = before.get();
    if (was.faq() != about.faq()) {
      throw new MagpieException(
          ErrorCode.CONFLICT, "The id is that of a document of another kind.");
    }
    boolean same = was.current().contentHash().equals(version.contentHash());
    if (same && about(was).equals(about)) {
      return Outcome.UNCHANGED;
    }
    long number = was.current().number();
    long versions = was.versions();
    if (!same) {
      number = ++versions;
      insert(sql, tenantId, id, number, version, now);
      trim(sql, tenantId, id, number, kept);
    }
    update(sql, tenantId, id, about, number, versions, revision, now);
    return Outcome.CHANGED;
  }

  static About about(Document document) {
    return new About(
        document.faq(),
        document.title(),
        document.language(),
        document.characterIds(),
        document.enabled());
  }

  static void update(
      DSLContext sql,
      String tenantId,
      String id,
      About about,
      long current,
      long versions,
      long revision,
      long now) {
    sql.update(DOCUMENT)
        .set(TITLE, about.title())
        .set(LANGUAGE, about.language().orElse(null))
        .set(CHARACTERS, KnowledgeJson.texts(about.characterIds()))
        .set(ENABLED, about.enabled() ? 1 : 0)
        .set(CURRENT, current)
        .set(VERSIONS, versions)
        .set(CHANGED_IN, revision)
        .set(UPDATED_AT, now)
        .where(TENANT.eq(tenantId), ID.eq(id))
        .execute();
  }

  private static void insert(
      DSLContext sql,
      String tenantId,
      String id,
      About about,
      String who,
      long revision,
      long now) {
    sql.insertInto(DOCUMENT)
        .set(TENANT, tenantId)
        .set(ID, id)
        .set(FAQ, about.faq() ? 1 : 0)
        .set(TITLE, about.title())
        .set(LANGUAGE, about.language().orElse(null))
        .set(CHARACTERS, KnowledgeJson.texts(about.characterIds()))
        .set(ENABLED, about.enabled() ? 1 : 0)
        .set(CURRENT, 1L)
        .set(VERSIONS, 1L)
        .set(CHANGED_IN, revision)
        .set(CREATED_BY, who)
        .set(CREATED_AT, now)
        .set(UPDATED_AT, now)
        .execute();
  }

  private static void insert(
      DSLContext sql, String tenantId, String id, long number, NewVersion version, long now) {
    sql.insertInto(VERSION)
        .set(OF_TENANT, tenantId)
        .set(OF_DOCUMENT, id)
        .set(NUMBER, number)
        .set(HASH, version.contentHash())
        .set(SOURCE, version.source().name())
        .set(ORIGIN, version.origin())
        .set(FORMAT, version.format())
        .set(BYTES, version.bytes())
        .set(HEADING, version.extracted().heading())
        .set(CONTENT, version.extracted().text())
        .set(ENTRIES, KnowledgeJson.entries(version.extracted().entries()))
        .set(VERSION_BY, version.who())
        .set(VERSION_AT, now)
        .execute();
  }

  /// The oldest go, never the current one.
  private static void trim(DSLContext sql, String tenantId, String id, long current, int kept) {
    List<Long> numbers =
        sql.select(NUMBER)
            .from(VERSION)
            .where(OF_TENANT.eq(tenantId), OF_DOCUMENT.eq(id), NUMBER.ne(current))
            .orderBy(NUMBER.desc())
            .fetch(NUMBER);
    if (numbers.size() >= kept) {
      sql.deleteFrom(VERSION)
          .where(OF_TENANT.eq(tenantId), OF_DOCUMENT.eq(id), NUMBER.le(numbers.get(kept - 1)))
          .and(NUMBER.ne(current))
          .execute();
    }
  }

  static boolean delete(DSLContext sql, String tenantId, String id) {
    sql.deleteFrom(VERSION).where(OF_TENANT.eq(tenantId), OF_DOCUMENT.eq(id)).execute();
    return sql.deleteFrom(DOCUMENT).where(TENANT.eq(tenantId), ID.eq(id)).execute() == 1;
  }

  static List<Document.Version> versions(DSLContext sql, String tenantId, String id) {
    return sql.select(VERSION_COLUMNS)
        .from(VERSION)
        .where(OF_TENANT.eq(tenantId), OF_DOCUMENT.eq(id))
        .orderBy(NUMBER.desc())
        .fetch(DocumentRows::version);
  }

  /// What a version says.
  static Optional<Extracted> content(DSLContext sql, String tenantId, String id, long number) {
    return sql.select(HEADING, CONTENT, ENTRIES)
        .from(VERSION)
        .where(OF_TENANT.eq(tenantId), OF_DOCUMENT.eq(id), NUMBER.eq(number))
        .fetchOptional(row ->
            new Extracted(
                row.get(HEADING), row.get(CONTENT), KnowledgeJson.entries(row.get(ENTRIES))));
  }

  /// A document to be searched.
  record Searchable(Document document, Extracted content) {}

  /// Those of the ids that are enabled, with what they say now.
  static List<Searchable> searchable(DSLContext sql, String tenantId, Collection<String> ids) {
    List<Field<?>> all = new ArrayList<>(COLUMNS);
    all.addAll(VERSION_COLUMNS);
    all.addAll(List.of(HEADING, CONTENT, ENTRIES));
    return sql.select(all)
        .from(DOCUMENT)
        .join(VERSION)
        .on(OF_TENANT.eq(TENANT), OF_DOCUMENT.eq(ID), NUMBER.eq(CURRENT))
        .where(TENANT.eq(tenantId), ID.in(ids), ENABLED.eq(1))
        .fetch(row ->
            new Searchable(
                document(row),
                new Extracted(
                    row.get(HEADING), row.get(CONTENT), KnowledgeJson.entries(row.get(ENTRIES)))));
  }

  private static Document document(Record row) {
    return new Document(
        row.get(ID),
        row.get(FAQ) != 0,
        row.get(TITLE),
        Optional.ofNullable(row.get(LANGUAGE)),
        KnowledgeJson.texts(row.get(CHARACTERS)),
        row.get(ENABLED) != 0,
        version(row),
        row.get(VERSIONS),
        row.get(CREATED_BY),
        Instant.ofEpochMilli(row.get(CREATED_AT)),
        Instant.ofEpochMilli(row.get(UPDATED_AT)));
  }

  private static Document.Version version(Record row) {
    return new Document.Version(
        row.get(NUMBER),
        row.get(HASH),
        Document.Source.valueOf(row.get(SOURCE)),
        row.get(ORIGIN),
        row.get(FORMAT),
        row.get(BYTES),
        row.get(VERSION_BY),
        Instant.ofEpochMilli(row.get(VERSION_AT)));
  }
}
