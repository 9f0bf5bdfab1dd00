package chat.magpie.knowledge.internal;

import chat.magpie.knowledge.KnowledgeBase.Outcome;
import chat.magpie.knowledge.Vectors;
import chat.magpie.knowledge.internal.Ranking.Ranked;
import chat.magpie.llm.Embeddings;
import chat.magpie.llm.internal.InProcessEmbeddings;
import chat.magpie.llm.internal.NoEmbeddings;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/// How well the index answers the questions of `evaluate/data/faq`, without a server; for tuning.
/// Run by hand: folder, split, then `off` or `auto`, then what is put in: `faq`, `pages` or both.
/// The measure that lasts is `./magpie evaluate`.
final class RetrievalFigures {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final PassageIndex index;
  private final Embeddings embeddings;
  private final Path folder;

  private RetrievalFigures(Path folder, Embeddings embeddings) {
    this.folder = folder;
    this.embeddings = embeddings;
    this.index = new PassageIndex(embeddings, new ForgetfulVectors());
  }

  /// Keeps nothing.
  static final class ForgetfulVectors implements Vectors {
    @Override
    public Map<String, float[]> find(
        String tenantId, String space, Collection<String> contentHashes) {
      return Map.of();
    }

    @Override
    public void put(String tenantId, String space, Map<String, float[]> vectors) {}
  }

  public static void main(String[] args) throws Exception {
    boolean auto = args[2].equals("auto");
    Embeddings embeddings =
        auto
            ? new InProcessEmbeddings(2, Duration.ofMinutes(5), Duration.ofMinutes(1))
            : new NoEmbeddings();
    RetrievalFigures figures = new RetrievalFigures(Path.of(args[0]), embeddings);
    figures.fill(args[3].contains("faq"), args[3].contains("pages"));
    if (args[3].contains("faq")) {
      figures.faq(args[1]);
    }
    if (args[3].contains("pages")) {
      figures.pages(args[1]);
    }
    figures.index.close();
    System.exit(0);
  }

  private void fill(boolean faq, boolean pages) throws Exception {
    if (faq) {
      for (JsonNode entry : lines("entries.jsonl")) {
        List<String> questions = new ArrayList<>();
        questions.add(entry.get("question").asText());
        entry.get("phrasings").forEach(phrasing -> questions.add(phrasing.asText()));
        put(
            entry.get("id").asText(),
            new Splitter.Split(
                questions.getFirst(),
                List.of(new Splitter.Piece("", entry.get("answer").asText(), questions))));
      }
    }
    if (pages) {
      Path root = folder.resolve("pages");
      try (Stream<Path> files = Files.walk(root)) {
        for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
          put(
              root.relativize(file).toString(),
              Splitter.split(Files.readString(file), file.getFileName().toString(), true));
        }
      }
    }
    index.refresh();
    while (index.waiting() > 0) {
      Thread.sleep(100);
    }
    if (embeddings.available()) {
      embeddings.ofTexts(List.of("how", "怎么"));
    }
  }

  private void put(String id, Splitter.Split content) {
    index.put(new IndexedDocument("t", id, "1", Set.of(), content));
  }

  private List<JsonNode> lines(String file) throws IOException {
    List<JsonNode> lines = new ArrayList<>();
    for (String line : Files.readAllLines(folder.resolve(file))) {
      lines.add(JSON.readTree(line));
    }
    return lines;
  }

  /// One question to the FAQ.
  private record Asked(
      boolean answerable, boolean right, boolean fine, Outcome outcome, double score) {}

  private void faq(String split) throws IOException {
    List<Asked> all = new ArrayList<>();
    for (JsonNode question : lines("questions.jsonl")) {
      if (!question.get("split").asText().equals(split)) {
        continue;
      }
      Ranking ranking = index.search("t", Optional.of("any"), question.get("question").asText());
      List<String> expected = texts(question.get("expected"));
      List<String> fine = new ArrayList<>(expected);
      fine.addAll(texts(question.get("acceptable")));
      List<String> ids =
          ranking.all().stream()
              .map(one -> one.candidate().passage().document().documentId())
              .toList();
      boolean first = !ids.isEmpty() && expected.contains(ids.getFirst());
      boolean ok =
          !ids.isEmpty()
              && (fine.contains(ids.getFirst())
                  || (ranking.outcome() == Outcome.CHOICE && fine.contains(ids.get(1))));
      all.add(
          new Asked(
              !expected.isEmpty(),
              first,
              ok,
              ranking.outcome(),
              ranking.all().isEmpty() ? 0 : confidence(ranking.all().getFirst())));
    }
    double answerable = all.stream().filter(Asked::answerable).count();
    double others = all.size() - answerable;
    double given = all.stream().filter(a -> a.outcome() != Outcome.NONE).count();
    print("FAQ recall@1", all.stream().filter(Asked::right).count() / answerable);
    print(
        "coverage",
        all.stream().filter(a -> a.answerable() && a.outcome() != Outcome.NONE).count()
            / answerable);
    print(
        "false, of answers given",
        all.stream().filter(a -> a.outcome() != Outcome.NONE && !a.fine()).count() / given);
    print(
        "answered, of questions without an answer",
        all.stream().filter(a -> !a.answerable() && a.outcome() != Outcome.NONE).count() / others);
    print("choices", (double) all.stream().filter(a -> a.outcome() == Outcome.CHOICE).count());
    curve(all, answerable, others);
  }

  private static double confidence(Ranked one) {
    return one.score();
  }

  private static void curve(List<Asked> all, double answerable, double others) {
    all.sort(Comparator.comparingDouble(a -> -a.score()));
    double covered = 0;
    double wrong = 0;
    double unasked = 0;
    double next = 0.1;
    for (Asked one : all) {
      covered += one.answerable() ? 1 : 0;
      unasked += one.answerable() ? 0 : 1;
      wrong += one.fine() ? 0 : 1;
      if (covered / answerable >= next) {
        System.out.printf(
            Locale.ROOT,
            "  from %.3f: coverage %.2f, false of given %.3f, of unanswerable %.3f%n",
            one.score(),
            covered / answerable,
            wrong / (covered + unasked),
            unasked / others);
        next += 0.1;
      }
    }
  }

  private void pages(String split) throws IOException {
    int[] found = new int[2];
    int count = 0;
    for (JsonNode question : lines("passage_questions.jsonl")) {
      if (question.get("split").asText().equals(split)) {
        count++;
        List<Ranked> ranked =
            index.search("t", Optional.empty(), question.get("question").asText()).all();
        for (int i = 0; i < Math.min(5, ranked.size()); i++) {
          var passage = ranked.get(i).candidate().passage().passage(0);
          if (passage.documentId().equals(question.get("page").asText())
              && passage.section().endsWith(question.get("heading").asText())) {
            found[0] += i == 0 ? 1 : 0;
            found[1]++;
            break;
          }
        }
      }
    }
    print("section first", found[0] / (double) count);
    print("section among five", found[1] / (double) count);
  }

  private static List<String> texts(JsonNode list) {
    List<String> texts = new ArrayList<>();
    if (list != null) {
      list.forEach(one -> texts.add(one.asText()));
    }
    return texts;
  }

  private static void print(String name, double value) {
    System.out.printf(Locale.ROOT, "%-45s %.3f%n", name, value);
  }
}
