package chat.magpie.stream.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import chat.magpie.kernel.Ids;
import chat.magpie.kernel.Position;
import chat.magpie.stream.InMemoryLogStore;
import chat.magpie.stream.LogEntry;
import chat.magpie.stream.LogEntry.Kind;
import chat.magpie.stream.OwnedReplyLog;
import chat.magpie.stream.ReplyLog;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RelayedReplyLogsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final InMemoryLogStore store = new InMemoryLogStore();
  private final RelayedReplyLogs logs = logs(store);
  private final String id = Ids.next();
  private final OwnedReplyLog log = logs.prepare(id);

  /// No store stalls here by itself, however long a busy machine takes over a step.
  private static RelayedReplyLogs logs(InMemoryLogStore store) {
    return logs(store, Duration.ofHours(1));
  }

  private static RelayedReplyLogs logs(InMemoryLogStore store, Duration stallLimit) {
    return new RelayedReplyLogs(store, Duration.ofHours(1), stallLimit, replies -> Set.of());
  }

  @AfterEach
  void close() {
    logs.close();
  }

  private List<LogEntry> visible() {
    return visible(log);
  }

  private static List<LogEntry> visible(ReplyLog log) {
    List<LogEntry> entries = new ArrayList<>();
    for (int i = 0; i < log.visible(); i++) {
      entries.add(log.entry(i));
    }
    return entries;
  }

  private void storeHoldsWhatReadersSaw() {
    storeHoldsWhatReadersSaw(log);
  }

  private void storeHoldsWhatReadersSaw(ReplyLog log) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(() ->
            assertThat(store.read(log.replyId()))
                .extracting(LogEntry::toString)
                .isEqualTo(visible(log).stream().map(LogEntry::toString).toList()));
  }

  @Test
  void readersSeeWhatTheStoreConfirmed() {
    log.open(1, "node");
    log.append(Kind.DELTA, "Hel");
    log.append(Kind.DELTA, "lo");
    log.seal("done {}");
    assertThat(ReplyLog.fold(visible())).isEqualTo("Hello");
    assertThat(log.ended()).isTrue();
    assertThat(log.degraded()).isFalse();
    storeHoldsWhatReadersSaw();
  }

  @Test
  void nothingIsShownBeforeTheStoreHasIt() {
    log.open(1, "node");
    store.fallSilent(true);
    log.append(Kind.DELTA, "secret");
    assertThat(log.visible()).isEqualTo(1);
    store.fallSilent(false);
    assertThat(log.visible()).isEqualTo(2);
    assertThat(log.degraded()).isFalse();
  }

  @Test
  void aSilentStoreHoldsReadersUpForTheStallLimitOnly() {
    RelayedReplyLogs hurried = logs(store, Duration.ofMillis(200));
    OwnedReplyLog stalled = hurried.prepare(Ids.next());
    stalled.open(1, "node");
    store.fallSilent(true);
    stalled.append(Kind.DELTA, "a");
    await().atMost(PATIENCE).untilAsserted(() -> assertThat(stalled.visible()).isEqualTo(2));
    stalled.append(Kind.DELTA, "b");
    assertThat(stalled.visible()).isEqualTo(3);
    assertThat(stalled.degraded()).isTrue();
    store.fallSilent(false);
    storeHoldsWhatReadersSaw(stalled);
    hurried.close();
  }

  @Test
  void aFailingStoreIsGivenWhatItMissedOnceItIsBack() {
    log.open(1, "node");
    log.append(Kind.DELTA, "a");
    store.fail(true);
    log.append(Kind.DELTA, "b");
    log.append(Kind.DELTA, "c");
    assertThat(ReplyLog.fold(visible())).isEqualTo("abc");
    store.fail(false);
    storeHoldsWhatReadersSaw();
    log.append(Kind.DELTA, "d");
    log.seal("done {}");
    storeHoldsWhatReadersSaw();
    assertThat(store.last(id)).contains(Position.END);
  }

  @Test
  void aStoreThatGetsRoomInTheMiddleOfWhatItMissedHasNoHole() {
    log.open(1, "node");
    log.append(Kind.DELTA, "a");
    store.fail(true);
    for (String missed : List.of("b", "c", "d", "e", "f")) {
      log.append(Kind.DELTA, missed);
    }
    store.makeRoomAfter(3);
    storeHoldsWhatReadersSaw();
    log.seal("done {}");
    storeHoldsWhatReadersSaw();
  }

  @Test
  void aLogThatVanishedIsWrittenAgainWithTheSamePositions() {
    log.open(1, "node");
    log.append(Kind.DELTA, "a");
    log.append(Kind.DELTA, "b");
    store.wipe();
    log.append(Kind.DELTA, "c");
    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(ReplyLog.fold(visible())).isEqualTo("abc"));
    storeHoldsWhatReadersSaw();
    log.seal("done {}");
    storeHoldsWhatReadersSaw();
    assertThat(log.degraded()).isFalse();
  }

  @Test
  void anOwnerThatLostTheReplyIsFencedAndShowsNothingMore() {
    log.open(1, "zombie");
    log.append(Kind.DELTA, "mine");
    RelayedReplyLogs others = logs(store);
    OwnedReplyLog other = others.prepare(id);
    assertThat(ReplyLog.fold(other.open(2, "new owner"))).isEqualTo("mine");
    log.append(Kind.DELTA, "stale");
    await().atMost(PATIENCE).untilAsserted(() -> assertThat(log.abandoned()).isTrue());
    assertThat(ReplyLog.fold(visible())).isEqualTo("mine");
    assertThatThrownBy(() -> log.append(Kind.DELTA, "staler"))
        .isInstanceOf(OwnedReplyLog.Fenced.class);
    other.append(Kind.RESET, "");
    other.append(Kind.DELTA, "theirs");
    other.seal("done {}");
    assertThat(ReplyLog.fold(store.read(id))).isEqualTo("theirs");
    others.close();
  }

  @Test
  void readersAreWokenWhenTheOwnerFindsThatItHasLostTheReply() throws InterruptedException {
    log.open(1, "zombie");
    CountDownLatch sentOn = new CountDownLatch(1);
    log.subscribe(() -> {
      if (log.abandoned()) {
        sentOn.countDown();
      }
    });
    RelayedReplyLogs others = logs(store);
    others.prepare(id).open(2, "new owner");
    log.append(Kind.DELTA, "stale");
    assertThat(sentOn.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    others.close();
  }

  @Test
  void readersAreWokenWhenTheReplyIsNotOursToBegin() throws InterruptedException {
    RelayedReplyLogs others = logs(store);
    others.prepare(id).open(3, "new owner");
    CountDownLatch sentOn = new CountDownLatch(1);
    log.subscribe(() -> {
      if (log.abandoned()) {
        sentOn.countDown();
      }
    });
    assertThatThrownBy(() -> log.open(2, "late")).isInstanceOf(OwnedReplyLog.Fenced.class);
    assertThat(sentOn.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    others.close();
  }

  @Test
  void takingOverKeepsThePositionsOfReaders() {
    log.open(1, "node");
    log.append(Kind.DELTA, "half");
    RelayedReplyLogs restarted = logs(store);
    OwnedReplyLog again = restarted.prepare(id);
    again.open(2, "node");
    assertThat(again.indexOf(new Position(1, 1))).contains(1);
    assertThat(again.indexOf(new Position(1, 2))).isEmpty();
    assertThat(again.entry(2).position()).isEqualTo(new Position(2, 0));
    restarted.close();
  }

  @Test
  void takingOverWithoutAStoreGoesOnDegraded() {
    store.fail(true);
    assertThat(log.open(2, "node")).isEmpty();
    log.append(Kind.DELTA, "a");
    assertThat(ReplyLog.fold(visible())).isEqualTo("a");
    assertThat(log.degraded()).isTrue();
    store.fail(false);
    storeHoldsWhatReadersSaw();
  }

  @Test
  void aSealedLogTakesNoMore() {
    log.open(1, "node");
    log.seal("done {}");
    RelayedReplyLogs late = logs(store);
    assertThatThrownBy(() -> late.prepare(id).open(2, "late"))
        .isInstanceOf(OwnedReplyLog.Fenced.class);
    late.close();
  }

  @Test
  void whateverBecomesOfALogItsStoreIsToldThatItIsOver() {
    log.open(1, "node");
    log.seal("done {}");
    String left = Ids.next();
    OwnedReplyLog leaving = logs.prepare(left);
    leaving.open(1, "node");
    leaving.abandon();
    String goesOn = Ids.next();
    logs.prepare(goesOn).open(1, "node");
    await().atMost(PATIENCE).until(() -> store.hasForgotten(id) && store.hasForgotten(left));
    assertThat(store.hasForgotten(goesOn)).isFalse();
  }

  @Test
  void theWriterWaitsWhenTooMuchIsUnconfirmed() throws InterruptedException {
    log.open(1, "node");
    store.fallSilent(true);
    Semaphore written = new Semaphore(0);
    CountDownLatch done = new CountDownLatch(1);
    Thread writer =
        Thread.ofVirtual()
            .start(() -> {
              for (int i = 0; i < 100; i++) {
                log.append(Kind.DELTA, "x");
                written.release();
              }
              done.countDown();
            });
    await().atMost(PATIENCE).until(() -> written.availablePermits() == 32);
    store.fallSilent(false);
    done.await();
    writer.join();
    await().atMost(PATIENCE).untilAsserted(() -> assertThat(ReplyLog.fold(visible())).hasSize(100));
    storeHoldsWhatReadersSaw();
  }

  @Test
  void readersOfAStormyLogSeeEveryEntryOnceAndInOrder() throws InterruptedException {
    log.open(1, "node");
    List<Thread> readers = new ArrayList<>();
    List<StringBuilder> texts = new ArrayList<>();
    for (int r = 0; r < 8; r++) {
      StringBuilder text = new StringBuilder();
      texts.add(text);
      Semaphore wake = new Semaphore(1);
      ReplyLog.Subscription subscription = log.subscribe(wake::release);
      readers.add(
          Thread.ofVirtual()
              .start(() -> {
                int next = 0;
                while (!(log.ended() && next == log.visible())) {
                  wake.acquireUninterruptibly();
                  wake.drainPermits();
                  for (; next < log.visible(); next++) {
                    LogEntry entry = log.entry(next);
                    if (entry.kind() == Kind.DELTA) {
                      text.append(entry.data());
                    }
                  }
                }
                subscription.close();
              }));
    }
    StringBuilder said = new StringBuilder();
    for (int i = 0; i < 2_000; i++) {
      if (i % 500 == 100) {
        store.fail(true);
      }
      if (i % 500 == 200) {
        store.fail(false);
      }
      if (i % 700 == 650) {
        store.wipe();
      }
      String chunk = i + ",";
      said.append(chunk);
      log.append(Kind.DELTA, chunk);
    }
    log.seal("done {}");
    for (Thread reader : readers) {
      assertThat(reader.join(PATIENCE)).isTrue();
    }
    assertThat(texts).allSatisfy(text -> assertThat(text.toString()).isEqualTo(said.toString()));
    storeHoldsWhatReadersSaw();
  }
}
