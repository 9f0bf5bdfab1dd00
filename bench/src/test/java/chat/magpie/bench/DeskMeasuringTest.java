package chat.magpie.bench;

import static org.assertj.core.api.Assertions.assertThat;

import chat.magpie.conformance.client.Api;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.ServerWebSocket;
import java.net.http.HttpHeaders;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeskMeasuringTest {
  @Test
  void aSectionIsReplacedAndTheRestKept(@TempDir Path folder) throws Exception {
    Path file = Files.writeString(folder.resolve("figures.md"), "# Figures\n\nby hand\n");
    Machine machine = Machine.read();
    report("first").write(file, machine, "note one\n");
    String once = Files.readString(file);
    assertThat(once).startsWith("# Figures\n\nby hand\n").contains("| first |", "note one");
    Files.writeString(file, once + "more by hand\n");
    report("second").write(file, machine, "note two\n");
    assertThat(Files.readString(file))
        .startsWith("# Figures\n\nby hand\n")
        .endsWith("more by hand\n")
        .contains("| second |", "note two")
        .doesNotContain("| first |", "note one");
  }

  private static DeskReport report(String figure) {
    DeskReport report = new DeskReport();
    report.row(figure, "", "", "1.00", "");
    return report;
  }

  @Test
  void whatMissesItsTargetSaysSo() {
    DeskReport report = new DeskReport();
    report.atMost("good", 2, "", 2);
    report.atMost("bad", 2, "", 3);
    assertThat(report.table())
        .contains("| good | ≤ 2.00 |  | 2.00 | met |")
        .contains("| bad | ≤ 2.00 |  | 3.00 | **missed** by 1.00 (1.5 ×) |");
  }

  @Test
  void aSearchIsJudgedByItsP95AndAnAnswerByWhatItWasHeldUp() {
    Samples fast = new Samples();
    Samples slow = new Samples();
    for (int i = 1; i <= 100; i++) {
      fast.add(1_000L * i / 10);
      slow.add(1_000L * i);
    }
    SearchReport report = new SearchReport();
    report.times("fast", "off", fast, 9.5);
    report.times("slow", "auto", slow, 94.9);
    report.firstToken("first", "auto", slow, fast, 85);
    assertThat(report.table())
        .contains("| fast | off | 5.0 | 9.5 | 9.9 | ≤ 9.5: met |")
        .contains("| slow | auto | 50.0 | 95.0 | 99.0 | ≤ 94.9: **missed** |")
        .contains("| first, held up at the p95 | auto |  | 85.5 |  | ≤ 85.0: **missed** |");
  }

  @Test
  void aTimeBeginsWhenTheRequestIsDueAndRefusalsCount() throws Exception {
    SteadyLoad.Outcome outcome =
        SteadyLoad.run(
            100,
            1,
            number -> {
              if (number == 5) {
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(300));
              }
              if (number == 6) {
                throw new IllegalStateException("gone");
              }
              int status = number == 7 ? 429 : 200;
              return new Api.Response(
                  status, HttpHeaders.of(Map.of(), (a, b) -> true), "", MissingNode.getInstance());
            });
    assertThat(outcome.micros().size()).isEqualTo(100);
    assertThat(outcome.micros().percentile(100)).isGreaterThanOrEqualTo(300_000);
    assertThat(outcome.kinds().get(5).percentile(100)).isGreaterThanOrEqualTo(300_000);
    assertThat(outcome.failed()).isEqualTo(2);
    assertThat(outcome.failures()).hasSize(2);
  }

  @Test
  void aCrowdHearsFramesWhereverTheyAreCutAndMissesNone() throws Exception {
    Vertx vertx = Vertx.vertx();
    List<ServerWebSocket> sockets = new CopyOnWriteArrayList<>();
    try (SocketCrowd crowd = new SocketCrowd()) {
      HttpServer server =
          vertx
              .createHttpServer()
              .webSocketHandler(socket -> {
                sockets.add(socket);
                var _ = socket.writeTextMessage("{\"type\":\"welcome\"}");
                var _ = socket.writeTextMessage("x".repeat(50_000));
              })
              .listen(0, "127.0.0.1")
              .toCompletionStage()
              .toCompletableFuture()
              .get(30, TimeUnit.SECONDS);
      crowd.open(
          new SocketCrowd.Address(server.actualPort(), "/", "Bearer x", "{\"type\":\"welcome\""),
          100);
      assertThat(sockets).hasSize(100);
      SocketCrowd.Round round = new SocketCrowd.Round("now", 100);
      crowd.listenFor(round);
      sockets.forEach(socket -> socket.writeTextMessage("it is now"));
      assertThat(round.await(30_000)).isTrue();
      assertThat(round.again()).isZero();
      SocketCrowd.Round next = new SocketCrowd.Round("then", 100);
      crowd.listenFor(next);
      sockets.stream().skip(1).forEach(socket -> socket.writeTextMessage("then"));
      assertThat(next.await(500)).isFalse();
      assertThat(next.missing()).isEqualTo(1);
    } finally {
      vertx.close().toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
    }
  }
}
