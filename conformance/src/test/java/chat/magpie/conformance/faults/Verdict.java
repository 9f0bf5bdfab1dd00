package chat.magpie.conformance.faults;

import chat.magpie.conformance.client.Api;
import chat.magpie.conformance.faults.Journal.Ack;
import chat.magpie.conformance.faults.Journal.Ending;
import chat.magpie.conformance.faults.Journal.Read;
import chat.magpie.conformance.faults.Journal.Sent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// What is wrong after a run, judged by what its clients noted, what the database holds, what is
/// left of the reply logs, and what the model was asked.
///
/// 1. An acknowledged message is stored exactly once, with the ids that the client was told.
/// 2. Message and event numbers of a conversation have no gap and no duplicate; a message that was
///    sent after another was acknowledged comes after it, an answer after its question.
/// 3. What every reader read folds to the stored answer, and at its end the answer was there.
/// 4. No log has an entry of an older epoch behind a claim, nor a gap; every reply ends once.
/// 5. Every reply has ended in time.
/// 6. The model was asked no more often than the reply says.
public final class Verdict {
  /// What the run allows.
  ///
  /// @param deadline from a reply's creation to its end
  /// @param logsKept whether Redis lost nothing: then what a reader saw must be in the log
  public record Rules(Duration deadline, boolean logsKept) {}

  /// A violation, with the number of the rule it breaks.
  public record Violation(int rule, String what) {
    @Override
    public String toString() {
      return rule + ": " + what;
    }
  }

  private final Journal journal;
  private final Stored stored;
  private final Map<String, List<LogLine>> logs;
  private final Map<String, Integer> modelCalls;
  private final Rules rules;
  private final List<Violation> violations = new ArrayList<>();
  private final Map<String, Stored.Message> messageById = new HashMap<>();
  private final Map<String, Stored.Turn> turnById = new HashMap<>();
  private final Map<String, Stored.Reply> replyById = new HashMap<>();

  private Verdict(
      Journal journal,
      Stored stored,
      Map<String, List<LogLine>> logs,
      Map<String, Integer> modelCalls,
      Rules rules) {
    this.journal = journal;
    this.stored = stored;
    this.logs = logs;
    this.modelCalls = modelCalls;
    this.rules = rules;
    stored.messages().forEach(message -> messageById.put(message.id(), message));
    stored.turns().forEach(turn -> turnById.put(turn.id(), turn));
    stored.replies().forEach(reply -> replyById.put(reply.id(), reply));
  }

  /// All violations of a run; empty where it kept every promise.
  ///
  /// @param logs by reply, as far as Redis still has them
  /// @param modelCalls requests that reached the model, by the text of the question
  public static List<Violation> judge(
      Journal journal,
      Stored stored,
      Map<String, List<LogLine>> logs,
      Map<String, Integer> modelCalls,
      Rules rules) {
    Verdict verdict = new Verdict(journal, stored, logs, modelCalls, rules);
    verdict.messages();
    verdict.order();
    verdict.readers();
    verdict.logs();
    verdict.endings();
    verdict.calls();
    return List.copyOf(verdict.violations);
  }

  private void broken(int rule, String what) {
    violations.add(new Violation(rule, what));
  }

  private void messages() {
    Map<String, List<Stored.Message>> byText =
        stored.messages().stream()
            .filter(message -> message.role().equals("USER"))
            .collect(Collectors.groupingBy(Stored.Message::content));
    for (Sent sent : journal.sent()) {
      int copies = byText.getOrDefault(sent.text(), List.of()).size();
      if (copies > 1) {
        broken(1, "stored " + copies + " times: " + sent.text());
      }
      if (!sent.acks().isEmpty()) {
        acknowledged(sent, copies);
      }
    }
  }

  private void acknowledged(Sent sent, int copies) {
    if (copies == 0) {
      broken(1, "acknowledged and lost: " + sent.text());
    }
    Ack ack = sent.acks().getFirst();
    if (new HashSet<>(sent.acks()).size() > 1) {
      broken(1, "acknowledged with different ids: " + sent.acks());
    }
    Stored.Turn turn = turnById.get(ack.turn());
    if (turn == null) {
      broken(1, "no such turn as was acknowledged: " + ack + " for " + sent.text());
      return;
    }
    Stored.Message message = messageById.get(turn.message());
    if (message == null || !message.content().equals(sent.text())) {
      broken(1, "the acknowledged turn has another message: " + message + " for " + sent.text());
    }
    if (!turn.conversation().equals(ack.conversation()) || !turn.user().equals(sent.user())) {
      broken(1, "the acknowledged turn is elsewhere: " + turn + " for " + ack);
    }
    Stored.Reply reply = replyById.get(ack.reply());
    if (reply == null || !reply.turn().equals(ack.turn())) {
      broken(1, "no such reply as was acknowledged: " + ack);
    }
  }

  private void order() {
    Map<String, List<Long>> messages =
        numbers(stored.messages(), Stored.Message::conversation, Stored.Message::seq);
    Map<String, List<Long>> events =
        numbers(stored.events(), Stored.Event::conversation, Stored.Event::seq);
    for (Stored.Conversation conversation : stored.conversations()) {
      dense("messages of " + conversation.id(), messages, conversation, conversation.messageSeq());
      dense("events of " + conversation.id(), events, conversation, conversation.eventSeq());
    }
    for (List<Sent> ofUser :
        journal.sent().stream()
            .filter(sent -> !sent.acks().isEmpty())
            .collect(Collectors.groupingBy(Sent::user))
            .values()) {
      afterOneAnother(ofUser);
    }
    Map<String, List<Stored.Message>> ofTurns =
        stored.messages().stream().collect(Collectors.groupingBy(Stored.Message::turn));
    for (Stored.Turn turn : stored.turns()) {
      for (Stored.Message message : ofTurns.getOrDefault(turn.id(), List.of())) {
        if (message.role().equals("ASSISTANT") && message.seq() <= turn.messageSeq()) {
          broken(2, "the answer stands before its question: " + message);
        }
      }
    }
  }

  private static <T> Map<String, List<Long>> numbers(
      List<T> rows, Function<T, String> conversation, Function<T, Long> seq) {
    return rows.stream()
        .collect(Collectors.groupingBy(conversation, Collectors.mapping(seq, Collectors.toList())));
  }

  private void dense(
      String what,
      Map<String, List<Long>> numbers,
      Stored.Conversation conversation,
      long greatest) {
    List<Long> sorted =
        numbers.getOrDefault(conversation.id(), List.of()).stream().sorted().toList();
    for (int i = 0; i < sorted.size(); i++) {
      if (sorted.get(i) != i + 1) {
        broken(2, what + " are not numbered 1, 2, 3 …: " + sorted);
        return;
      }
    }
    if (sorted.size() != greatest) {
      broken(2, what + " should go to " + greatest + " and go to " + sorted.size());
    }
  }

  /// What a client sent after it had been told that its earlier message is accepted, comes after
  /// it.
  private void afterOneAnother(List<Sent> ofUser) {
    for (Sent earlier : ofUser) {
      for (Sent later : ofUser) {
        Stored.@Nullable Turn first = turnById.get(earlier.acks().getFirst().turn());
        Stored.@Nullable Turn second = turnById.get(later.acks().getFirst().turn());
        if (first != null
            && second != null
            && earlier.ackMillis() < later.sentMillis()
            && first.conversation().equals(second.conversation())
            && first.messageSeq() >= second.messageSeq()) {
          broken(2, "sent later and stored earlier: " + later.text() + " before " + earlier.text());
        }
      }
    }
  }

  private void readers() {
    for (Read read : journal.read()) {
      String who = read.reader() + " of " + read.reply();
      if (!read.problem().isEmpty()) {
        broken(3, who + " was refused: " + read.problem());
      }
      if (!read.again().isEmpty()) {
        broken(3, who + " got an event twice: " + read.again());
      }
      Stored.Reply reply = replyById.get(read.reply());
      if (reply == null) {
        broken(3, who + ": there is no such reply");
        continue;
      }
      ended(who, read, reply);
      logHas(who, read);
    }
  }

  private void ended(String who, Read read, Stored.Reply reply) {
    if (read.ending() == Ending.NONE) {
      broken(3, who + " saw no end");
      return;
    }
    Ending expected = reply.status().equals("FAILED") ? Ending.ERROR : Ending.DONE;
    if (read.ending() != expected) {
      broken(3, who + " saw " + read.ending() + " and it is " + reply.status());
    }
    String answer = answer(reply);
    if (!read.text().equals(answer)) {
      broken(3, who + " read another answer than is stored: " + difference(read.text(), answer));
    }
    read.afterwards()
        .ifPresent(afterwards -> {
          if (!afterwards.status().equalsIgnoreCase(reply.status())
              || !afterwards.content().equals(read.text())) {
            broken(3, who + " saw the end before the answer was stored: " + afterwards.status());
          }
        });
  }

  private String answer(Stored.Reply reply) {
    return reply
        .message()
        .flatMap(id -> Optional.ofNullable(messageById.get(id)))
        .map(Stored.Message::content)
        .orElse("");
  }

  /// While Redis loses nothing, whatever a reader was shown is in the log.
  private void logHas(String who, Read read) {
    List<LogLine> log = logs.get(read.reply());
    if (!rules.logsKept() || log == null) {
      return;
    }
    Set<String> positions =
        log.stream().map(LogLine::position).collect(Collectors.toCollection(HashSet::new));
    for (String id : read.ids()) {
      String position = id.substring(id.indexOf(':') + 1);
      if (position.matches("\\d+-\\d+") && !positions.contains(position)) {
        broken(3, who + " was shown " + position + ", which its log does not have");
        return;
      }
    }
  }

  private void logs() {
    logs.forEach(this::log);
    Map<String, Long> answers =
        stored.messages().stream()
            .filter(message -> message.role().equals("ASSISTANT"))
            .collect(Collectors.groupingBy(Stored.Message::turn, Collectors.counting()));
    Map<String, Long> announced =
        stored.events().stream()
            .filter(event -> event.type().equals("reply.ended"))
            .collect(
                Collectors.groupingBy(
                    event -> Api.parse(event.payload()).path("reply_id").asText(),
                    Collectors.counting()));
    for (Stored.Reply reply : stored.replies()) {
      long said = answers.getOrDefault(reply.turn(), 0L);
      long ends = announced.getOrDefault(reply.id(), 0L);
      if (said > 1 || ends > 1) {
        broken(4, reply.id() + " ended " + ends + " times, with " + said + " answers");
      } else if (reply.terminal() && ends != 1) {
        broken(4, reply.id() + " ended without being announced");
      } else if (reply.terminal() && said != (reply.message().isPresent() ? 1 : 0)) {
        broken(4, reply.id() + " has " + said + " answers and names " + reply.message());
      }
    }
  }

  private void log(String id, List<LogLine> log) {
    Stored.Reply reply = replyById.get(id);
    if (reply == null) {
      broken(4, "a log of no reply: " + id);
      return;
    }
    @Nullable LogLine before = null;
    StringBuilder text = new StringBuilder();
    for (LogLine line : log) {
      if (before != null && before.isEnd()) {
        broken(4, id + " has an entry behind its end: " + line);
      }
      if (!line.isEnd()) {
        follows(id, before, line, reply);
      }
      switch (line.kind()) {
        case "delta" -> text.append(line.data());
        case "reset" -> text.replace(0, text.length(), line.data());
        default -> {}
      }
      before = line;
    }
    if (before != null && reply.terminal()) {
      agrees(id, text.toString(), before, answer(reply), reply);
    }
  }

  /// What the owner of the last epoch logged is what was stored, or its beginning where the end is
  /// missing.
  private void agrees(String id, String logged, LogLine last, String answer, Stored.Reply reply) {
    boolean same = last.isEnd() ? answer.equals(logged) : answer.startsWith(logged);
    if (!same && (last.isEnd() || last.epoch() == reply.epoch())) {
      broken(4, id + ": log and store differ: " + difference(logged, answer));
    }
  }

  private void follows(String id, @Nullable LogLine before, LogLine line, Stored.Reply reply) {
    if (Long.compareUnsigned(line.epoch(), reply.epoch()) > 0) {
      broken(4, id + " has an epoch that was never given out: " + line.position());
    }
    boolean claim = line.kind().equals("claim");
    if (claim != (line.seq() == 0)) {
      broken(4, id + " has a claim out of place: " + line.position());
    }
    if (before == null || before.isEnd()) {
      if (!claim) {
        broken(4, id + " begins without a claim: " + line.position());
      }
    } else if (line.epoch() < before.epoch()) {
      broken(4, id + ": " + line.position() + " behind the claim of " + before.position());
    } else if (line.epoch() == before.epoch() && line.seq() != before.seq() + 1) {
      broken(4, id + ": " + line.position() + " behind " + before.position());
    } else if (line.epoch() > before.epoch() && !claim) {
      broken(4, id + " has an epoch without a claim: " + line.position());
    }
  }

  private void endings() {
    for (Stored.Reply reply : stored.replies()) {
      if (!reply.terminal()) {
        broken(5, reply.id() + " has not ended: " + reply.status());
      } else if (reply.finishedMillis() - reply.createdMillis() > rules.deadline().toMillis()) {
        broken(
            5,
            reply.id()
                + " took "
                + (reply.finishedMillis() - reply.createdMillis())
                + " ms to end");
      }
    }
  }

  private void calls() {
    Map<String, Integer> allowed = new HashMap<>();
    for (Stored.Reply reply : stored.replies()) {
      Stored.Turn turn = turnById.get(reply.turn());
      Stored.Message question = turn == null ? null : messageById.get(turn.message());
      if (question != null) {
        allowed.merge(question.content(), reply.modelCalls(), Integer::sum);
      }
    }
    modelCalls.forEach((question, calls) -> {
      int recorded = allowed.getOrDefault(question, 0);
      if (calls > recorded) {
        broken(6, calls + " model calls and " + recorded + " recorded: " + question);
      }
    });
  }

  /// Where two texts part.
  private static String difference(String one, String other) {
    int at = 0;
    while (at < Math.min(one.length(), other.length()) && one.charAt(at) == other.charAt(at)) {
      at++;
    }
    return "%d and %d characters, the same for %d; \"%s\" and \"%s\""
        .formatted(one.length(), other.length(), at, from(one, at), from(other, at));
  }

  private static String from(String text, int at) {
    return text.substring(at, Math.min(text.length(), at + 40));
  }

  /// The violations as a list to read, least rule first.
  public static String describe(List<Violation> violations) {
    return violations.stream()
        .sorted(Comparator.comparingInt(Violation::rule))
        .map(Violation::toString)
        .collect(Collectors.joining("\n"));
  }
}
