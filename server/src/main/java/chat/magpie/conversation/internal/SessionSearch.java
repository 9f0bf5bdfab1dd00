package chat.magpie.conversation.internal;

import static chat.magpie.conversation.internal.ConversationTables.*;
import static chat.magpie.conversation.internal.SessionTables.*;
import static org.jooq.impl.DSL.exists;
import static org.jooq.impl.DSL.noCondition;
import static org.jooq.impl.DSL.selectOne;

import chat.magpie.conversation.Conversation;
import chat.magpie.conversation.FoundSession;
import chat.magpie.conversation.Message;
import chat.magpie.conversation.Page;
import chat.magpie.conversation.Session;
import chat.magpie.conversation.SessionFilter;
import chat.magpie.sql.Database;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.Record;
import org.jooq.Result;

/// Lists and searches sessions.
///
/// A search reads messages by their index and compares them here, so that it finds the same on
/// every database; one call reads a bounded number of them and says where to go on.
final class SessionSearch {
  private static final int PAGE = 200;
  private static final int CHUNK = 500;

  /// Messages and sessions that one call looks through.
  private static final int BUDGET = 20_000;

  private static final int SESSIONS = 500;

  private final Database database;
  private final Rows rows;

  SessionSearch(Database database, Rows rows) {
    this.database = database;
    this.rows = rows;
  }

  Optional<Session> session(String tenantId, String id) {
    return database.read(sql ->
        SessionRows.sessions(
                sql,
                sql.select(SESSION_COLUMNS)
                    .from(CONVERSATION)
                    .where(CONVERSATION_ID.eq(id), CONVERSATION_TENANT.eq(tenantId))
                    .fetch())
            .stream()
            .findFirst());
  }

  Page<Session> list(String tenantId, SessionFilter filter, Optional<String> cursor, int limit) {
    int size = Math.clamp(limit, 1, PAGE);
    Condition after = after(filter, cursor);
    List<Session> found = database.read(sql -> sessions(sql, tenantId, filter, after, size + 1));
    return SqlConversations.page(found, size, last -> cursor(filter, last));
  }

  /// A user's are sorted by their newest message, as the index of users is; everybody's by when
  /// they began, so that no message has to move them in an index.
  private static List<Session> sessions(
      DSLContext sql, String tenantId, SessionFilter filter, Condition after, int limit) {
    Condition wanted =
        CONVERSATION_TENANT
            .eq(tenantId)
            .and(filter.userId().map(user -> CONVERSATION_USER.eq(user)).orElse(noCondition()))
            .and(
                filter
                    .status()
                    .map(status -> CONVERSATION_STATUS.eq(status.name()))
                    .orElse(noCondition()))
            .and(
                filter
                    .archived()
                    .map(archived -> CONVERSATION_ARCHIVED.eq(archived ? 1 : 0))
                    .orElse(noCondition()))
            .and(after);
    return SessionRows.sessions(
        sql,
        filter.userId().isPresent()
            ? ofUser(sql, filter, wanted, limit)
            : ofAll(sql, tenantId, filter, wanted, limit));
  }

  private static Result<Record> ofUser(
      DSLContext sql, SessionFilter filter, Condition wanted, int limit) {
    return sql.select(SESSION_COLUMNS)
        .from(CONVERSATION)
        .where(wanted, filter.tag().map(SessionSearch::tagged).orElse(noCondition()))
        .orderBy(CONVERSATION_UPDATED_AT.desc(), CONVERSATION_ID.desc())
        .limit(limit)
        .fetch();
  }

  private static Condition tagged(String tag) {
    return exists(
        selectOne().from(TAG).where(TAG_CONVERSATION.eq(CONVERSATION_ID), TAG_NAME.eq(tag)));
  }

  private static Result<Record> ofAll(
      DSLContext sql, String tenantId, SessionFilter filter, Condition wanted, int limit) {
    if (filter.tag().isEmpty()) {
      return sql.select(SESSION_COLUMNS)
          .from(CONVERSATION)
          .where(wanted)
          .orderBy(CONVERSATION_ID.desc())
          .limit(limit)
          .fetch();
    }
    return sql.select(SESSION_COLUMNS)
        .from(TAG)
        .join(CONVERSATION)
        .on(CONVERSATION_ID.eq(TAG_CONVERSATION))
        .where(TAG_TENANT.eq(tenantId), TAG_NAME.eq(filter.tag().get()), wanted)
        .orderBy(TAG_CONVERSATION.desc())
        .limit(limit)
        .fetch();
  }

  private static Condition after(SessionFilter filter, Optional<String> cursor) {
    if (cursor.isEmpty()) {
      return noCondition();
    }
    if (filter.userId().isPresent()) {
      Cursors.ConversationPlace place = Cursors.conversation(cursor.get());
      return CONVERSATION_UPDATED_AT
          .lt(place.updatedAt())
          .or(CONVERSATION_UPDATED_AT.eq(place.updatedAt()).and(CONVERSATION_ID.lt(place.id())));
    }
    String id = Cursors.id(cursor.get());
    return filter.tag().isPresent() ? TAG_CONVERSATION.lt(id) : CONVERSATION_ID.lt(id);
  }

  private static String cursor(SessionFilter filter, Session last) {
    Conversation conversation = last.conversation();
    return filter.userId().isPresent()
        ? Cursors.ofConversation(
            new Cursors.ConversationPlace(
                conversation.updatedAt().toEpochMilli(), conversation.id()))
        : Cursors.ofId(conversation.id());
  }

  /// Those whose title or messages hold it.
  Page<FoundSession> find(
      String tenantId,
      SessionFilter filter,
      Matching matching,
      Optional<String> cursor,
      int limit) {
    int size = Math.clamp(limit, 1, PAGE);
    List<FoundSession> found = new ArrayList<>();
    Optional<String> place = cursor;
    Scan scan = new Scan(matching);
    for (int looked = 0; looked < SESSIONS && scan.read < BUDGET; ) {
      Condition after = after(filter, place);
      List<Session> sessions = database.read(sql -> sessions(sql, tenantId, filter, after, PAGE));
      for (Session session : sessions) {
        scan.in(session).ifPresent(found::add);
        looked++;
        place = Optional.of(cursor(filter, session));
        if (found.size() == size || looked >= SESSIONS || scan.read >= BUDGET) {
          boolean last = session.equals(sessions.getLast()) && sessions.size() < PAGE;
          return new Page<>(found, last ? Optional.empty() : place);
        }
      }
      if (sessions.size() < PAGE) {
        return new Page<>(found, Optional.empty());
      }
    }
    return new Page<>(found, place);
  }

  /// Looks through sessions and counts what it has read.
  private final class Scan {
    private final Matching matching;
    private int read;

    Scan(Matching matching) {
      this.matching = matching;
    }

    Optional<FoundSession> in(Session session) {
      Optional<FoundSession.Hit> hit = hit(session.conversation().id());
      return hit.isPresent() || session.title().filter(matching::in).isPresent()
          ? Optional.of(new FoundSession(session, hit))
          : Optional.empty();
    }

    private Optional<FoundSession.Hit> hit(String conversationId) {
      long after = 0;
      while (true) {
        List<Text> texts = texts(conversationId, after, CHUNK);
        for (Text text : texts) {
          read++;
          if (matching.in(text.content())) {
            return Optional.of(
                new FoundSession.Hit(text.id(), text.seq(), matching.excerpt(text.content())));
          }
        }
        if (texts.size() < CHUNK) {
          return Optional.empty();
        }
        after = texts.getLast().seq();
      }
    }
  }

  /// What is compared of a message.
  private record Text(String id, long seq, String content) {}

  private List<Text> texts(String conversationId, long afterSeq, int limit) {
    return database.read(sql ->
        sql.select(MESSAGE_ID, MESSAGE_SEQ, MESSAGE_CONTENT)
            .from(MESSAGE)
            .where(MESSAGE_CONVERSATION.eq(conversationId), MESSAGE_SEQ.gt(afterSeq))
            .orderBy(MESSAGE_SEQ)
            .limit(limit)
            .fetch(row -> new Text(row.value1(), row.value2(), row.value3())));
  }

  /// The messages of one conversation that hold it.
  Page<Message> find(String conversationId, Matching matching, Optional<String> cursor, int limit) {
    int size = Math.clamp(limit, 1, PAGE);
    long after = cursor.map(Cursors::message).orElse(0L);
    List<Long> hits = new ArrayList<>();
    boolean more = true;
    for (int read = 0; read < BUDGET && hits.size() < size && more; ) {
      List<Text> texts = texts(conversationId, after, CHUNK);
      more = texts.size() == CHUNK;
      for (Text text : texts) {
        read++;
        after = text.seq();
        if (matching.in(text.content())) {
          hits.add(text.seq());
          if (hits.size() == size) {
            more |= text.seq() != texts.getLast().seq();
            break;
          }
        }
      }
    }
    return new Page<>(
        messages(conversationId, hits),
        more ? Optional.of(Cursors.ofMessage(after)) : Optional.empty());
  }

  private List<Message> messages(String conversationId, List<Long> seqs) {
    return seqs.isEmpty()
        ? List.of()
        : database.read(sql ->
            sql.select(Rows.MESSAGE_COLUMNS)
                .from(MESSAGE)
                .where(MESSAGE_CONVERSATION.eq(conversationId), MESSAGE_SEQ.in(seqs))
                .orderBy(MESSAGE_SEQ)
                .fetch(rows::message));
  }
}
