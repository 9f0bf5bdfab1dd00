package chat.magpie.bench;

import chat.magpie.conformance.client.Api;
import chat.magpie.conformance.server.Ports;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;

/// How long it takes to recall something among 5,000 turns of one user with one character, over
/// HTTP on an idle server, and to bring them there.
final class MemoryBench {
  private static final int TURNS = 5_000;
  private static final int AT_ONCE = 1_000;
  private static final int OF_ONE_SESSION = 20;
  private static final int WARM_UP = 200;
  private static final double TARGET_MILLIS = 20;
  private static final String BEGIN = "<!-- Written by ./magpie bench memory. -->\n";
  private static final String END = "<!-- End of what ./magpie bench memory writes. -->\n";
  private static final String CHARACTER = "companion-en";

  private final Random random = new Random(7);
  private final List<String> words = new ArrayList<>();
  private final List<String> rows = new ArrayList<>();

  private MemoryBench() {
    for (int i = 0; i < 4_000; i++) {
      StringBuilder word = new StringBuilder();
      for (int k = 2 + random.nextInt(3); k > 0; k--) {
        word.append("bdfgklmnprst".charAt(random.nextInt(12)))
            .append("aeiou".charAt(random.nextInt(5)));
      }
      words.add(word.toString());
    }
  }

  /// Measures and prints; a whole run is written to `docs/figures.md` too.
  static void run(Path folder, boolean quick) throws IOException {
    Machine machine = Machine.read();
    MemoryBench bench = new MemoryBench();
    for (String embeddings : List.of("off", "auto")) {
      Path home = Files.createDirectories(folder.resolve(embeddings));
      Map<String, String> environment =
          Map.of(
              "MAGPIE_EMBEDDINGS_MODE", embeddings,
              "MAGPIE_API_REQUESTS_PER_SECOND", "0",
              "MAGPIE_API_ADDRESS_REQUESTS_PER_SECOND", "0");
      try (Child server = Child.magpie("magpie", home, Ports.free(), environment)) {
        TwoNodes.awaitReady(server);
        bench.measure(server, embeddings, quick ? 50 : 1_000);
      }
    }
    String table =
        "| figure | embeddings | p50 | p95 | p99 | target of p95 |\n|---|---|---|---|---|---|\n"
            + String.join("", bench.rows);
    IO.println(table);
    if (!quick) {
      write(Path.of(System.getProperty("magpie.root"), "docs", "figures.md"), machine, table);
    }
  }

  private void measure(Child server, String embeddings, int samples) {
    URI base = URI.create("http://127.0.0.1:" + server.port() + "/");
    Api admin = TwoNodes.administrator(List.of(server), base);
    long begun = System.nanoTime();
    for (int from = 0; from < TURNS; from += AT_ONCE) {
      ok(admin.post("/memory/bench/turns", turns(from)));
    }
    double seconds = (System.nanoTime() - begun) / 1e9;
    rows.add(
        "| import of %,d turns, turns/s | %s | %.0f | | | |\n"
            .formatted(TURNS, embeddings, TURNS / seconds));
    long first = System.nanoTime();
    ok(ask(admin));
    rows.add(
        "| first recall, index read from the database, ms | %s | %.0f | | | |\n"
            .formatted(embeddings, (System.nanoTime() - first) / 1e6));
    long embedding = System.nanoTime();
    while (ok(ask(admin)).body().path("pending").asInt() > 0) {
      Child.pause(1_000);
    }
    if (!embeddings.equals("off")) {
      rows.add(
          "| vectors of %,d turns, turns/s | %s | %.0f | | | |\n"
              .formatted(
                  TURNS,
                  embeddings,
                  TURNS / Math.max((System.nanoTime() - embedding) / 1e9, .001)));
    }
    Samples micros = new Samples();
    for (int i = -WARM_UP; i < samples; i++) {
      long start = System.nanoTime();
      ok(ask(admin));
      if (i >= 0) {
        micros.add((System.nanoTime() - start) / 1_000);
      }
    }
    double worst = micros.percentile(95) / 1_000;
    rows.add(
        String.format(
            Locale.ROOT,
            "| recall among %,d turns over HTTP, ms | %s | %.1f | %.1f | %.1f | ≤ %.0f: %s |\n",
            TURNS,
            embeddings,
            micros.percentile(50) / 1_000,
            worst,
            micros.percentile(99) / 1_000,
            TARGET_MILLIS,
            worst <= TARGET_MILLIS ? "met" : "**missed**"));
  }

  private Api.Response ask(Api admin) {
    return admin.post(
        "/memory/bench/retrieve",
        Map.of("question", "What about the " + sentence(4), "character_id", CHARACTER));
  }

  private static Api.Response ok(Api.Response response) {
    if (response.status() != 200) {
      throw new IllegalStateException(response.toString());
    }
    return response;
  }

  private Map<String, Object> turns(int from) {
    Instant begin = Instant.parse("2026-01-01T00:00:00Z");
    List<Object> sessions = new ArrayList<>();
    for (int s = from; s < from + AT_ONCE; s += OF_ONE_SESSION) {
      List<Object> turns = new ArrayList<>();
      for (int i = s; i < s + OF_ONE_SESSION; i++) {
        turns.add(
            Map.of(
                "id",
                "t" + i,
                "speaker",
                i % 2 == 0 ? "user" : "companion",
                "at",
                begin.plusSeconds(600L * i).toString(),
                "text",
                sentence(18) + (i % 7 == 0 ? " yesterday" : "")));
      }
      sessions.add(Map.of("id", "s" + s, "turns", turns));
    }
    return Map.of("character_id", CHARACTER, "sessions", sessions);
  }

  /// Words of which few are frequent and many rare.
  private String sentence(int length) {
    StringBuilder sentence = new StringBuilder();
    for (int i = 0; i < length; i++) {
      double place = Math.pow(random.nextDouble(), 3);
      sentence.append(i == 0 ? "" : " ").append(words.get((int) (place * words.size())));
    }
    return sentence.toString();
  }

  /// Replaces the section, or adds it at the end; all else in the file stays.
  private static void write(Path file, Machine machine, String table) throws IOException {
    String old = Files.readString(file);
    int begin = old.indexOf(BEGIN);
    int end = old.indexOf(END);
    String before = begin < 0 ? old + "\n" : old.substring(0, begin);
    String after = end < 0 ? "" : old.substring(end + END.length());
    String section =
        "## Long-term memory\n\n" + machine.lines("./magpie bench memory") + "\n" + table + "\n";
    Files.writeString(file, before + BEGIN + section + END + after);
  }
}
