package chat.magpie.evaluate;

import chat.magpie.evaluate.Dataset.Days;
import chat.magpie.evaluate.Dataset.Dialogue;
import chat.magpie.evaluate.Dataset.Entry;
import chat.magpie.evaluate.Dataset.Fact;
import chat.magpie.evaluate.Dataset.FaqQuestion;
import chat.magpie.evaluate.Dataset.HelpPage;
import chat.magpie.evaluate.Dataset.MemoryQuestion;
import chat.magpie.evaluate.Dataset.PassageQuestion;
import chat.magpie.evaluate.Dataset.Session;
import chat.magpie.evaluate.Dataset.Trap;
import chat.magpie.evaluate.Dataset.Turn;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;

/// Reads a folder of the shape that `evaluate/data/README.md` describes and finds everything that
/// is wrong with it before anything is sent.
final class DatasetReader {
  private static final List<String> SPLITS = List.of("dev", "test");
  private static final List<String> SPEAKERS = List.of("user", "companion");

  private final Path folder;
  private final Faults faults = new Faults();

  private final List<Dialogue> dialogues = new ArrayList<>();
  private final Map<String, Place> turns = new HashMap<>();
  private final List<HelpPage> pages = new ArrayList<>();
  private final Map<String, Set<String>> headings = new HashMap<>();
  private final List<Entry> entries = new ArrayList<>();

  private DatasetReader(Path folder) {
    this.folder = folder;
  }

  /// Where a turn is and when it was said.
  private record Place(String dialogue, OffsetDateTime at) {}

  /// @throws Faults.BadData if something is wrong with it, with file and line
  static Dataset read(Path folder) {
    if (!Files.isDirectory(folder)) {
      throw new Faults.BadData(List.of(folder + ": there is no such folder"));
    }
    Dataset read = new DatasetReader(folder).read();
    if (read.isEmpty()) {
      throw new Faults.BadData(
          List.of(
              folder
                  + ": there is nothing to ask: none of memory/questions.jsonl, profile/facts.jsonl,"
                  + " faq/questions.jsonl and faq/passage_questions.jsonl"));
    }
    return read;
  }

  private Dataset read() {
    for (Path file : files(folder.resolve("memory/dialogues"), ".json")) {
      text(file).flatMap(json -> parse(shown(file), 1, json)).ifPresent(this::dialogue);
    }
    for (Path file : files(folder.resolve("faq/pages"), ".md")) {
      page(file);
    }
    lines("faq/entries.jsonl", this::entry);
    List<MemoryQuestion> memoryQuestions = new ArrayList<>();
    lines("memory/questions.jsonl", line -> memoryQuestions.add(memoryQuestion(line)));
    List<Fact> facts = new ArrayList<>();
    lines("profile/facts.jsonl", line -> facts.add(fact(line)));
    List<Trap> traps = new ArrayList<>();
    lines("profile/traps.jsonl", line -> traps.add(trap(line)));
    List<FaqQuestion> faqQuestions = new ArrayList<>();
    lines("faq/questions.jsonl", line -> faqQuestions.add(faqQuestion(line)));
    List<PassageQuestion> passageQuestions = new ArrayList<>();
    lines("faq/passage_questions.jsonl", line -> passageQuestions.add(passageQuestion(line)));
    faults.check();
    Path name = folder.toAbsolutePath().normalize().getFileName();
    return new Dataset(
        name == null ? "data" : name.toString(),
        List.copyOf(dialogues),
        memoryQuestions,
        facts,
        traps,
        List.copyOf(entries),
        faqQuestions,
        List.copyOf(pages),
        passageQuestions);
  }

  private void dialogue(Located json) {
    String id = faults.id(json);
    List<Session> sessions = new ArrayList<>();
    StringBuilder sample = new StringBuilder();
    OffsetDateTime last = OffsetDateTime.MIN;
    for (Located session : faults.objects(json, "sessions")) {
      String sessionId = faults.textIfThere(session, "id").orElse(id + "#" + sessions.size());
      List<Turn> said = new ArrayList<>();
      for (Located one : faults.objects(session, "turns")) {
        Turn turn = turn(one);
        if (turn.at().isBefore(last)) {
          faults.add(one, "turns must stand in the order of time; this one is before the last");
        }
        last = turn.at();
        turns.put(turn.id(), new Place(id, turn.at()));
        sample.append(turn.text()).append('\n');
        said.add(turn);
      }
      Optional<OffsetDateTime> start = faults.timeIfThere(session, "started_at");
      sessions.add(
          new Session(sessionId, start.orElse(said.isEmpty() ? last : said.getFirst().at()), said));
    }
    dialogues.add(
        new Dialogue(
            id,
            split(json),
            language(json, sample.toString()),
            faults.zoneIfThere(json, "zone").map(Object::toString),
            speakers(json),
            sessions));
  }

  private Map<String, String> speakers(Located json) {
    Map<String, String> names = new LinkedHashMap<>();
    Located given = json.fields().get("speakers");
    if (given != null) {
      for (String speaker : SPEAKERS) {
        faults.textIfThere(given, speaker).ifPresent(name -> names.put(speaker, name));
      }
    }
    return names;
  }

  private Turn turn(Located json) {
    String id = faults.id(json);
    String speaker = faults.text(json, "speaker");
    if (!speaker.isEmpty()) {
      faults.oneOf(json, "speaker", SPEAKERS, "user");
    }
    List<Dataset.Dated> dates = new ArrayList<>();
    Located given = json.fields().get("dates");
    if (given != null && !given.isNull() && !given.items().isEmpty()) {
      for (Located date : faults.objects(json, "dates")) {
        days(date).ifPresent(d -> dates.add(new Dataset.Dated(faults.text(date, "text"), d)));
      }
    }
    return new Turn(id, speaker, faults.time(json, "at"), faults.text(json, "text"), dates);
  }

  private Optional<Days> days(Located json) {
    Optional<LocalDate> from = faults.dayIfThere(json, "from");
    Optional<LocalDate> to = faults.dayIfThere(json, "to");
    if (from.isEmpty() || to.isEmpty()) {
      faults.add(json, "from and to must both be days, such as 2025-03-03");
      return Optional.empty();
    }
    if (from.get().isAfter(to.get())) {
      faults.add(json, "from is after to");
    }
    return Optional.of(new Days(from.get(), to.get()));
  }

  private MemoryQuestion memoryQuestion(Located json) {
    String id = faults.id(json);
    String dialogue = dialogueOf(json);
    String question = faults.text(json, "question");
    OffsetDateTime askedAt = faults.time(json, "asked_at");
    List<String> evidence = faults.texts(json, "evidence");
    List<List<String>> alternatives = faults.textListsIfThere(json, "alternatives");
    List<String> outdated = faults.textsIfThere(json, "outdated");
    for (String turn :
        Stream.of(evidence.stream(), alternatives.stream().flatMap(List::stream), outdated.stream())
            .flatMap(named -> named)
            .toList()) {
      Place place = turns.get(turn);
      requireTurn(json, dialogue, turn);
      if (place != null && !place.at().isBefore(askedAt)) {
        faults.add(json, "the turn " + turn + " is not before asked_at");
      }
    }
    if (alternatives.stream().anyMatch(List::isEmpty)) {
      faults.add(json, "each of alternatives must name a turn");
    }
    return new MemoryQuestion(
        id,
        dialogue,
        split(json),
        language(json, question),
        faults.textIfThere(json, "kind").orElse("unnamed"),
        question,
        askedAt,
        evidence,
        alternatives,
        outdated,
        answerDays(json));
  }

  private Optional<Days> answerDays(Located json) {
    Located when = json.fields().get("when");
    if (when == null || when.isNull()) {
      return Optional.empty();
    }
    Optional<Days> days = days(when);
    String role = faults.oneOf(when, "role", List.of("constraint", "answer"), "constraint");
    return role.equals("answer") ? days : Optional.empty();
  }

  private Fact fact(Located json) {
    String id = faults.id(json);
    return new Fact(
        id,
        dialogueOf(json),
        split(json),
        faults.text(json, "slot"),
        matches(json),
        sources(json),
        faults.flag(json, "optional"),
        faults.flag(json, "negated"),
        faults.dayIfThere(json, "valid_to"));
  }

  private Trap trap(Located json) {
    String id = faults.id(json);
    List<String> slots = faults.texts(json, "slots");
    return new Trap(
        id,
        dialogueOf(json),
        split(json),
        faults.textIfThere(json, "kind").orElse("unnamed"),
        slots,
        matches(json),
        sources(json));
  }

  private List<String> matches(Located json) {
    List<String> match = faults.texts(json, "match");
    if (match.isEmpty()) {
      faults.add(json, "match must hold a string");
    }
    return match;
  }

  private List<String> sources(Located json) {
    List<String> sources = faults.texts(json, "sources");
    if (sources.isEmpty()) {
      faults.add(json, "sources must name a turn");
    }
    String dialogue = faults.textIfThere(json, "dialogue").orElse("");
    sources.forEach(source -> requireTurn(json, dialogue, source));
    return sources;
  }

  private String dialogueOf(Located json) {
    String dialogue = faults.text(json, "dialogue");
    if (!dialogue.isEmpty() && dialogues.stream().noneMatch(d -> d.id().equals(dialogue))) {
      faults.add(json, "there is no dialogue " + dialogue);
    }
    return dialogue;
  }

  private void requireTurn(Located json, String dialogue, String turn) {
    Place place = turns.get(turn);
    if (place == null || !place.dialogue().equals(dialogue)) {
      faults.add(json, "the dialogue " + dialogue + " has no turn " + turn);
    }
  }

  private void entry(Located json) {
    String id = faults.id(json);
    String question = faults.text(json, "question");
    entries.add(
        new Entry(
            id,
            split(json),
            language(json, question),
            question,
            faults.textsIfThere(json, "phrasings"),
            faults.text(json, "answer")));
  }

  private FaqQuestion faqQuestion(Located json) {
    String id = faults.id(json);
    String question = faults.text(json, "question");
    Located given = json.fields().get("expected");
    if (given == null) {
      faults.add(json, "expected is missing; it is null where nothing answers the question");
    }
    List<String> expected = faults.textsIfThere(json, "expected");
    if (given != null && !given.isNull() && expected.isEmpty()) {
      faults.add(
          json, "expected must name an entry, or be null where nothing answers the question");
    }
    List<String> acceptable = faults.textsIfThere(json, "acceptable");
    for (String entry : Stream.concat(expected.stream(), acceptable.stream()).toList()) {
      if (entries.stream().noneMatch(e -> e.id().equals(entry))) {
        faults.add(json, "there is no entry " + entry);
      }
    }
    return new FaqQuestion(
        id,
        split(json),
        language(json, question),
        faults.textIfThere(json, "kind").orElse(expected.isEmpty() ? "unanswerable" : "unnamed"),
        question,
        expected,
        acceptable);
  }

  private PassageQuestion passageQuestion(Located json) {
    String id = faults.id(json);
    String question = faults.text(json, "question");
    String page = faults.text(json, "page");
    String heading = faults.text(json, "heading");
    if (!headings.containsKey(page)) {
      faults.add(json, "there is no page " + page);
    } else if (!headings.getOrDefault(page, Set.of()).contains(heading)) {
      faults.add(json, "the page " + page + " has no section " + heading);
    }
    return new PassageQuestion(
        id,
        split(json),
        language(json, question),
        faults.textIfThere(json, "kind").orElse("unnamed"),
        question,
        page,
        heading);
  }

  private void page(Path file) {
    String path = folder.resolve("faq/pages").relativize(file).toString().replace('\\', '/');
    String text = text(file).orElse("");
    pages.add(new HelpPage(path, text));
    Set<String> sections = new HashSet<>();
    text.lines()
        .filter(line -> line.matches("##+ .*"))
        .forEach(line -> sections.add(line.substring(line.indexOf(' ')).strip()));
    headings.put(path, sections);
  }

  private String split(Located json) {
    return faults.oneOf(json, "split", SPLITS, "test");
  }

  private String language(Located json, String text) {
    return faults.textIfThere(json, "language").orElseGet(() -> Languages.of(text));
  }

  private void lines(String name, Consumer<Located> reader) {
    Path file = folder.resolve(name);
    if (!Files.exists(file)) {
      return;
    }
    int number = 0;
    for (String line : text(file).orElse("").split("\n", -1)) {
      number++;
      if (!line.isBlank()) {
        parse(name, number, line).ifPresent(reader);
      }
    }
  }

  private Optional<Located> parse(String file, int line, String text) {
    try {
      Located json = Located.parse(file, line, text);
      if (json.kind() == Located.Kind.OBJECT) {
        return Optional.of(json);
      }
      faults.add(json, "this must be an object");
    } catch (Located.Malformed e) {
      faults.add(file, e.line(), String.valueOf(e.getMessage()));
    }
    return Optional.empty();
  }

  private Optional<String> text(Path file) {
    try {
      return Optional.of(Files.readString(file));
    } catch (CharacterCodingException e) {
      faults.add(shown(file), 1, "this is not UTF-8");
      return Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String shown(Path file) {
    return folder.relativize(file).toString().replace('\\', '/');
  }

  /// In the order of their names.
  private static List<Path> files(Path folder, String ending) {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> all = Files.walk(folder)) {
      return all.filter(file -> file.toString().endsWith(ending) && Files.isRegularFile(file))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
