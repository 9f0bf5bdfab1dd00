package chat.magpie.bench;

import chat.magpie.conformance.client.Api;
import chat.magpie.conformance.server.Ports;
import chat.magpie.conformance.upstream.Upstream;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// How long it takes to recall something among 5,000 turns of one user with one character, how far
/// it holds up an answer, and how fast turns are brought; over HTTP on an idle server.
final class MemoryBench {
  private static final int TURNS = 5_000;
  private static final int AT_ONCE = 1_000;
  private static final int OF_ONE_SESSION = 20;
  private static final int WARM_UP = 200;
  private static final int AWAY = 5;
  private static final double TARGET_MILLIS = 20;

  private final Prose prose = new Prose(7);
  private final SearchReport report = new SearchReport();
  private final Reader reader = new Reader();
  private final int samples;

  private MemoryBench(int samples) {
    this.samples = samples;
  }

  /// Measures and prints; a whole run is written to `docs/figures.md` too.
  static void run(Path folder, boolean quick) throws IOException {
    Machine machine = Machine.read();
    MemoryBench bench = new MemoryBench(quick ? 50 : 1_000);
    try (Reader _ = bench.reader;
        Child upstream =
            Child.program(
                "upstream", Files.createDirectories(folder.resolve("upstream")), Upstream.class)) {
      for (String embeddings : List.of("off", "auto")) {
        Path home = Files.createDirectories(folder.resolve(embeddings));
        Map<String, String> environment =
            Map.of(
                "OPENAI_BASE_URL", "http://127.0.0.1:" + upstream.port() + "/v1",
                "OPENAI_API_KEY", "bench",
                "OPENAI_MODEL", "upstream",
                "MAGPIE_EMBEDDINGS_MODE", embeddings,
                "MAGPIE_API_REQUESTS_PER_SECOND", "0",
                "MAGPIE_API_ADDRESS_REQUESTS_PER_SECOND", "0",
                "MAGPIE_API_GUESTS_PER_MINUTE", "0");
        try (Child server = Child.magpie("magpie", home, Ports.free(), environment)) {
          TwoNodes.awaitReady(server);
          bench.measure(server, embeddings);
        }
      }
    }
    String table = bench.report.table();
    IO.println(table);
    if (!quick) {
      new Section("memory", "Long-term memory")
          .write(Path.of(System.getProperty("magpie.root"), "docs", "figures.md"), machine, table);
    }
  }

  private void measure(Child server, String embeddings) {
    Api admin =
        TwoNodes.administrator(
            List.of(server), URI.create("http://127.0.0.1:" + server.port() + "/"));
    MagpieApi magpie = new MagpieApi(reader, server.port());
    MagpieApi.Guest old = Loads.await(reader.later(1, magpie::newGuest));
    MagpieApi.Guest stranger = Loads.await(reader.later(1, magpie::newGuest));
    bring(admin, old.userId(), embeddings);
    recall(admin, old.userId(), embeddings);
    recallAfterAbsence(admin, embeddings);
    Samples with = new Samples();
    Samples without = new Samples();
    for (int i = -WARM_UP; i < samples; i++) {
      String question = question();
      long one = FirstTokens.ask(reader, magpie, stranger.token(), question);
      long other = FirstTokens.ask(reader, magpie, old.token(), question);
      if (i >= 0) {
        without.add(one);
        with.add(other);
      }
    }
    report.firstToken("first token, ms", embeddings, with, without, TARGET_MILLIS);
  }

  private void bring(Api admin, String user, String embeddings) {
    long begun = System.nanoTime();
    bring(admin, user);
    report.number(
        "import of %,d turns, turns/s".formatted(TURNS), embeddings, TURNS / seconds(begun));
    long embedding = System.nanoTime();
    while (ask(admin, user).body().path("pending").asInt() > 0) {
      Child.pause(1_000);
    }
    if (!embeddings.equals("off")) {
      report.number(
          "vectors of %,d turns, turns/s".formatted(TURNS), embeddings, TURNS / seconds(embedding));
    }
  }

  private void bring(Api admin, String user) {
    for (int from = 0; from < TURNS; from += AT_ONCE) {
      ok(admin.post("/memory/" + user + "/turns", turns(from)));
    }
  }

  /// The index of somebody whom this node has not heard of for long has to be made first.
  private void recallAfterAbsence(Api admin, String embeddings) {
    double[] millis = new double[AWAY];
    for (int i = 0; i < AWAY; i++) {
      String user = "away-" + i;
      bring(admin, user);
      long start = System.nanoTime();
      ask(admin, user);
      millis[i] = seconds(start) * 1_000;
    }
    report.number(
        "first recall of one who was away, index read from the database, ms",
        embeddings,
        Samples.median(millis));
  }

  private void recall(Api admin, String user, String embeddings) {
    Samples micros = new Samples();
    for (int i = -WARM_UP; i < samples; i++) {
      long start = System.nanoTime();
      ask(admin, user);
      if (i >= 0) {
        micros.add((System.nanoTime() - start) / 1_000);
      }
    }
    report.times(
        "recall among %,d turns over HTTP, ms".formatted(TURNS), embeddings, micros, TARGET_MILLIS);
  }

  private Api.Response ask(Api admin, String user) {
    return ok(
        admin.post(
            "/memory/" + user + "/retrieve",
            Map.of("question", question(), "character_id", MagpieApi.CHARACTER)));
  }

  private String question() {
    return "What about the " + prose.sentence(4) + "? ";
  }

  private static Api.Response ok(Api.Response response) {
    if (response.status() != 200) {
      throw new IllegalStateException(response.toString());
    }
    return response;
  }

  private static double seconds(long since) {
    return (System.nanoTime() - since) / 1e9;
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
                prose.sentence(18) + (i % 7 == 0 ? " yesterday" : "")));
      }
      sessions.add(Map.of("id", "s" + s, "turns", turns));
    }
    return Map.of("character_id", MagpieApi.CHARACTER, "sessions", sessions);
  }
}
