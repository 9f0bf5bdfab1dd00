package chat.magpie.api;

import chat.magpie.conversation.Archive;
import chat.magpie.kernel.ErrorCode;
import chat.magpie.kernel.MagpieException;
import chat.magpie.kernel.WellFormed;
import chat.magpie.llm.Tokens;
import chat.magpie.memory.Days;
import chat.magpie.memory.LongTermMemory;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What long-term memory takes and shows over HTTP.
final class MemoryViews {
  static final String IN_THE_FUTURE =
      """
      {"type":"about:blank","title":"A field has a value that is not allowed.","status":400,
       "code":"invalid_field","detail":"at: must be between 1970 and now","retryable":false}
      """;
  static final String BEING_ANSWERED =
      """
      {"type":"about:blank","title":"The object has changed or exists already.","status":409,
       "code":"conflict","detail":"The turn is being answered; erase it when that has ended.",
       "retryable":false}
      """;

  private static final int MAX_TURNS = 1_000;
  private static final int MAX_ID = 128;
  private static final int MAX_NAME = 200;
  private static final int MAX_QUESTION = 4_000;
  private static final int MAX_LIMIT = 500;
  private static final int MAX_TOKENS = 100_000;

  private MemoryViews() {}

  /// Turns that were said elsewhere.
  ///
  /// @param zone IANA name of the time zone in which the user says "yesterday"
  /// @param learn whether the profile shall learn from them
  public record ImportRequest(
      @Nullable String characterId,
      @Nullable String zone,
      @Nullable Boolean learn,
      @Nullable List<ImportSession> sessions) {
    List<Archive.Session> parsed(int maxChars, Tokens tokens) {
      List<ImportSession> given = Fields.required("sessions", sessions);
      Optional<String> checked = Optional.ofNullable(zone).map(MemoryViews::requireZone);
      long count = 0;
      for (ImportSession session : given) {
        List<ImportTurn> turns = Fields.required("turns", element("sessions", session).turns());
        count += turns.size();
      }
      if (count > MAX_TURNS) {
        throw new MagpieException(
            ErrorCode.INVALID_FIELD, "sessions: at most " + MAX_TURNS + " turns at once");
      }
      return given.stream().map(session -> session.parsed(checked, maxChars, tokens)).toList();
    }
  }

  /// A conversation that was held elsewhere.
  ///
  /// @param id names it, for turns that follow in another call
  public record ImportSession(
      @Nullable String id, @Nullable String startedAt, @Nullable List<ImportTurn> turns) {
    Archive.Session parsed(Optional<String> zone, int maxChars, Tokens tokens) {
      Optional<String> named =
          Optional.ofNullable(id).map(text -> WellFormed.requireFilled("session id", text, MAX_ID));
      List<Archive.Turn> parsed = new ArrayList<>();
      for (ImportTurn turn : Fields.required("turns", turns)) {
        parsed.add(element("turns", turn).parsed(named, maxChars, tokens));
      }
      return new Archive.Session(
          named, Optional.ofNullable(startedAt).map(at -> time("started_at", at)), zone, parsed);
    }
  }

  /// Something that was said elsewhere.
  ///
  /// @param id keeps it from being stored twice; made of the rest where it is missing
  /// @param speaker `user` or `companion`
  /// @param name of the speaker
  /// @param at ISO 8601 with an offset
  public record ImportTurn(
      @Nullable String id,
      @Nullable String speaker,
      @Nullable String name,
      @Nullable String at,
      @Nullable String text) {
    Archive.Turn parsed(Optional<String> session, int maxChars, Tokens tokens) {
      String said = WellFormed.requireFilled("text", Fields.required("text", text), maxChars);
      boolean byUser =
          switch (Fields.required("speaker", speaker)) {
            case "user" -> true;
            case "companion" -> false;
            default ->
                throw new MagpieException(
                    ErrorCode.INVALID_FIELD, "speaker: must be user or companion");
          };
      Instant moment = time("at", Fields.required("at", at));
      String key =
          id == null
              ? hash(session.orElse("") + "\n" + moment + "\n" + byUser + "\n" + said)
              : WellFormed.requireFilled("turn id", id, MAX_ID);
      return new Archive.Turn(
          key,
          byUser,
          Optional.ofNullable(name).map(who -> WellFormed.requireFilled("name", who, MAX_NAME)),
          moment,
          said,
          tokens.count(said));
    }
  }

  /// What came of an import.
  public record Imported(int imported, int skipped) {}

  /// What is to be found.
  ///
  /// @param at only turns from before this moment, ISO 8601 with an offset; now if absent
  /// @param limit turns at most, 20 if absent
  /// @param maxTokens of all turns together, 2,000 if absent
  public record RetrieveRequest(
      @Nullable String characterId,
      @Nullable String question,
      @Nullable String at,
      @Nullable Integer limit,
      @Nullable Integer maxTokens) {
    LongTermMemory.Question parsed(Instant now) {
      int most = Objects.requireNonNullElse(limit, 20);
      Fields.within("limit", most, 1, MAX_LIMIT);
      int budget = Objects.requireNonNullElse(maxTokens, 2_000);
      Fields.within("max_tokens", budget, 1, MAX_TOKENS);
      return new LongTermMemory.Question(
          WellFormed.requireFilled("question", Fields.required("question", question), MAX_QUESTION),
          at == null ? now : time("at", at),
          most,
          budget,
          Optional.empty());
    }
  }

  /// What was found, best first.
  ///
  /// @param dense whether meaning was compared, not words alone
  /// @param pending turns that are still to get a vector
  public record Recall(List<RecalledTurn> turns, boolean dense, int pending) {
    static Recall of(LongTermMemory.Recall recall) {
      return new Recall(
          recall.turns().stream().map(RecalledTurn::of).toList(), recall.dense(), recall.pending());
    }
  }

  /// A turn that was found.
  ///
  /// @param id that it was imported with, else that of the message
  /// @param speaker `user` or `companion`
  /// @param dates the days that it speaks of
  /// @param lexical how well its words fit: 1 for the best
  /// @param dense how near it is in meaning
  /// @param relevant whether it says enough about the question to go into a prompt
  public record RecalledTurn(
      String id,
      String messageId,
      String conversationId,
      long seq,
      String speaker,
      Instant at,
      String text,
      List<Span> dates,
      double score,
      double lexical,
      double dense,
      boolean relevant,
      int tokens) {
    static RecalledTurn of(LongTermMemory.Found found) {
      var turn = found.turn();
      return new RecalledTurn(
          turn.externalId(),
          turn.messageId(),
          turn.conversationId(),
          turn.seq(),
          turn.byUser() ? "user" : "companion",
          turn.at(),
          turn.text(),
          turn.dates().stream().map(Span::of).toList(),
          rounded(found.score()),
          rounded(found.lexical()),
          rounded(found.dense()),
          found.relevant(),
          turn.tokens());
    }

    private static double rounded(double value) {
      return Math.round(value * 10_000) / 10_000.0;
    }
  }

  /// Days, both ends included.
  public record Span(LocalDate from, LocalDate to) {
    static Span of(Days days) {
      return new Span(days.from(), days.to());
    }
  }

  /// What was erased.
  ///
  /// @param messageIds the message, and the answer to it
  public record Erased(String id, List<String> messageIds) {}

  private static <T> T element(String list, @Nullable T element) {
    if (element == null) {
      throw new MagpieException(ErrorCode.INVALID_FIELD, list + ": must not hold null");
    }
    return element;
  }

  private static String requireZone(String name) {
    if (!ZoneId.getAvailableZoneIds().contains(name)) {
      throw new MagpieException(
          ErrorCode.INVALID_FIELD, "zone: one of the IANA list, such as Asia/Shanghai");
    }
    return name;
  }

  private static Instant time(String field, String text) {
    try {
      return OffsetDateTime.parse(text).toInstant();
    } catch (DateTimeException e) {
      throw new MagpieException(
          ErrorCode.INVALID_FIELD, field + ": must be a time like 2026-05-01T18:00:00+08:00", e);
    }
  }

  private static String hash(String text) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return "sha256:" + HexFormat.of().formatHex(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
