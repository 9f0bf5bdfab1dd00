package chat.magpie.live.internal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import chat.magpie.kernel.Position;
import chat.magpie.live.Cursor;
import chat.magpie.stream.LogEntry;
import chat.magpie.stream.ReplyLog;
import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// From the entries of a reply's log to the bytes of its events, and back.
class ReplyEventsFuzzTest {
  private static final String REPLY = "0197a3c0-0000-7000-8000-000000000001";
  private static final ObjectMapper JSON = new ObjectMapper();

  /// Whatever is in the entries, a reader that folds the events has what the log folds to, and each
  /// event names the position of its entry.
  @FuzzTest
  void events(FuzzedDataProvider data) throws JsonProcessingException {
    List<LogEntry> entries = entries(data);
    for (SseFormat format : List.of(new SseFormat.Own(), new SseFormat.Companion())) {
      StringBuilder text = new StringBuilder();
      StringBuilder sent = new StringBuilder();
      List<Position> shown = new ArrayList<>();
      for (LogEntry entry : entries) {
        byte[] bytes = entry.as(format.encoding(REPLY));
        assertThat(entry.as(format.encoding(REPLY))).isEqualTo(bytes);
        if (bytes.length > 0) {
          shown.add(entry.position());
        }
        sent.append(new String(bytes, UTF_8));
      }
      assertThat(sent.toString()).doesNotContain("\uFFFD");
      String[] events = sent.toString().split("\n\n", -1);
      assertThat(events).hasSize(shown.size() + 1);
      assertThat(events[shown.size()]).isEmpty();
      for (int i = 0; i < shown.size(); i++) {
        read(events[i], shown.get(i), text);
      }
      assertThat(text).hasToString(ReplyLog.fold(entries));
    }
  }

  private static void read(String event, Position position, StringBuilder text)
      throws JsonProcessingException {
    String[] lines = event.split("\n", -1);
    assertThat(lines).hasSize(3);
    Cursor cursor = Cursor.parse(lines[1].substring("id: ".length()));
    assertThat(cursor).isEqualTo(new Cursor(REPLY, new Cursor.Place.At(position)));
    JsonNode content = JSON.readTree(lines[2].substring("data: ".length())).path("content");
    assertThat(content.isTextual()).isTrue();
    switch (lines[0]) {
      case "event: delta", "event: message" -> text.append(content.textValue());
      case "event: reset" -> {
        text.setLength(0);
        text.append(content.textValue());
      }
      default -> assertThat(lines[0]).isEqualTo("event: reasoning");
    }
  }

  /// Entries as their owner writes them: well-formed text in pieces of any length.
  private static List<LogEntry> entries(FuzzedDataProvider data) {
    LogEntry.Kind[] kinds = {
      LogEntry.Kind.DELTA,
      LogEntry.Kind.DELTA,
      LogEntry.Kind.REASONING,
      LogEntry.Kind.RESET,
      LogEntry.Kind.OTHER
    };
    List<LogEntry> entries = new ArrayList<>();
    long epoch = data.consumeLong(1, Long.MAX_VALUE);
    for (int seq = 1; seq < 20 && data.remainingBytes() > 0; seq++) {
      LogEntry.Kind kind = kinds[data.consumeInt(0, kinds.length - 1)];
      String said = data.consumeString(30);
      // Unpaired halves never reach a log: they are taken out where text comes in.
      String text = new String(said.getBytes(UTF_8), UTF_8).replace('\uFFFD', '?');
      Position position = new Position(epoch, seq);
      assertThat(Position.parse(position.toString())).isEqualTo(Optional.of(position));
      entries.add(new LogEntry(position, kind, text));
    }
    return entries;
  }
}
