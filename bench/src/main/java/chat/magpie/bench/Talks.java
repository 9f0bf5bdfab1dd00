package chat.magpie.bench;

import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;

/// What only Magpie does: conversations with a past, and replies that outlive their readers.
final class Talks {
  private static final int SHORT_TALKS = 20;
  private static final int SHORT_TURNS = 5;
  private static final int FULL_TURNS = 60;

  private final Reader reader;
  private final MagpieApi magpie;
  private final List<String> shortTalks = new ArrayList<>();
  private String fullTalk = "";
  private String longTalk = "";
  private int longTurns;

  Talks(Reader reader, MagpieApi magpie) {
    this.reader = reader;
    this.magpie = magpie;
  }

  /// Has the conversations that [#history] asks in. Stops early where the turns take too long.
  void prepare(int turns, long maxMillis) {
    long end = System.nanoTime() + maxMillis * 1_000_000;
    for (int i = 0; i < SHORT_TALKS; i++) {
      shortTalks.add(talk(SHORT_TURNS, Long.MAX_VALUE).token());
    }
    fullTalk = talk(FULL_TURNS, Long.MAX_VALUE).token();
    Talk talk = talk(turns, end);
    longTalk = talk.token();
    longTurns = talk.turns();
  }

  /// Messages of the long conversation.
  int longMessages() {
    return 2 * longTurns;
  }

  private record Talk(String token, int turns) {}

  private Talk talk(int turns, long end) {
    String token = Loads.await(reader.later(1, magpie::guest));
    int had = 0;
    while (had < turns && System.nanoTime() < end) {
      first(token);
      had++;
    }
    return new Talk(token, had);
  }

  /// Times to first token with 10, with 120 (which fill the window of memory) and with all messages
  /// of the long conversation, in microseconds; one question at a time, in turns.
  record History(Samples ten, Samples window, Samples all) {}

  History history(int questions) {
    History history = new History(new Samples(), new Samples(), new Samples());
    for (int i = 0; i < questions; i++) {
      history.ten().add(first(shortTalks.get(i % SHORT_TALKS)));
      history.window().add(first(fullTalk));
      history.all().add(first(longTalk));
    }
    return history;
  }

  private long first(String token) {
    return FirstTokens.ask(reader, magpie, token, "");
  }

  /// What cut readers found when they came back: time to first text in microseconds, chunks lost
  /// and repeated, readers that did not reach the end.
  record Resumed(Samples micros, int lost, int repeated, int failed) {}

  /// Readers in groups of 20 go away in the middle of a live reply, each at another chunk, and come
  /// back 100 ms later with the last id they saw.
  Resumed resume(int readers) {
    int chunks = 100;
    Samples micros = new Samples();
    int[] sums = new int[3];
    for (int done = 0; done < readers; done += 20) {
      List<Future<Take[]>> group = new ArrayList<>();
      for (int i = 0; i < Math.min(20, readers - done); i++) {
        int cutAfter = 5 + (done + i) * 7 % 60;
        group.add(reader.later(1 + i, () -> cutAndResume(chunks, cutAfter)));
      }
      Loads.await(Future.join(group));
      for (Future<Take[]> one : group) {
        if (one.failed()) {
          sums[2]++;
          IO.println("  resume failed: " + one.cause());
          continue;
        }
        Take before = one.result()[0];
        Take after = one.result()[1];
        micros.add(after.firstMicros());
        sums[0] += before.lost() + after.lost() + chunks - after.next();
        sums[1] += before.repeated() + after.repeated();
        sums[2] += after.complete(chunks) ? 0 : 1;
      }
    }
    return new Resumed(micros, sums[0], sums[1], sums[2]);
  }

  private Future<Take[]> cutAndResume(int chunks, int cutAfter) {
    String message = "[[chunks=" + chunks + " interval=10]]";
    return magpie
        .guest()
        .compose(token -> magpie.send(token, message, () -> {}))
        .compose(sent ->
            magpie
                .read(sent, new Take(new Window(), 0, cutAfter))
                .compose(before ->
                    reader.later(
                        100,
                        () ->
                            magpie
                                .resume(
                                    sent, before.lastId(), new Take(new Window(), before.next(), 0))
                                .map(after -> new Take[] {before, after}))));
  }
}
