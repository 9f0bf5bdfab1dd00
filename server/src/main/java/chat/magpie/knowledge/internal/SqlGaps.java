package chat.magpie.knowledge.internal;

import chat.magpie.identity.Audit;
import chat.magpie.identity.AuditEntry;
import chat.magpie.identity.Principal;
import chat.magpie.kernel.BackgroundWork;
import chat.magpie.kernel.ErrorCode;
import chat.magpie.kernel.Ids;
import chat.magpie.kernel.MagpieException;
import chat.magpie.kernel.WellFormed;
import chat.magpie.knowledge.Document;
import chat.magpie.knowledge.FaqEntry;
import chat.magpie.knowledge.Gap;
import chat.magpie.knowledge.Gaps;
import chat.magpie.sql.Database;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jooq.DSLContext;

/// Gaps in the SQL database. A question is noted by a thread of its own, so that no answer waits
/// for it; what a crash finds there, and what is too much, is not noted.
public final class SqlGaps implements Gaps, AutoCloseable {
  private static final System.Logger LOG = System.getLogger(SqlGaps.class.getName());
  private static final int WAITING = 1_000;
  private static final int QUESTION = 1_000;
  private static final int PAGE = 200;
  private static final int CURSOR = 200;

  private final Database database;
  private final Audit audit;
  private final InstantSource clock;
  private final SqlDocuments documents;
  private final Consumer<String> changed;
  private final BlockingQueue<Asked> waiting = new ArrayBlockingQueue<>(WAITING);
  private final BackgroundWork work = new BackgroundWork("knowledge-gaps");

  /// @param changed is told the tenant whose documents have changed, after the commit
  public SqlGaps(
      Database database,
      Audit audit,
      InstantSource clock,
      SqlDocuments documents,
      Consumer<String> changed) {
    this.database = database;
    this.audit = audit;
    this.clock = clock;
    this.documents = documents;
    this.changed = changed;
    work.start(() -> {
      while (!work.stopping() || !waiting.isEmpty()) {
        work.attempt(this::noteNext);
      }
    });
  }

  @Override
  public void note(Asked asked) {
    if (!waiting.offer(asked)) {
      LOG.log(System.Logger.Level.WARNING, "A question without answer was not noted: too many");
    }
  }

  private void noteNext() {
    Asked next;
    try {
      next = waiting.poll(100, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      work.stop();
      return;
    }
    if (next == null) {
      return;
    }
    String key = key(next.question());
    if (key.isEmpty()) {
      return;
    }
    Asked kept =
        new Asked(
            next.tenantId(),
            next.userId(),
            next.conversationId(),
            next.messageId(),
            shortened(next.question().strip()));
    try {
      database.write(sql -> {
        GapRows.note(sql, kept, DocumentRules.hash(key), Ids.next(), clock.millis());
        return true;
      });
    } catch (MagpieException e) {
      if (e.code().retryable() && !work.stopping()) {
        work.pause(Duration.ofSeconds(1));
        note(next);
      }
    }
  }

  private static String shortened(String question) {
    int end = Math.min(question.length(), QUESTION);
    if (end < question.length() && Character.isHighSurrogate(question.charAt(end - 1))) {
      end--;
    }
    return question.substring(0, end);
  }

  /// What same questions have in common: their letters and digits.
  static String key(String question) {
    StringBuilder key = new StringBuilder();
    Normalizer.normalize(shortened(question.strip()), Normalizer.Form.NFKC)
        .toLowerCase(Locale.ROOT)
        .codePoints()
        .filter(Character::isLetterOrDigit)
        .forEach(key::appendCodePoint);
    return key.toString();
  }

  @Override
  public Listed list(Principal caller, Optional<String> cursor, int limit) {
    DocumentRules.require(caller);
    Optional<GapRows.Place> after = cursor.map(SqlGaps::decode);
    int size = Math.clamp(limit, 1, PAGE);
    List<Gap> found = database.read(sql -> GapRows.open(sql, caller.tenantId(), after, size + 1));
    if (found.size() <= size) {
      return new Listed(found, Optional.empty());
    }
    Gap last = found.get(size - 1);
    return new Listed(
        found.subList(0, size),
        Optional.of(encode(new GapRows.Place(last.lastAt().toEpochMilli(), last.id()))));
  }

  @Override
  public Gap get(Principal caller, String id) {
    DocumentRules.require(caller);
    requireId(id);
    return database
        .read(sql -> GapRows.find(sql, caller.tenantId(), id))
        .orElseThrow(SqlGaps::absent);
  }

  @Override
  public Document answer(Principal caller, String id, String answer, List<String> questions) {
    Gap gap = get(caller, id);
    String tenant = caller.tenantId();
    Document made =
        database.write(sql -> {
          long revision = DocumentRows.revise(sql, tenant);
          Gap now = GapRows.find(sql, tenant, gap.id()).orElseThrow(SqlGaps::absent);
          FaqEntry entry = entry(sql, tenant, now, answer, questions);
          DocumentRules.check(List.of(entry));
          var _ = documents.put(sql, caller, entry, revision);
          GapRows.answered(sql, tenant, id, entry.id());
          Document document =
              DocumentRows.find(sql, tenant, entry.id()).orElseThrow(DocumentRules::absent);
          audit.record(
              sql,
              caller,
              new AuditEntry(
                  "knowledge_gap.answered",
                  "knowledge_gap",
                  id,
                  Map.of(),
                  Map.of("document_id", entry.id(), "version", document.current().number())));
          return document;
        });
    changed.accept(tenant);
    return made;
  }

  /// What was an entry already stays what it is but for its answer, and gets the question too.
  private static FaqEntry entry(
      DSLContext sql, String tenant, Gap gap, String answer, List<String> given) {
    String id = gap.documentId().orElse("gap-" + gap.id());
    Optional<Document> before = DocumentRows.find(sql, tenant, id);
    Set<String> questions = new LinkedHashSet<>(given);
    if (given.isEmpty()) {
      before
          .flatMap(entry -> DocumentRows.content(sql, tenant, id, entry.current().number()))
          .ifPresent(content -> content.entries().forEach(e -> questions.addAll(e.questions())));
      questions.add(gap.question());
    }
    return new FaqEntry(
        id,
        before.flatMap(Document::language),
        List.copyOf(questions),
        answer,
        before.map(Document::characterIds).orElse(Set.of()));
  }

  @Override
  public void dismiss(Principal caller, String id) {
    DocumentRules.require(caller);
    requireId(id);
    database.write(sql -> {
      if (!GapRows.dismiss(sql, caller.tenantId(), id)) {
        throw absent();
      }
      audit.record(
          sql,
          caller,
          new AuditEntry("knowledge_gap.dismissed", "knowledge_gap", id, Map.of(), Map.of()));
      return true;
    });
  }

  @Override
  public void forget(String tenantId, String userId) {
    waiting.removeIf(asked -> asked.tenantId().equals(tenantId) && asked.userId().equals(userId));
    database.write(sql -> {
      GapRows.forgetUser(sql, tenantId, userId);
      return true;
    });
  }

  @Override
  public void forgetConversation(String tenantId, String conversationId) {
    waiting.removeIf(asked -> asked.conversationId().equals(conversationId));
    database.write(sql -> {
      GapRows.forgetConversation(sql, tenantId, conversationId);
      return true;
    });
  }

  private static String encode(GapRows.Place place) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(
            ("g" + place.lastAt() + "." + place.id()).getBytes(StandardCharsets.US_ASCII));
  }

  private static GapRows.Place decode(String cursor) {
    if (cursor.length() <= CURSOR) {
      try {
        String text = new String(Base64.getUrlDecoder().decode(cursor), StandardCharsets.US_ASCII);
        int dot = text.indexOf('.');
        if (text.startsWith("g") && dot > 1 && text.substring(dot + 1).matches("[0-9a-f-]{36}")) {
          GapRows.Place place =
              new GapRows.Place(Long.parseLong(text.substring(1, dot)), text.substring(dot + 1));
          if (place.lastAt() >= 0 && encode(place).equals(cursor)) {
            return place;
          }
        }
      } catch (IllegalArgumentException e) {
        // Neither Base64 nor a number: refused below like everything else.
      }
    }
    throw new MagpieException(ErrorCode.BAD_CURSOR, "the cursor is not one of this list");
  }

  private static void requireId(String id) {
    if (!WellFormed.test(id)) {
      throw absent();
    }
  }

  private static MagpieException absent() {
    return new MagpieException(ErrorCode.NOT_FOUND, "There is no gap with this id.");
  }

  @Override
  public void close() {
    work.close();
  }
}
