package chat.magpie.bench;

import chat.magpie.conformance.client.Api;
import chat.magpie.conformance.server.Ports;
import chat.magpie.conformance.upstream.Upstream;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// How long a search takes among 20,000 passages, how far it holds up an answer, how fast documents
/// are indexed, and what it all takes of memory; over HTTP on an idle server.
final class KnowledgeBench {
  private static final int DOCUMENTS = 100;
  private static final int SECTIONS = 200;
  private static final int SENTENCES = 4;
  private static final int WARM_UP = 300;
  private static final int IDLE_MILLIS = 10_000;
  private static final double TARGET_MILLIS = 15;

  /// Long enough for the pauses of a measurement, short enough to wait for it.
  private static final int RELEASED_SECONDS = 40;

  private final Prose prose = new Prose(11);
  private final SearchReport report = new SearchReport();
  private final Reader reader = new Reader();
  private final Path folder;
  private final int documents;
  private final int samples;

  private KnowledgeBench(Path folder, boolean quick) {
    this.folder = folder;
    this.documents = quick ? DOCUMENTS / 20 : DOCUMENTS;
    this.samples = quick ? 50 : 1_000;
  }

  /// Measures and prints; a whole run is written to `docs/figures.md` too.
  static void run(Path folder, boolean quick) throws IOException {
    Machine machine = Machine.read();
    KnowledgeBench bench = new KnowledgeBench(folder, quick);
    try (Reader _ = bench.reader;
        Child upstream =
            Child.program(
                "upstream", Files.createDirectories(folder.resolve("upstream")), Upstream.class)) {
      bench.measure("off", upstream.port());
      bench.measure("auto", upstream.port());
    }
    String table = bench.report.table();
    IO.println(table);
    if (!quick) {
      new Section("knowledge", "The knowledge base")
          .write(Path.of(System.getProperty("magpie.root"), "docs", "figures.md"), machine, table);
    }
  }

  private void measure(String embeddings, int upstream) throws IOException {
    try (Child bare = server("bare-" + embeddings, embeddings, upstream);
        Child full = server("full-" + embeddings, embeddings, upstream)) {
      TwoNodes.awaitReady(bare);
      TwoNodes.awaitReady(full);
      Api admin =
          TwoNodes.administrator(
              List.of(full), URI.create("http://127.0.0.1:" + full.port() + "/"));
      int before = inventory(admin, "passages");
      Child.pause(IDLE_MILLIS);
      report.number("resident memory, nothing brought, MB", embeddings, megabytes(full));
      index(admin, before, embeddings);
      if (!embeddings.equals("off")) {
        // The models have been used just now.
        report.number("resident memory, models loaded, MB", embeddings, megabytes(full));
      }
      search(admin, embeddings);
      firstTokens(bare, full, embeddings);
      Child.pause(embeddings.equals("off") ? IDLE_MILLIS : 1_000 * (RELEASED_SECONDS + 10));
      report.number(
          "resident memory at rest, %,d passages, MB".formatted(documents * SECTIONS),
          embeddings,
          megabytes(full));
    }
  }

  private Child server(String name, String embeddings, int upstream) throws IOException {
    Map<String, String> environment = new HashMap<>();
    environment.put("OPENAI_BASE_URL", "http://127.0.0.1:" + upstream + "/v1");
    environment.put("OPENAI_API_KEY", "bench");
    environment.put("OPENAI_MODEL", "upstream");
    environment.put("MAGPIE_EMBEDDINGS_MODE", embeddings);
    environment.put("MAGPIE_EMBEDDINGS_RELEASE_AFTER", RELEASED_SECONDS + "s");
    environment.put("MAGPIE_API_REQUESTS_PER_SECOND", "0");
    environment.put("MAGPIE_API_ADDRESS_REQUESTS_PER_SECOND", "0");
    environment.put("MAGPIE_API_GUESTS_PER_MINUTE", "0");
    environment.put("MAGPIE_KNOWLEDGE_OWN_DOCUMENTS", "never");
    Path home = Files.createDirectories(folder.resolve(name));
    return Child.magpie(name, home, Ports.free(), environment);
  }

  private void index(Api admin, int before, String embeddings) {
    int expected = documents * SECTIONS;
    long begun = System.nanoTime();
    for (int i = 0; i < documents; i++) {
      Api.Response stored =
          admin.send("PUT", "/knowledge/documents/bench-" + i + "?name=d.md", document(i));
      if (stored.status() / 100 != 2) {
        throw new IllegalStateException(stored.toString());
      }
    }
    while (inventory(admin, "passages") < before + expected) {
      Child.pause(20);
    }
    report.number(
        "documents handed in until all is searched, passages/s",
        embeddings,
        expected / seconds(begun));
    if (!embeddings.equals("off")) {
      while (inventory(admin, "awaiting_vectors") > 0) {
        Child.pause(200);
      }
      report.number(
          "the same until all has vectors, passages/s", embeddings, expected / seconds(begun));
    }
  }

  private byte[] document(int number) {
    StringBuilder text = new StringBuilder("# Document " + number + "\n");
    for (int section = 0; section < SECTIONS; section++) {
      text.append("\n## ").append(prose.sentence(3)).append("\n\n");
      for (int i = 0; i < SENTENCES; i++) {
        text.append(prose.sentence(12)).append(". ");
      }
      text.append('\n');
    }
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  private void search(Api admin, String embeddings) {
    Samples micros = new Samples();
    for (int i = -WARM_UP; i < samples; i++) {
      Map<String, Object> question = Map.of("question", question());
      long start = System.nanoTime();
      Api.Response found = admin.post("/knowledge/search", question);
      long took = System.nanoTime() - start;
      if (found.status() != 200 || found.body().path("passages").isEmpty()) {
        throw new IllegalStateException(found.toString());
      }
      if (i >= 0) {
        micros.add(took / 1_000);
      }
    }
    report.times(
        "search among %,d passages over HTTP, ms".formatted(documents * SECTIONS),
        embeddings,
        micros,
        TARGET_MILLIS);
  }

  private void firstTokens(Child bare, Child full, String embeddings) {
    MagpieApi without = new MagpieApi(reader, bare.port());
    MagpieApi with = new MagpieApi(reader, full.port());
    Samples empty = new Samples();
    Samples filled = new Samples();
    for (int i = -WARM_UP; i < samples; i++) {
      String question = question();
      long one = FirstTokens.ask(reader, without, guest(without), question);
      long other = FirstTokens.ask(reader, with, guest(with), question);
      if (i >= 0) {
        empty.add(one);
        filled.add(other);
      }
    }
    report.firstToken("first token, ms", embeddings, filled, empty, TARGET_MILLIS);
  }

  private String guest(MagpieApi api) {
    return Loads.await(reader.later(1, api::guest));
  }

  private String question() {
    return "What about the " + prose.sentence(4) + "? ";
  }

  private static int inventory(Api admin, String what) {
    return admin.get("/knowledge").body().path(what).asInt();
  }

  private static double megabytes(Child server) {
    return ProcFiles.residentKilobytes(server.pid()) / 1_000.0;
  }

  private static double seconds(long since) {
    return (System.nanoTime() - since) / 1e9;
  }
}
