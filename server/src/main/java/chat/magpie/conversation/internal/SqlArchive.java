package chat.magpie.conversation.internal;

import static chat.magpie.conversation.internal.ConversationTables.*;
import static chat.magpie.conversation.internal.ImportedTurns.*;
import static chat.magpie.conversation.internal.ReplyTable.*;
import static org.jooq.impl.DSL.greatest;
import static org.jooq.impl.DSL.notExists;
import static org.jooq.impl.DSL.select;
import static org.jooq.impl.DSL.val;

import chat.magpie.character.Characters;
import chat.magpie.conversation.Archive;
import chat.magpie.conversation.Conversation;
import chat.magpie.conversation.Message;
import chat.magpie.identity.Audit;
import chat.magpie.identity.AuditEntry;
import chat.magpie.identity.Permission;
import chat.magpie.identity.Principal;
import chat.magpie.kernel.ErrorCode;
import chat.magpie.kernel.Ids;
import chat.magpie.kernel.MagpieException;
import chat.magpie.sql.Database;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jooq.DSLContext;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;

/// Imported conversations and erased turns in the SQL database.
public final class SqlArchive implements Archive {
  private static final int USER_ID = 128;
  private static final int CHARACTER_ID = 64;
  private static final int EXTERNAL_ID = 128;
  private static final int NAME = 200;

  /// Clocks of others may go before ours.
  private static final Duration AHEAD = Duration.ofMinutes(5);

  private static final int AT_ONCE = 100;

  private final Database database;
  private final SqlConversations conversations;
  private final Characters characters;
  private final Audit audit;
  private final Rows rows;
  private final InstantSource clock;

  public SqlArchive(
      Database database,
      SqlConversations conversations,
      Characters characters,
      Audit audit,
      ObjectMapper json,
      InstantSource clock) {
    this.database = database;
    this.conversations = conversations;
    this.characters = characters;
    this.audit = audit;
    this.rows = new Rows(json);
    this.clock = clock;
  }

  @Override
  public Imported add(Principal caller, String userId, String characterId, List<Session> sessions) {
    if (!caller.may(Permission.ACT_FOR_OTHERS)) {
      throw new MagpieException(ErrorCode.FORBIDDEN, ErrorCode.FORBIDDEN.english());
    }
    Storable.require("user_id", userId, USER_ID);
    Storable.require("character_id", characterId, CHARACTER_ID);
    if (characters.find(caller.tenantId(), characterId).isEmpty()) {
      throw new MagpieException(ErrorCode.NOT_FOUND, "there is no such character");
    }
    Owner owner = new Owner(caller.tenantId(), userId, characterId);
    Instant latest = clock.instant().plus(AHEAD);
    sessions.forEach(session -> check(session, latest));
    int turns = sessions.stream().mapToInt(session -> session.turns().size()).sum();
    int imported = 0;
    Set<String> conversations = new LinkedHashSet<>();
    Set<String> seen = new HashSet<>();
    for (Session session : sessions) {
      List<Turn> fresh = session.turns().stream().filter(turn -> seen.add(turn.id())).toList();
      if (!fresh.isEmpty()) {
        Stored stored = database.write(sql -> store(sql, caller, owner, session, fresh));
        imported += stored.count;
        stored.conversation.ifPresent(conversations::add);
      }
    }
    return new Imported(imported, turns - imported, List.copyOf(conversations));
  }

  private record Owner(String tenantId, String userId, String characterId) {}

  private record Stored(int count, Optional<String> conversation) {
    static final Stored NOTHING = new Stored(0, Optional.empty());
  }

  private static void check(Session session, Instant latest) {
    session.id().ifPresent(id -> Storable.require("session id", id, EXTERNAL_ID));
    session.startedAt().ifPresent(at -> requireTime("started_at", at, latest));
    for (Turn turn : session.turns()) {
      Storable.require("turn id", turn.id(), EXTERNAL_ID);
      turn.name().ifPresent(name -> Storable.require("name", name, NAME));
      Storable.require("text", turn.text(), Integer.MAX_VALUE);
      requireTime("at", turn.at(), latest);
    }
  }

  private static void requireTime(String field, Instant at, Instant latest) {
    if (at.isAfter(latest) || at.isBefore(Instant.EPOCH)) {
      throw new MagpieException(
          ErrorCode.INVALID_FIELD, field + ": must be between 1970 and now: " + at);
    }
  }

  /// Stores what is new of a session. The ids come first: who imports the same turns at the same
  /// time waits for this commit and then finds them.
  private Stored store(
      DSLContext sql, Principal caller, Owner owner, Session session, List<Turn> turns) {
    Optional<String> known =
        session.id().flatMap(id -> conversation(sql, owner, id)).filter(id -> lock(sql, id));
    String conversationId = known.orElseGet(Ids::next);
    Map<String, Turn> byMessage = new LinkedHashMap<>();
    turns.stream()
        .sorted(Comparator.comparing(Turn::id))
        .forEach(turn -> byMessage.put(Ids.next(), turn));
    List<String> ids = List.copyOf(byMessage.keySet());
    for (int from = 0; from < ids.size(); from += AT_ONCE) {
      List<String> some = ids.subList(from, Math.min(ids.size(), from + AT_ONCE));
      insertIds(sql, owner, session, conversationId, some, byMessage);
      Set<String> ours = new HashSet<>(ImportedTurns.present(sql, some));
      some.stream().filter(id -> !ours.contains(id)).forEach(byMessage::remove);
    }
    if (byMessage.isEmpty()) {
      return Stored.NOTHING;
    }
    List<Map.Entry<String, Turn>> fresh = new ArrayList<>(byMessage.entrySet());
    // Those of the same moment stay as they were given.
    fresh.sort(
        Comparator.<Map.Entry<String, Turn>, Instant>comparing(entry -> entry.getValue().at())
            .thenComparingInt(entry -> turns.indexOf(entry.getValue())));
    long before = known.isPresent() ? seq(sql, conversationId) : 0;
    write(sql, owner, session, conversationId, before, fresh);
    audit.record(
        sql,
        caller,
        new AuditEntry(
            "memory.imported",
            "conversation",
            conversationId,
            Map.of(),
            Map.of("user_id", owner.userId, "turns", fresh.size())));
    return new Stored(fresh.size(), Optional.of(conversationId));
  }

  private static Optional<String> conversation(DSLContext sql, Owner owner, String sessionId) {
    return sql.select(IMPORTED_CONVERSATION)
        .from(IMPORTED)
        .where(
            IMPORTED_TENANT.eq(owner.tenantId),
            IMPORTED_USER.eq(owner.userId),
            IMPORTED_CHARACTER.eq(owner.characterId),
            IMPORTED_SESSION.eq(sessionId))
        .limit(1)
        .fetchOptional(IMPORTED_CONVERSATION);
  }

  /// False where it has been deleted.
  private static boolean lock(DSLContext sql, String conversationId) {
    return sql.update(CONVERSATION)
            .set(CONVERSATION_EVENT_SEQ, CONVERSATION_EVENT_SEQ)
            .where(CONVERSATION_ID.eq(conversationId))
            .execute()
        > 0;
  }

  private static long seq(DSLContext sql, String conversationId) {
    return sql.select(CONVERSATION_MESSAGE_SEQ)
        .from(CONVERSATION)
        .where(CONVERSATION_ID.eq(conversationId))
        .fetchSingle(row -> row.get(CONVERSATION_MESSAGE_SEQ));
  }

  private static void insertIds(
      DSLContext sql,
      Owner owner,
      Session session,
      String conversationId,
      List<String> ids,
      Map<String, Turn> byMessage) {
    var insert =
        sql.insertInto(
            IMPORTED,
            IMPORTED_MESSAGE,
            IMPORTED_CONVERSATION,
            IMPORTED_TENANT,
            IMPORTED_USER,
            IMPORTED_CHARACTER,
            IMPORTED_EXTERNAL,
            IMPORTED_SESSION,
            IMPORTED_SPEAKER,
            IMPORTED_ZONE);
    for (String id : ids) {
      Turn turn = Objects.requireNonNull(byMessage.get(id));
      insert =
          insert.values(
              id,
              conversationId,
              owner.tenantId,
              owner.userId,
              owner.characterId,
              turn.id(),
              session.id().orElse(null),
              turn.name().orElse(null),
              session.zone().orElse(null));
    }
    insert.onConflictDoNothing().execute();
  }

  private void write(
      DSLContext sql,
      Owner owner,
      Session session,
      String conversationId,
      long before,
      List<Map.Entry<String, Turn>> fresh) {
    long first = fresh.getFirst().getValue().at().toEpochMilli();
    long last = fresh.getLast().getValue().at().toEpochMilli();
    if (before == 0) {
      long began = Math.min(session.startedAt().map(Instant::toEpochMilli).orElse(first), first);
      sql.insertInto(CONVERSATION)
          .set(CONVERSATION_ID, conversationId)
          .set(CONVERSATION_TENANT, owner.tenantId)
          .set(CONVERSATION_USER, owner.userId)
          .set(CONVERSATION_CHARACTER, owner.characterId)
          .set(CONVERSATION_MODE, Conversation.Mode.BOT.name())
          .set(CONVERSATION_STATUS, Conversation.Status.ENDED.name())
          .set(CONVERSATION_MESSAGE_SEQ, (long) fresh.size())
          .set(CONVERSATION_EVENT_SEQ, 0L)
          .set(CONVERSATION_CREATED_AT, began)
          .set(CONVERSATION_UPDATED_AT, last)
          .set(CONVERSATION_ENDED_AT, last)
          .set(CONVERSATION_OWN_MEMORY, 1)
          .execute();
    } else {
      sql.update(CONVERSATION)
          .set(CONVERSATION_MESSAGE_SEQ, before + fresh.size())
          .set(CONVERSATION_UPDATED_AT, greatest(CONVERSATION_UPDATED_AT, val(last)))
          .set(CONVERSATION_ENDED_AT, greatest(CONVERSATION_ENDED_AT, val(last)))
          .where(CONVERSATION_ID.eq(conversationId))
          .execute();
    }
    long seq = before;
    for (Map.Entry<String, Turn> entry : fresh) {
      Turn turn = entry.getValue();
      rows.insert(
          sql,
          new Message(
              entry.getKey(),
              conversationId,
              ++seq,
              Optional.empty(),
              turn.byUser() ? Message.Role.USER : Message.Role.ASSISTANT,
              turn.byUser() ? owner.userId : owner.characterId,
              turn.text(),
              Message.Status.COMPLETE,
              List.of(),
              turn.tokens(),
              turn.at()));
    }
  }

  @Override
  public Optional<Erased> erase(Principal caller, String userId, String id) {
    SqlConversations.requireActFor(caller, userId);
    if (!Storable.is(id, EXTERNAL_ID)) {
      return Optional.empty();
    }
    Optional<Grown<Erased>> grown =
        database.write(sql -> {
          List<Found> found = find(sql, caller.tenantId(), userId, id);
          return found.isEmpty()
              ? Optional.empty()
              : Optional.of(erase(sql, caller, found.getFirst()));
        });
    return grown.map(conversations::tell);
  }

  private record Found(
      Conversation conversation, String messageId, @Nullable String turnId, Message.Role role) {}

  private static List<Found> find(DSLContext sql, String tenantId, String userId, String id) {
    List<org.jooq.Field<?>> columns = new ArrayList<>(Rows.CONVERSATION_COLUMNS);
    columns.addAll(List.of(MESSAGE_ID, MESSAGE_TURN, MESSAGE_ROLE));
    List<String> ids = new ArrayList<>();
    if (Storable.isId(id)) {
      ids.add(id);
    }
    // Several characters may have been told the same turn; each of them is named by its message id.
    sql.select(IMPORTED_MESSAGE)
        .from(IMPORTED)
        .where(IMPORTED_TENANT.eq(tenantId), IMPORTED_USER.eq(userId), IMPORTED_EXTERNAL.eq(id))
        .orderBy(IMPORTED_MESSAGE)
        .limit(1)
        .forEach(row -> ids.add(row.get(IMPORTED_MESSAGE)));
    if (ids.isEmpty()) {
      return List.of();
    }
    return sql.select(columns)
        .from(MESSAGE)
        .join(CONVERSATION)
        .on(CONVERSATION_ID.eq(MESSAGE_CONVERSATION))
        .where(MESSAGE_ID.in(ids), CONVERSATION_TENANT.eq(tenantId), CONVERSATION_USER.eq(userId))
        .fetch(row ->
            new Found(
                Rows.conversation(row),
                row.get(MESSAGE_ID),
                row.get(MESSAGE_TURN),
                Message.Role.valueOf(row.get(MESSAGE_ROLE))));
  }

  private Grown<Erased> erase(DSLContext sql, Principal caller, Found found) {
    // With the lock no reply of the conversation begins or ends until the commit.
    LockedConversation locked =
        LockedConversation.lock(
                sql, rows, CONVERSATION_ID.eq(found.conversation.id()), 0, 2, clock.millis())
            .orElseThrow(() ->
                new MagpieException(ErrorCode.NOT_FOUND, "The conversation is being deleted."));
    sql.update(CONVERSATION)
        .set(CONVERSATION_ERASED, CONVERSATION_ERASED.plus(1))
        .where(CONVERSATION_ID.eq(found.conversation.id()))
        .execute();
    List<String> messages = new ArrayList<>(List.of(found.messageId));
    List<String> replies = new ArrayList<>();
    if (found.turnId != null) {
      List<Record> made =
          sql.select(List.of(REPLY_ID, REPLY_STATUS, REPLY_MESSAGE))
              .from(REPLY)
              .where(REPLY_TURN.eq(found.turnId))
              .fetch();
      for (Record reply : made) {
        boolean ended =
            chat.magpie.conversation.ReplyRecord.Status.valueOf(reply.get(REPLY_STATUS)).ended();
        if (!ended) {
          throw new MagpieException(
              ErrorCode.CONFLICT, "The turn is being answered; erase it when that has ended.");
        }
        replies.add(reply.get(REPLY_ID));
        if (found.role == Message.Role.USER && reply.get(REPLY_MESSAGE) != null) {
          messages.add(reply.get(REPLY_MESSAGE));
        }
      }
      if (found.role == Message.Role.USER) {
        sql.update(TURN).set(TURN_BODY_HASH, "").where(TURN_ID.eq(found.turnId)).execute();
      }
    }
    announce(sql, locked, messages);
    sql.update(MESSAGE)
        .set(MESSAGE_CONTENT, "")
        .setNull(MESSAGE_CITATIONS)
        .set(MESSAGE_TOKENS, 0)
        .where(MESSAGE_ID.in(messages))
        .execute();
    sql.update(IMPORTED).setNull(IMPORTED_SPEAKER).where(IMPORTED_MESSAGE.in(messages)).execute();
    if (!caller.userId().equals(found.conversation.userId())) {
      audit.record(
          sql,
          caller,
          AuditEntry.deleted(
              "turn", found.messageId, Map.of("user_id", found.conversation.userId())));
    }
    return locked.writeEvents(
        new Erased(found.conversation, List.copyOf(messages), List.copyOf(replies)));
  }

  /// Tells those who follow the conversation which messages say nothing any more; not again, and
  /// not of imported ones, which have no feed.
  private static void announce(DSLContext sql, LockedConversation locked, List<String> messages) {
    sql.select(List.of(MESSAGE_ID, MESSAGE_SEQ))
        .from(MESSAGE)
        .where(
            MESSAGE_ID.in(messages),
            MESSAGE_CONTENT.ne(""),
            notExists(
                select(IMPORTED_MESSAGE).from(IMPORTED).where(IMPORTED_MESSAGE.eq(MESSAGE_ID))))
        .orderBy(MESSAGE_SEQ)
        .forEach(row ->
            locked.announce(
                new FeedEvent.MessageErased(row.get(MESSAGE_ID), row.get(MESSAGE_SEQ))));
  }
}
