package chat.magpie.conversation.internal;

import static chat.magpie.conversation.internal.ConversationTables.*;
import static chat.magpie.conversation.internal.ReplyTable.*;
import static org.jooq.impl.DSL.count;
import static org.jooq.impl.DSL.max;
import static org.jooq.impl.DSL.min;
import static org.jooq.impl.DSL.noCondition;
import static org.jooq.impl.DSL.sum;

import chat.magpie.character.Characters;
import chat.magpie.conversation.Conversation;
import chat.magpie.conversation.Conversations;
import chat.magpie.conversation.Desk;
import chat.magpie.conversation.Ended;
import chat.magpie.conversation.Ending;
import chat.magpie.conversation.FeedEntry;
import chat.magpie.conversation.FeedHead;
import chat.magpie.conversation.FeedListener;
import chat.magpie.conversation.Message;
import chat.magpie.conversation.Modes;
import chat.magpie.conversation.NewMessage;
import chat.magpie.conversation.Page;
import chat.magpie.conversation.Posted;
import chat.magpie.conversation.Ratings;
import chat.magpie.conversation.ReplyRecord;
import chat.magpie.identity.Audit;
import chat.magpie.identity.AuditEntry;
import chat.magpie.identity.Principal;
import chat.magpie.identity.Role;
import chat.magpie.kernel.ErrorCode;
import chat.magpie.kernel.MagpieException;
import chat.magpie.sql.Database;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.Result;
import org.jspecify.annotations.Nullable;

/// Conversations in the SQL database.
public final class SqlConversations implements Conversations {
  private static final int USER_ID = 128;
  private static final int CHARACTER_ID = 64;
  private static final int CLIENT_KEY = 255;
  private static final int PAGE = 200;

  private final Database database;
  private final Characters characters;
  private final Audit audit;
  private final InstantSource clock;
  private final Rows rows;
  private final ReplyStates states;
  private final ReplyQueries replies;
  private final ReadMarks marks;
  private final List<FeedListener> listeners = new CopyOnWriteArrayList<>();

  /// @param audit where others than a conversation's user leave what they did with it
  public SqlConversations(
      Database database,
      Characters characters,
      Audit audit,
      ObjectMapper json,
      InstantSource clock) {
    this.database = database;
    this.characters = characters;
    this.audit = audit;
    this.clock = clock;
    this.rows = new Rows(json);
    this.states = new ReplyStates(rows);
    this.replies = new ReplyQueries(rows);
    this.marks = new ReadMarks(database, rows);
  }

  @Override
  public Optional<Conversation> visibleTo(Principal caller, String conversationId) {
    if (!Storable.isId(conversationId)) {
      return Optional.empty();
    }
    return conversation(
            CONVERSATION_ID.eq(conversationId).and(CONVERSATION_TENANT.eq(caller.tenantId())))
        .filter(found -> caller.maySee(found.userId()));
  }

  @Override
  public Posted post(Principal caller, NewMessage message) {
    requireActFor(caller, message.userId());
    Storable.require("message", message.text(), Integer.MAX_VALUE);
    message.clientKey().ifPresent(key -> Storable.require("client_msg_id", key, CLIENT_KEY));
    String tenantId = caller.tenantId();
    Posting posting =
        new Posting(characters.list(tenantId), rows, tenantId, message, clock.millis());
    try {
      return tell(
          database.write(sql -> {
            Grown<Posted> grown = posting.store(sql);
            recordIfPersonated(sql, caller, grown.result());
            return grown;
          }));
    } catch (MagpieException refused) {
      if (message.clientKey().isEmpty() || !depends(refused.code())) {
        throw refused;
      }
      // A repeated send is answered as the first one was, whatever has happened since. Asked as a
      // write, the answer waits for the commit of the first one.
      String key = message.clientKey().get();
      return database.write(sql -> posting.earlier(sql, key)).orElseThrow(() -> refused);
    }
  }

  /// Leaves in the audit log that a person spoke in the name of another one. Of services it is what
  /// they are there for.
  private void recordIfPersonated(DSLContext sql, Principal caller, Posted posted) {
    Conversation conversation = posted.conversation();
    if (caller.role() != Role.SERVICE) {
      recordUnlessOwn(
          sql,
          caller,
          conversation.userId(),
          new AuditEntry(
              "conversation.spoken_for",
              "conversation",
              conversation.id(),
              Map.of(),
              Map.of("user_id", conversation.userId(), "message_id", posted.message().id())));
    }
  }

  @Override
  public Optional<Ended> end(Ending ending) {
    if (!ending.status().ended()) {
      throw new IllegalArgumentException("not an ending: " + ending.status());
    }
    long now = clock.millis();
    return unlessLost(ending.replyId(), sql -> Optional.of(states.end(sql, ending, now)))
        .map(this::tell)
        .or(() -> endedBefore(ending));
  }

  /// The same ending, if it was committed before without the caller getting to know. The next reply
  /// that was claimed with it, if any, is found by the sweep.
  private Optional<Ended> endedBefore(Ending ending) {
    if (!Storable.isId(ending.replyId())) {
      return Optional.empty();
    }
    return database
        .read(sql ->
            replies
                .find(sql, ending.replyId())
                .filter(reply -> reply.epoch() == ending.epoch())
                .filter(reply -> reply.status() == ending.status())
                .map(reply ->
                    new Ended(
                        reply,
                        reply.messageId().flatMap(id -> replies.message(sql, id)),
                        Optional.empty(),
                        replies.conversationEnded(sql, reply.conversationId()))))
        .filter(ended ->
            ended.message().map(Message::content).orElse("").equals(Storable.clean(ending.text())));
  }

  @Override
  public Optional<ReplyRecord> claim(String replyId, long epoch, String node) {
    long now = clock.millis();
    return unlessLost(replyId, sql -> states.claim(sql, replyId, epoch, node, now)).map(this::tell);
  }

  @Override
  public List<ReplyRecord> unfinished(String node) {
    return database.read(sql -> replies.unfinished(sql, node));
  }

  @Override
  public List<ReplyRecord> urgent(String node) {
    return database.read(sql -> replies.urgent(sql, node));
  }

  @Override
  public boolean countCall(String replyId, long epoch) {
    return database.write(sql -> ReplyStates.countCall(sql, replyId, epoch));
  }

  @Override
  public int release(String node) {
    return database.write(sql -> ReplyStates.release(sql, node));
  }

  @Override
  public Set<String> ended(Collection<String> replyIds) {
    return replyIds.isEmpty() ? Set.of() : database.read(sql -> replies.ended(sql, replyIds));
  }

  @Override
  public List<Ending.Attempt> attempts(ReplyRecord reply) {
    return database.read(sql -> replies.attempts(sql, reply.id()));
  }

  @Override
  public Optional<ReplyRecord> requestStop(String replyId, String reason) {
    long now = clock.millis();
    return unlessLost(replyId, sql -> states.requestStop(sql, replyId, reason, now))
        .map(this::tell);
  }

  @Override
  public Optional<ReplyRecord> replyVisibleTo(Principal caller, String replyId) {
    if (!Storable.isId(replyId)) {
      return Optional.empty();
    }
    return database
        .read(sql -> replies.find(sql, caller.tenantId(), replyId))
        .filter(found -> caller.maySee(found.userId()));
  }

  @Override
  public Optional<ReplyRecord> currentReply(Principal caller, String userId) {
    requireSee(caller, userId);
    return database.read(sql -> replies.current(sql, caller.tenantId(), userId));
  }

  @Override
  public List<ReplyRecord> unendedReplies(Principal caller, String userId) {
    requireActFor(caller, userId);
    return database.read(sql -> replies.unended(sql, caller.tenantId(), userId));
  }

  @Override
  public Optional<Message> answer(ReplyRecord reply) {
    return reply.messageId().flatMap(id -> database.read(sql -> replies.message(sql, id)));
  }

  @Override
  public Message question(ReplyRecord reply) {
    return database.read(sql -> replies.question(sql, reply.turnId()));
  }

  @Override
  public List<Message> recent(String conversationId, long beforeSeq, int limit) {
    if (limit <= 0 || !Storable.isId(conversationId)) {
      return List.of();
    }
    return database
        .read(sql ->
            sql.select(Rows.MESSAGE_COLUMNS)
                .from(MESSAGE)
                .where(MESSAGE_CONVERSATION.eq(conversationId), MESSAGE_SEQ.lt(beforeSeq))
                .orderBy(MESSAGE_SEQ.desc())
                .limit(limit)
                .fetch(rows::message))
        .reversed();
  }

  @Override
  public List<Message> at(String conversationId, Collection<Long> seqs) {
    if (seqs.isEmpty() || !Storable.isId(conversationId)) {
      return List.of();
    }
    return database.read(sql ->
        sql.select(Rows.MESSAGE_COLUMNS)
            .from(MESSAGE)
            .where(MESSAGE_CONVERSATION.eq(conversationId), MESSAGE_SEQ.in(seqs))
            .limit(PAGE)
            .fetch(rows::message));
  }

  @Override
  public Map<String, String> replyIds(Collection<String> turnIds) {
    return turnIds.isEmpty() ? Map.of() : database.read(sql -> replies.ids(sql, turnIds));
  }

  @Override
  public Page<Message> messages(Conversation conversation, Optional<String> cursor, int limit) {
    long after = cursor.map(Cursors::message).orElse(0L);
    int size = Math.clamp(limit, 1, PAGE);
    List<Message> found =
        database.read(sql ->
            sql.select(Rows.MESSAGE_COLUMNS)
                .from(MESSAGE)
                .where(MESSAGE_CONVERSATION.eq(conversation.id()), MESSAGE_SEQ.gt(after))
                .orderBy(MESSAGE_SEQ)
                .limit(size + 1)
                .fetch(rows::message));
    if (cursor.isPresent() && found.isEmpty()) {
      // Only a page that others follow gives a cursor.
      throw Cursors.bad();
    }
    return page(found, size, last -> Cursors.ofMessage(last.seq()));
  }

  @Override
  public Page<Conversation> list(
      Principal caller, String userId, Optional<String> cursor, int limit) {
    requireSee(caller, userId);
    int size = Math.clamp(limit, 1, PAGE);
    Condition after =
        cursor
            .map(Cursors::conversation)
            .map(place ->
                CONVERSATION_UPDATED_AT
                    .lt(place.updatedAt())
                    .or(
                        CONVERSATION_UPDATED_AT
                            .eq(place.updatedAt())
                            .and(CONVERSATION_ID.lt(place.id()))))
            .orElse(noCondition());
    List<Conversation> found =
        database.read(sql ->
            sql.select(Rows.CONVERSATION_COLUMNS)
                .from(CONVERSATION)
                .where(
                    CONVERSATION_TENANT.eq(caller.tenantId()), CONVERSATION_USER.eq(userId), after)
                .orderBy(CONVERSATION_UPDATED_AT.desc(), CONVERSATION_ID.desc())
                .limit(size + 1)
                .fetch(Rows::conversation));
    return page(
        found,
        size,
        last ->
            Cursors.ofConversation(
                new Cursors.ConversationPlace(last.updatedAt().toEpochMilli(), last.id())));
  }

  @Override
  public Optional<Conversation> current(Principal caller, String userId, String characterId) {
    requireSee(caller, userId);
    if (!Storable.is(characterId, CHARACTER_ID)) {
      return Optional.empty();
    }
    return database.read(sql ->
        sql.select(Rows.CONVERSATION_COLUMNS)
            .from(CURRENT)
            .join(CONVERSATION)
            .on(CONVERSATION_ID.eq(CURRENT_CONVERSATION))
            .where(
                CURRENT_TENANT.eq(caller.tenantId()),
                CURRENT_USER.eq(userId),
                CURRENT_CHARACTER.eq(characterId))
            .fetchOptional(Rows::conversation));
  }

  @Override
  public List<String> endCurrent(Principal caller, String userId, String characterId) {
    requireActFor(caller, userId);
    if (!Storable.is(characterId, CHARACTER_ID)) {
      return List.of();
    }
    long now = clock.millis();
    return database
        .write(sql -> {
          var ended = states.endCurrent(sql, caller.tenantId(), userId, characterId, now);
          recordUnlessOwn(
              sql,
              caller,
              userId,
              AuditEntry.deleted("memory", userId, Map.of("character_id", characterId)));
          return ended;
        })
        .map(this::tell)
        .orElse(List.of());
  }

  @Override
  public UserCounts counts(String tenantId, String userId) {
    var conversations = count();
    var messages = sum(CONVERSATION_MESSAGE_SEQ);
    var first = min(CONVERSATION_CREATED_AT);
    var last = max(CONVERSATION_UPDATED_AT);
    Record row =
        database.read(sql ->
            sql.select(conversations, messages, first, last)
                .from(CONVERSATION)
                .where(CONVERSATION_TENANT.eq(tenantId), CONVERSATION_USER.eq(userId))
                .fetchSingle());
    return new UserCounts(
        row.get(conversations),
        Optional.ofNullable(row.get(messages)).map(BigDecimal::longValue).orElse(0L),
        Optional.ofNullable(row.get(first)).map(Instant::ofEpochMilli),
        Optional.ofNullable(row.get(last)).map(Instant::ofEpochMilli));
  }

  @Override
  public List<FeedEntry> feed(Conversation conversation, long afterSeq, int limit) {
    return database.read(sql ->
        sql.select(EVENT_SEQ, EVENT_TYPE, EVENT_PAYLOAD, EVENT_CREATED_AT)
            .from(EVENT)
            .where(EVENT_CONVERSATION.eq(conversation.id()), EVENT_SEQ.gt(afterSeq))
            .orderBy(EVENT_SEQ)
            .limit(Math.clamp(limit, 1, PAGE))
            .fetch(row ->
                new FeedEntry(
                    conversation.id(),
                    row.get(EVENT_SEQ),
                    row.get(EVENT_TYPE),
                    row.get(EVENT_PAYLOAD),
                    Instant.ofEpochMilli(row.get(EVENT_CREATED_AT)))));
  }

  @Override
  public Map<String, Long> feedSeqs(Collection<String> conversationIds) {
    if (conversationIds.isEmpty()) {
      return Map.of();
    }
    return database.read(sql ->
        sql.select(CONVERSATION_ID, CONVERSATION_EVENT_SEQ)
            .from(CONVERSATION)
            .where(CONVERSATION_ID.in(conversationIds))
            .fetchMap(CONVERSATION_ID, CONVERSATION_EVENT_SEQ));
  }

  @Override
  public Optional<FeedHead> feedHead(String conversationId) {
    if (!Storable.isId(conversationId)) {
      return Optional.empty();
    }
    List<Field<?>> columns = new ArrayList<>(SessionTables.SESSION_COLUMNS);
    columns.add(REPLY_ID);
    return database.read(sql -> {
      Result<Record> rows =
          sql.select(columns)
              .from(CONVERSATION)
              .leftJoin(REPLY)
              .on(
                  REPLY_CONVERSATION
                      .eq(CONVERSATION_ID)
                      .and(REPLY_STATUS.eq(ReplyRecord.Status.RUNNING.name())))
              .where(CONVERSATION_ID.eq(conversationId))
              .limit(1)
              .fetch();
      return SessionRows.sessions(sql, rows).stream()
          .findFirst()
          .map(
              session -> new FeedHead(session, Optional.ofNullable(rows.getFirst().get(REPLY_ID))));
    });
  }

  @Override
  public boolean markRead(Principal caller, String conversationId, long messageSeq) {
    Conversation seen = visibleTo(caller, conversationId).orElseThrow(SqlModes::absent);
    boolean answers = seen.handling().assigneeId().filter(caller.userId()::equals).isPresent();
    if (!answers && !caller.mayActFor(seen.userId())) {
      throw new MagpieException(ErrorCode.FORBIDDEN, ErrorCode.FORBIDDEN.english());
    }
    Grown<Boolean> marked = marks.mark(caller, seen, messageSeq, clock.millis());
    return marked.result() && tell(marked);
  }

  @Override
  public Map<String, Long> readMarks(Conversation conversation) {
    return marks.lately(conversation);
  }

  /// Who answers in these conversations.
  public Modes modes() {
    return new SqlModes(database, this, rows, audit, clock);
  }

  /// What the server does at the desk.
  public Desk desk() {
    return new SqlDesk(database, this, rows, clock);
  }

  /// What customers say about these conversations.
  public Ratings ratings() {
    return new SqlRatings(database, this, rows, clock);
  }

  @Override
  public void listen(FeedListener listener) {
    listeners.add(listener);
  }

  /// Leaves in the audit log what somebody else than its user did with a conversation, as part of
  /// the transaction that did it.
  void recordUnlessOwn(DSLContext sql, Principal caller, String userId, AuditEntry entry) {
    if (!caller.userId().equals(userId)) {
      audit.record(sql, caller, entry);
    }
  }

  /// Tells the listeners of a commit; its result.
  <T extends @Nullable Object> T tell(Grown<T> grown) {
    for (FeedListener listener : listeners) {
      listener.grew(grown.tenantId(), grown.conversationId(), grown.feedSeq());
    }
    return grown.result();
  }

  /// Tells the listeners that a conversation is gone.
  void tellDeleted(String tenantId, String conversationId) {
    for (FeedListener listener : listeners) {
      listener.deleted(tenantId, conversationId);
    }
  }

  private Optional<Conversation> conversation(Condition which) {
    return database.read(sql ->
        sql.select(Rows.CONVERSATION_COLUMNS)
            .from(CONVERSATION)
            .where(which)
            .fetchOptional(Rows::conversation));
  }

  private <T> Optional<T> unlessLost(String replyId, Database.Work<Optional<T>> work) {
    if (!Storable.isId(replyId)) {
      return Optional.empty();
    }
    try {
      return database.write(work);
    } catch (ReplyStates.Lost lost) {
      return Optional.empty();
    }
  }

  /// Whether a send may be refused with this only because of what happened after its first one.
  private static boolean depends(ErrorCode code) {
    return code == ErrorCode.CONFLICT
        || code == ErrorCode.BUSY
        || code == ErrorCode.NOT_FOUND
        || code == ErrorCode.CONVERSATION_ENDED
        || code == ErrorCode.INVALID_FIELD;
  }

  static void requireActFor(Principal caller, String userId) {
    require(caller.mayActFor(userId), userId);
  }

  static void requireSee(Principal caller, String userId) {
    require(caller.maySee(userId), userId);
  }

  private static void require(boolean allowed, String userId) {
    if (!allowed) {
      throw new MagpieException(ErrorCode.FORBIDDEN, ErrorCode.FORBIDDEN.english());
    }
    Storable.require("user_id", userId, USER_ID);
  }

  static <T> Page<T> page(List<T> found, int size, Function<T, String> cursor) {
    return found.size() <= size
        ? new Page<>(found, Optional.empty())
        : new Page<>(found.subList(0, size), Optional.of(cursor.apply(found.get(size - 1))));
  }
}
