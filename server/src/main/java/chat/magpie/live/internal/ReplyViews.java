package chat.magpie.live.internal;

import chat.magpie.conversation.Conversations;
import chat.magpie.conversation.Message;
import chat.magpie.conversation.ReplyRecord;
import chat.magpie.kernel.Position;
import chat.magpie.live.Cursor;
import chat.magpie.live.Cursor.Place;
import chat.magpie.reply.ReplyOutcomes;
import chat.magpie.stream.LogEntry;
import chat.magpie.stream.ReplyLog;
import chat.magpie.stream.ReplyLogs;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Finds what a reader at a cursor still has to get: from the memory of the node that generates the
/// reply, else from the stored log, else from the system of record.
///
/// A cursor that the log knows is resumed exactly. One that it does not know, because the log lost
/// its tail with its store or never had it, gets a `reset` with the text so far.
final class ReplyViews {
  private final ReplyLogs logs;
  private final Conversations conversations;
  private final ReplyOutcomes outcomes;

  ReplyViews(ReplyLogs logs, Conversations conversations, ReplyOutcomes outcomes) {
    this.logs = logs;
    this.conversations = conversations;
    this.outcomes = outcomes;
  }

  ReplyView of(ReplyRecord reply, Optional<Cursor> cursor, SseFormat format) {
    @Nullable Place place = cursor.map(Cursor::place).orElse(null);
    Optional<ReplyLog> live = logs.live(reply.id());
    if (live.isEmpty() && !reply.status().ended()) {
      live = Optional.of(logs.prepare(reply.id()));
    }
    if (live.isPresent() && !live.get().abandoned()) {
      return follow(live.get(), place, format);
    }
    List<LogEntry> stored = logs.stored(reply.id());
    boolean complete = !stored.isEmpty() && stored.getLast().kind() == LogEntry.Kind.END;
    return complete ? replay(reply.id(), stored, place, format) : recorded(reply, place, format);
  }

  private static ReplyView follow(ReplyLog log, @Nullable Place place, SseFormat format) {
    int visible = log.visible();
    return switch (place) {
      case null -> new ReplyView.Following(Buffer.buffer(), log, 0);
      case Place.At(Position position) ->
          log.indexOf(position)
              .<ReplyView>map(at -> new ReplyView.Following(Buffer.buffer(), log, at + 1))
              .orElseGet(() -> caughtUp(log, visible, format));
      case Place.Stored() -> caughtUp(log, visible, format);
      case Place.End() -> log.ended() ? new ReplyView.Nothing() : caughtUp(log, visible, format);
    };
  }

  /// The text so far in one event, then the log from there on.
  private static ReplyView caughtUp(ReplyLog log, int visible, SseFormat format) {
    int upTo = log.ended() ? visible - 1 : visible;
    List<LogEntry> entries =
        java.util.stream.IntStream.range(0, upTo).mapToObj(log::entry).toList();
    Buffer reset = Buffer.buffer();
    if (!entries.isEmpty()) {
      String id = at(log.replyId(), entries.getLast().position());
      reset.appendBytes(format.reset(id, ReplyLog.fold(entries)));
    }
    return new ReplyView.Following(reset, log, upTo);
  }

  private static ReplyView replay(
      String replyId, List<LogEntry> entries, @Nullable Place place, SseFormat format) {
    int from =
        switch (place) {
          case null -> 0;
          case Place.At(Position position) -> indexAfter(entries, position);
          case Place.Stored() -> entries.size() - 1;
          case Place.End() -> entries.size();
        };
    if (from == entries.size()) {
      return new ReplyView.Nothing();
    }
    Buffer out = Buffer.buffer();
    if (from < 0) {
      from = entries.size() - 1;
      List<LogEntry> text = entries.subList(0, from);
      Position last = text.isEmpty() ? Position.START : text.getLast().position();
      out.appendBytes(format.reset(at(replyId, last), ReplyLog.fold(text)));
    }
    for (LogEntry entry : entries.subList(from, entries.size())) {
      out.appendBytes(format.event(replyId, entry));
    }
    return new ReplyView.Whole(out);
  }

  private static int indexAfter(List<LogEntry> entries, Position position) {
    for (int i = 0; i < entries.size(); i++) {
      if (entries.get(i).position().equals(position)) {
        return i + 1;
      }
    }
    return -1;
  }

  private ReplyView recorded(ReplyRecord reply, @Nullable Place place, SseFormat format) {
    if (place instanceof Place.End) {
      return new ReplyView.Nothing();
    }
    Buffer out = Buffer.buffer();
    if (!(place instanceof Place.Stored)) {
      String text = conversations.answer(reply).map(Message::content).orElse("");
      String id = new Cursor(reply.id(), new Place.Stored()).toString();
      out.appendBytes(place == null ? format.whole(id, text) : format.reset(id, text));
    }
    LogEntry end = new LogEntry(Position.END, LogEntry.Kind.END, outcomes.terminal(reply));
    out.appendBytes(format.event(reply.id(), end));
    return new ReplyView.Whole(out);
  }

  private static String at(String replyId, Position position) {
    return new Cursor(replyId, new Place.At(position)).toString();
  }
}
