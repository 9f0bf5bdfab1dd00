package chat.magpie.memory.internal;

import static chat.magpie.memory.internal.MemoryTables.*;
import static org.jooq.impl.DSL.coalesce;
import static org.jooq.impl.DSL.noCondition;
import static org.jooq.impl.DSL.notExists;
import static org.jooq.impl.DSL.select;

import chat.magpie.memory.MemoryKey;
import chat.magpie.memory.RememberedTurn;
import chat.magpie.sql.Database;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.Record;
import org.jspecify.annotations.Nullable;

/// Reads from the database what may be recalled, and keeps the vectors.
final class StoredTurns {
  private static final List<String> SPOKEN = List.of("USER", "ASSISTANT", "HUMAN");
  private static final int AT_ONCE = 300;

  private final Database database;
  private final ZoneId zone;

  /// @param zone of those of whom no other is known
  StoredTurns(Database database, ZoneId zone) {
    this.database = database;
    this.zone = zone;
  }

  /// How far a conversation reaches, and what of it is gone.
  record State(long messages, long forgotten, int erased) {
    /// Whether something that could be recalled then cannot be now.
    boolean lost(State since) {
      return since.forgotten != forgotten || since.erased != erased || since.messages < messages;
    }
  }

  /// A turn and the zone of who said it.
  record Zoned(RememberedTurn turn, ZoneId zone) {}

  /// The conversations of an owner, by id.
  Map<String, State> states(MemoryKey owner) {
    return database.read(sql -> {
      Map<String, State> states = new HashMap<>();
      sql.select(
              CONVERSATION_ID,
              CONVERSATION_MESSAGE_SEQ,
              CONVERSATION_FORGOTTEN_SEQ,
              CONVERSATION_ERASED)
          .from(CONVERSATION)
          .where(of(owner))
          .forEach(row ->
              states.put(
                  row.get(CONVERSATION_ID),
                  new State(
                      row.get(CONVERSATION_MESSAGE_SEQ),
                      row.get(CONVERSATION_FORGOTTEN_SEQ),
                      row.get(CONVERSATION_ERASED))));
      return states;
    });
  }

  /// The newest turns of all conversations, oldest first, up to these states.
  List<Zoned> all(MemoryKey owner, Map<String, State> states, int limit) {
    return upTo(states, database.read(sql -> turns(sql, owner, noCondition(), limit)));
  }

  /// Those of one conversation after this seq, oldest first.
  List<Zoned> after(MemoryKey owner, String conversationId, State state, long seq, int limit) {
    Condition more = MESSAGE_CONVERSATION.eq(conversationId).and(MESSAGE_SEQ.gt(seq));
    return upTo(
        Map.of(conversationId, state), database.read(sql -> turns(sql, owner, more, limit)));
  }

  /// Messages come and go between two statements: whoever is later than the state is not seen yet.
  private static List<Zoned> upTo(Map<String, State> states, List<Zoned> turns) {
    return turns.stream()
        .filter(zoned -> {
          State state = states.get(zoned.turn.conversationId());
          return state != null && zoned.turn.seq() <= state.messages;
        })
        .toList();
  }

  private List<Zoned> turns(DSLContext sql, MemoryKey owner, Condition which, int limit) {
    return sql.select(
            MESSAGE_CONVERSATION,
            MESSAGE_SEQ,
            MESSAGE_ID,
            MESSAGE_ROLE,
            MESSAGE_CONTENT,
            MESSAGE_TOKENS,
            MESSAGE_CREATED_AT,
            IMPORTED_EXTERNAL,
            IMPORTED_SPEAKER,
            IMPORTED_ZONE)
        .from(CONVERSATION)
        .join(MESSAGE)
        .on(MESSAGE_CONVERSATION.eq(CONVERSATION_ID))
        .leftJoin(IMPORTED)
        .on(IMPORTED_MESSAGE.eq(MESSAGE_ID))
        .leftJoin(TURN)
        .on(TURN_ID.eq(MESSAGE_TURN))
        .where(
            of(owner),
            which,
            MESSAGE_SEQ.gt(CONVERSATION_FORGOTTEN_SEQ),
            coalesce(TURN_MESSAGE_SEQ, MESSAGE_SEQ).gt(CONVERSATION_FORGOTTEN_SEQ),
            MESSAGE_ROLE.in(SPOKEN),
            MESSAGE_CONTENT.ne(""))
        .orderBy(MESSAGE_CREATED_AT.desc(), MESSAGE_CONVERSATION.desc(), MESSAGE_SEQ.desc())
        .limit(limit)
        .fetch(this::turn)
        .reversed();
  }

  private static Condition of(MemoryKey owner) {
    return CONVERSATION_TENANT
        .eq(owner.tenantId())
        .and(CONVERSATION_USER.eq(owner.userId()))
        .and(CONVERSATION_CHARACTER.eq(owner.characterId()));
  }

  private Zoned turn(Record row) {
    Instant at = Instant.ofEpochMilli(row.get(MESSAGE_CREATED_AT));
    ZoneId said = zone(row.get(IMPORTED_ZONE));
    String text = row.get(MESSAGE_CONTENT);
    String id = row.get(MESSAGE_ID);
    return new Zoned(
        new RememberedTurn(
            id,
            Optional.ofNullable(row.get(IMPORTED_EXTERNAL)).orElse(id),
            row.get(MESSAGE_CONVERSATION),
            row.get(MESSAGE_SEQ),
            row.get(MESSAGE_ROLE).equals("USER"),
            Optional.ofNullable(row.get(IMPORTED_SPEAKER)).orElse(""),
            at,
            text,
            row.get(MESSAGE_TOKENS),
            SaidDates.in(text, LocalDate.ofInstant(at, said)).stream()
                .map(SaidDates.Said::days)
                .distinct()
                .toList()),
        said);
  }

  private ZoneId zone(@Nullable String name) {
    try {
      return name == null ? zone : ZoneId.of(name);
    } catch (DateTimeException e) {
      return zone; // of an older list of zones
    }
  }

  /// The vectors of messages, by message id.
  Map<String, Vector> vectors(Collection<String> messageIds) {
    Map<String, Vector> found = new HashMap<>();
    List<String> ids = List.copyOf(messageIds);
    for (int from = 0; from < ids.size(); from += AT_ONCE) {
      List<String> some = ids.subList(from, Math.min(ids.size(), from + AT_ONCE));
      database.read(sql -> {
        sql.select(VECTOR_MESSAGE, VECTOR_SPACE, VECTOR_VALUES)
            .from(VECTOR)
            .where(VECTOR_MESSAGE.in(some))
            .forEach(row ->
                found.put(
                    row.get(VECTOR_MESSAGE),
                    Vector.read(row.get(VECTOR_SPACE), row.get(VECTOR_VALUES))));
        return found.size();
      });
    }
    return found;
  }

  /// Keeps vectors, but not of messages that were erased meanwhile.
  void keep(List<RememberedTurn> turns, List<Vector> vectors) {
    database.write(sql -> {
      var insert =
          sql.insertInto(VECTOR, VECTOR_MESSAGE, VECTOR_SPACE, VECTOR_CONVERSATION, VECTOR_VALUES);
      for (int i = 0; i < turns.size(); i++) {
        Vector vector = vectors.get(i);
        insert =
            insert.values(
                turns.get(i).messageId(),
                vector.space(),
                turns.get(i).conversationId(),
                vector.bytes());
      }
      return insert.onConflictDoNothing().execute();
    });
    List<String> ids = turns.stream().map(RememberedTurn::messageId).toList();
    database.write(sql ->
        sql.deleteFrom(VECTOR)
            .where(
                VECTOR_MESSAGE.in(ids),
                notExists(
                    select(MESSAGE_ID)
                        .from(MESSAGE)
                        .where(MESSAGE_ID.eq(VECTOR_MESSAGE), MESSAGE_CONTENT.ne(""))))
            .execute());
  }

  void dropVectors(List<String> messageIds) {
    database.write(sql -> sql.deleteFrom(VECTOR).where(VECTOR_MESSAGE.in(messageIds)).execute());
  }

  void dropVectorsOf(String conversationId) {
    database.write(
        sql -> sql.deleteFrom(VECTOR).where(VECTOR_CONVERSATION.eq(conversationId)).execute());
  }

  /// Marks all that has been said as not to be recalled.
  void forget(String tenantId, String userId, Optional<String> characterId) {
    database.write(sql -> {
      List<String> ids = new ArrayList<>();
      sql.select(CONVERSATION_ID)
          .from(CONVERSATION)
          .where(
              CONVERSATION_TENANT.eq(tenantId),
              CONVERSATION_USER.eq(userId),
              characterId.map(CONVERSATION_CHARACTER::eq).orElse(noCondition()),
              CONVERSATION_MESSAGE_SEQ.gt(CONVERSATION_FORGOTTEN_SEQ))
          .orderBy(CONVERSATION_ID) // all who lock several do so in the same order
          .forEach(row -> ids.add(row.get(CONVERSATION_ID)));
      for (String id : ids) {
        sql.update(CONVERSATION)
            .set(CONVERSATION_FORGOTTEN_SEQ, CONVERSATION_MESSAGE_SEQ)
            .where(CONVERSATION_ID.eq(id))
            .execute();
      }
      return ids.size();
    });
  }
}
