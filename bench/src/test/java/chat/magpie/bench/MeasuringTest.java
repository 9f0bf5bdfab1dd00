package chat.magpie.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MeasuringTest {
  @Test
  void percentilesAreNearestRanks() {
    Samples samples = new Samples();
    assertThat(samples.percentile(50)).isNaN();
    for (int i = 2000; i >= 1; i--) {
      samples.add(i);
    }
    assertThat(samples.percentile(50)).isEqualTo(1000);
    assertThat(samples.percentile(99)).isEqualTo(1980);
    assertThat(samples.percentile(100)).isEqualTo(2000);
    assertThat(samples.percentile(0)).isEqualTo(1);
  }

  @Test
  void medians() {
    assertThat(Samples.median(3, 1, 2)).isEqualTo(2);
    assertThat(Samples.median(4, 1, 2, 3)).isEqualTo(2.5);
    assertThat(Samples.median()).isNaN();
  }

  @Test
  void processorTimeAndMemory() {
    String stat = "42 (a ) b) S 1 42 42 0 -1 4194560 100 0 0 0 150 50 0 0 20 0 17 0 1 2 3";
    assertThat(ProcFiles.cpuMillis(stat)).isEqualTo(2000);
    assertThat(ProcFiles.number("VmPeak:\t 9 kB\nVmRSS:\t  1234 kB\n", "VmRSS")).isEqualTo(1234);
    assertThat(ProcFiles.residentKilobytes(ProcessHandle.current().pid())).isPositive();
  }

  @Test
  void commandsOfRedis() {
    CommandCounts before = CommandCounts.parse("cmdstat_xadd:calls=3,usec=1\r\n");
    CommandCounts after =
        CommandCounts.parse(
            """
            # Commandstats
            cmdstat_xadd:calls=10,usec=7,usec_per_call=1
            cmdstat_config|get:calls=2,usec=1
            cmdstat_info:calls=5,usec=7
            """);
    assertThat(after.since(before).calls()).isEqualTo(Map.of("xadd", 7L, "config|get", 2L));
    assertThat(after.since(before).total()).isEqualTo(9);
  }

  @Test
  void stampsAndEventsHoweverTheBytesAreCut() {
    String stream =
        """
        retry: 1000

        : beat

        id: r:1-2
        event: delta
        data: {"content":"12@1700000000000001 xx13@1700000000000002 "}

        id: r:end
        event: done
        data: {}

        """;
    byte[] bytes = stream.getBytes(StandardCharsets.UTF_8);
    for (int cut = 1; cut <= bytes.length; cut++) {
      List<String> found = new ArrayList<>();
      EventScanner scanner =
          new EventScanner(
              new EventScanner.Listener() {
                @Override
                public void stamp(int index, long micros) {
                  found.add(index + "@" + micros);
                }

                @Override
                public void event(String text) {
                  found.add(EventScanner.id(text) + (EventScanner.isEnd(text) ? "!" : ""));
                }
              });
      for (int from = 0; from < bytes.length; from += cut) {
        scanner.add(
            stream
                .substring(from, Math.min(from + cut, bytes.length))
                .getBytes(StandardCharsets.UTF_8));
      }
      assertThat(found)
          .containsExactly("", "", "12@1700000000000001", "13@1700000000000002", "r:1-2", "r:end!");
    }
  }

  @Test
  void endsOfAllFormats() {
    assertThat(EventScanner.isEnd("data: [DONE]\n\n")).isTrue();
    assertThat(EventScanner.isEnd("data: {\"content\": \"\", \"done\": true}\n\n")).isTrue();
    assertThat(EventScanner.isEnd("data: {\"content\":\"\",\"done\":false}\n\n")).isFalse();
  }
}
