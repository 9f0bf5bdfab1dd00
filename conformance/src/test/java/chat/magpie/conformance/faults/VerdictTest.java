package chat.magpie.conformance.faults;

import static org.assertj.core.api.Assertions.assertThat;

import chat.magpie.conformance.faults.Journal.Ack;
import chat.magpie.conformance.faults.Journal.Afterwards;
import chat.magpie.conformance.faults.Journal.Ending;
import chat.magpie.conformance.faults.Journal.Read;
import chat.magpie.conformance.faults.Journal.Sent;
import chat.magpie.conformance.faults.Verdict.Rules;
import chat.magpie.conformance.faults.Verdict.Violation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// The judge itself: a run without fault passes, and each promise, broken once, is noticed.
@Tag("A-19")
class VerdictTest {
  private static final Rules RULES = new Rules(Duration.ofSeconds(30), true);

  private final List<Sent> sent = new ArrayList<>();
  private final List<Read> read = new ArrayList<>();
  private final List<Stored.Conversation> conversations = new ArrayList<>();
  private final List<Stored.Message> messages = new ArrayList<>();
  private final List<Stored.Turn> turns = new ArrayList<>();
  private final List<Stored.Reply> replies = new ArrayList<>();
  private final List<Stored.Event> events = new ArrayList<>();
  private final Map<String, List<LogLine>> logs = new HashMap<>();
  private final Map<String, Integer> calls = new HashMap<>();

  /// Two turns of one user, the second taken over once; both were read by one reader.
  VerdictTest() {
    sent.add(sent("k1", "question 1", ack(1), 100, 110));
    sent.add(sent("k2", "question 2", ack(2), 120, 130));
    conversations.add(new Stored.Conversation("c", 4, 2));
    messages.add(new Stored.Message("c", 1, "m1", "t1", "USER", "question 1"));
    messages.add(new Stored.Message("c", 2, "a1", "t1", "ASSISTANT", "one two"));
    messages.add(new Stored.Message("c", 3, "m2", "t2", "USER", "question 2"));
    messages.add(new Stored.Message("c", 4, "a2", "t2", "ASSISTANT", "three four"));
    turns.add(new Stored.Turn("t1", "u", "k1", "c", "m1", 1));
    turns.add(new Stored.Turn("t2", "u", "k2", "c", "m2", 3));
    replies.add(reply(1, "DONE", 1, 1, 5_000));
    replies.add(reply(2, "DONE", 2, 2, 6_000));
    events.add(new Stored.Event("c", 1, "reply.ended", "{\"reply_id\":\"r1\"}"));
    events.add(new Stored.Event("c", 2, "reply.ended", "{\"reply_id\":\"r2\"}"));
    logs.put(
        "r1",
        new ArrayList<>(
            List.of(
                new LogLine(1, 0, "claim", "n1"),
                new LogLine(1, 1, "delta", "one "),
                new LogLine(1, 2, "delta", "two"),
                new LogLine(-1, -1, "end", "{}"))));
    logs.put(
        "r2",
        new ArrayList<>(
            List.of(
                new LogLine(1, 0, "claim", "n1"),
                new LogLine(1, 1, "delta", "three "),
                new LogLine(2, 0, "claim", "n2"),
                new LogLine(2, 1, "reset", ""),
                new LogLine(2, 2, "delta", "three four"),
                new LogLine(-1, -1, "end", "{}"))));
    calls.put("question 1", 1);
    calls.put("question 2", 2);
    read.add(read("r1", List.of("r1:1-1", "r1:1-2", "r1:end"), "one two", Ending.DONE));
    read.add(
        read("r2", List.of("r2:1-1", "r2:2-1", "r2:2-2", "r2:end"), "three four", Ending.DONE));
  }

  private static Ack ack(int turn) {
    return new Ack("c", "t" + turn, "r" + turn);
  }

  private static Sent sent(String key, String text, Ack ack, long from, long to) {
    return new Sent("u", key, text, List.of(ack), Optional.empty(), from, to);
  }

  private static Stored.Reply reply(
      int number, String status, long epoch, int attempts, long finished) {
    return new Stored.Reply(
        "r" + number,
        "t" + number,
        status,
        epoch,
        attempts,
        Optional.of("a" + number),
        "",
        1_000,
        finished);
  }

  private static Read read(String reply, List<String> ids, String text, Ending ending) {
    Optional<Afterwards> afterwards = Optional.of(new Afterwards("done", text));
    return new Read("reader", reply, ids, List.of(), text, ending, afterwards, 1, 0, 10, "");
  }

  private List<Violation> judge() {
    Journal journal = new Journal();
    sent.forEach(journal::add);
    read.forEach(journal::add);
    Stored stored = new Stored(conversations, messages, turns, replies, events);
    return Verdict.judge(journal, stored, logs, calls, RULES);
  }

  private void assertBroken(int rule, String what) {
    assertThat(judge())
        .anySatisfy(violation -> {
          assertThat(violation.rule()).isEqualTo(rule);
          assertThat(violation.what()).contains(what);
        });
  }

  private static <T> void change(List<T> list, int index, UnaryOperator<T> change) {
    list.set(index, change.apply(list.get(index)));
  }

  @Test
  void aFaultlessRunPasses() {
    assertThat(judge()).isEmpty();
  }

  @Test
  void anAcknowledgedMessageThatIsNotStored() {
    messages.removeIf(message -> message.id().equals("m2"));
    assertBroken(1, "acknowledged and lost: question 2");
  }

  @Test
  void anAcknowledgedTurnThatIsNotStored() {
    turns.removeLast();
    assertBroken(1, "no such turn");
  }

  @Test
  void aMessageThatIsStoredTwice() {
    messages.add(new Stored.Message("c", 5, "m3", "t3", "USER", "question 2"));
    assertBroken(1, "stored 2 times: question 2");
  }

  @Test
  void aMessageThatWasNeverAcknowledgedAndIsStoredTwice() {
    change(
        sent, 1, s -> new Sent(s.user(), s.key(), s.text(), List.of(), Optional.of(0), 120, 130));
    messages.add(new Stored.Message("c", 5, "m3", "t3", "USER", "question 2"));
    assertBroken(1, "stored 2 times: question 2");
  }

  @Test
  void acknowledgementsThatDiffer() {
    change(
        sent,
        0,
        s -> new Sent("u", "k1", s.text(), List.of(ack(1), ack(2)), Optional.empty(), 100, 110));
    assertBroken(1, "acknowledged with different ids");
  }

  @Test
  void aTurnWithAnotherMessage() {
    change(messages, 2, m -> new Stored.Message("c", 3, "m2", "t2", "USER", "else"));
    assertBroken(1, "has another message");
  }

  @Test
  void aTurnOfSomebodyElse() {
    change(turns, 0, t -> new Stored.Turn("t1", "other", "k1", "c", "m1", 1));
    assertBroken(1, "is elsewhere");
  }

  @Test
  void aReplyOfAnotherTurn() {
    change(
        replies,
        0,
        r -> new Stored.Reply("r1", "t9", "DONE", 1, 1, Optional.of("a1"), "", 1_000, 5_000));
    assertBroken(1, "no such reply");
  }

  @Test
  void aGapAndADuplicateInTheNumbersOfMessages() {
    change(messages, 3, m -> new Stored.Message("c", 5, "a2", "t2", "ASSISTANT", m.content()));
    assertBroken(2, "messages of c are not numbered");
    change(messages, 3, m -> new Stored.Message("c", 3, "a2", "t2", "ASSISTANT", m.content()));
    assertBroken(2, "messages of c are not numbered");
  }

  @Test
  void aConversationThatCountsFurtherThanItGoes() {
    conversations.set(0, new Stored.Conversation("c", 5, 2));
    assertBroken(2, "messages of c should go to 5 and go to 4");
  }

  @Test
  void aGapInTheNumbersOfEvents() {
    change(events, 1, e -> new Stored.Event("c", 3, e.type(), e.payload()));
    assertBroken(2, "events of c are not numbered");
  }

  @Test
  void anAnswerBeforeItsQuestion() {
    change(turns, 1, t -> new Stored.Turn("t2", "u", "k2", "c", "m2", 4));
    assertBroken(2, "before its question");
  }

  @Test
  void messagesInAnotherOrderThanTheyWereSent() {
    change(sent, 1, s -> sent("k2", "question 2", ack(2), 50, 60));
    assertBroken(2, "sent later and stored earlier");
  }

  @Test
  void aReaderWithAnotherText() {
    change(read, 0, r -> read("r1", r.ids(), "one to", Ending.DONE));
    assertBroken(3, "read another answer than is stored");
  }

  @Test
  void anAnswerThatIsNamedAndNotStored() {
    messages.removeIf(message -> message.id().equals("a2"));
    assertBroken(3, "read another answer than is stored");
    assertBroken(4, "has 0 answers");
  }

  @Test
  void aReaderThatGotAnEventTwice() {
    change(
        read,
        0,
        r ->
            new Read(
                "reader",
                "r1",
                List.of("r1:1-1", "r1:1-1", "r1:end"),
                List.of("r1:1-1"),
                r.text(),
                r.ending(),
                r.afterwards(),
                1,
                0,
                1,
                ""));
    assertBroken(3, "got an event twice: [r1:1-1]");
  }

  @Test
  void aReaderThatSawNoEnd() {
    change(read, 0, r -> read("r1", r.ids(), r.text(), Ending.NONE));
    assertBroken(3, "saw no end");
  }

  @Test
  void aReaderThatSawAnotherEnd() {
    change(read, 0, r -> read("r1", r.ids(), r.text(), Ending.ERROR));
    assertBroken(3, "saw ERROR and it is DONE");
  }

  @Test
  void aReaderThatWasRefused() {
    change(
        read,
        0,
        r ->
            new Read(
                "reader",
                "r1",
                r.ids(),
                r.again(),
                r.text(),
                r.ending(),
                r.afterwards(),
                1,
                0,
                1,
                "404"));
    assertBroken(3, "was refused: 404");
  }

  @Test
  void anEndBeforeTheAnswerWasStored() {
    change(
        read,
        0,
        r ->
            new Read(
                "reader",
                "r1",
                r.ids(),
                r.again(),
                r.text(),
                r.ending(),
                Optional.of(new Afterwards("running", "")),
                1,
                0,
                1,
                ""));
    assertBroken(3, "saw the end before the answer was stored: running");
  }

  @Test
  void anEventThatTheLogDoesNotHave() {
    change(
        read,
        1,
        r ->
            read(
                "r2",
                List.of("r2:1-1", "r2:1-2", "r2:2-1", "r2:2-2", "r2:end"),
                "three four",
                Ending.DONE));
    assertBroken(3, "was shown 1-2, which its log does not have");
  }

  @Test
  void anEntryOfAnOlderEpochBehindAClaim() {
    logOf("r2").add(4, new LogLine(1, 2, "delta", "zombie"));
    assertBroken(4, "1-2 behind the claim of 2-1");
  }

  private List<LogLine> logOf(String reply) {
    return java.util.Objects.requireNonNull(logs.get(reply));
  }

  @Test
  void aGapInALog() {
    logOf("r1").remove(1);
    assertBroken(4, "1-2 behind 1-0");
  }

  @Test
  void anEntryBehindTheEnd() {
    logOf("r1").add(new LogLine(2, 1, "delta", "more"));
    assertBroken(4, "has an entry behind its end");
  }

  @Test
  void anEpochThatWasNeverGivenOut() {
    logOf("r1").add(3, new LogLine(2, 0, "claim", "n3"));
    assertBroken(4, "was never given out: 2-0");
  }

  @Test
  void anEpochWithoutAClaim() {
    logOf("r2").remove(2);
    assertBroken(4, "an epoch without a claim");
  }

  @Test
  void aLogThatDiffersFromTheStore() {
    logOf("r1").set(2, new LogLine(1, 2, "delta", "too"));
    assertBroken(4, "log and store differ");
  }

  @Test
  void aLogWithoutItsEndThatIsNoBeginningOfTheAnswer() {
    logOf("r1").removeLast();
    assertThat(judge()).isEmpty();
    logOf("r1").set(2, new LogLine(1, 2, "delta", "too"));
    assertBroken(4, "log and store differ");
  }

  @Test
  void aReplyThatEndedTwice() {
    events.add(new Stored.Event("c", 3, "reply.ended", "{\"reply_id\":\"r2\"}"));
    assertBroken(4, "r2 ended 2 times");
  }

  @Test
  void aReplyWithTwoAnswers() {
    messages.add(new Stored.Message("c", 5, "a3", "t2", "ASSISTANT", "three four"));
    assertBroken(4, "with 2 answers");
  }

  @Test
  void aReplyWhoseEndWasNotAnnounced() {
    events.removeLast();
    assertBroken(4, "r2 ended without being announced");
  }

  @Test
  void aReplyThatNeverEnds() {
    change(replies, 1, r -> reply(2, "RUNNING", 2, 2, 0));
    assertBroken(5, "r2 has not ended: RUNNING");
  }

  @Test
  void aReplyThatEndsTooLate() {
    change(replies, 1, r -> reply(2, "DONE", 2, 2, 31_001));
    assertBroken(5, "r2 took 30001 ms");
  }

  @Test
  void moreModelCallsThanAttempts() {
    calls.put("question 1", 2);
    assertBroken(6, "2 model calls and 1 recorded: question 1");
  }

  @Test
  void aModelCallForNoMessage() {
    calls.put("question 3", 1);
    assertBroken(6, "1 model calls and 0 recorded: question 3");
  }
}
