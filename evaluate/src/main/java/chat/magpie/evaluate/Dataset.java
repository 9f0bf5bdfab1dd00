package chat.magpie.evaluate;

import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// What is asked and what is right, as `evaluate/data/README.md` describes it. Any of the lists may
/// be empty.
///
/// @param name what reports call it
record Dataset(
    String name,
    List<Dialogue> dialogues,
    List<MemoryQuestion> memoryQuestions,
    List<Fact> facts,
    List<Trap> traps,
    List<Entry> entries,
    List<FaqQuestion> faqQuestions,
    List<HelpPage> pages,
    List<PassageQuestion> passageQuestions) {

  /// Something of the data set that belongs to a split.
  sealed interface Part
      permits Dialogue, MemoryQuestion, Fact, Trap, Entry, FaqQuestion, PassageQuestion {
    String id();

    String split();
  }

  /// Something that is asked; figures are given per kind and language.
  sealed interface Question permits MemoryQuestion, FaqQuestion, PassageQuestion {
    String id();

    String split();

    String language();

    String kind();

    String question();
  }

  /// @param zone where the person says "yesterday"
  record Dialogue(
      String id,
      String split,
      String language,
      Optional<String> zone,
      Map<String, String> speakers,
      List<Session> sessions)
      implements Part {
    Stream<Turn> turns() {
      return sessions.stream().flatMap(session -> session.turns().stream());
    }
  }

  record Session(String id, OffsetDateTime startedAt, List<Turn> turns) {}

  /// @param speaker `user` or `companion`
  /// @param dates what its expressions mean, for measuring alone
  record Turn(String id, String speaker, OffsetDateTime at, String text, List<Dated> dates) {}

  /// An expression and the days that it means, both included.
  record Dated(String text, Days days) {}

  /// Days from one to another, both included.
  record Days(LocalDate from, LocalDate to) {
    boolean contains(Days other) {
      return !other.from.isBefore(from) && !other.to.isAfter(to);
    }
  }

  /// @param evidence empty where nothing in the dialogue answers it
  /// @param answerDays the days that are asked for, where it asks for a date
  record MemoryQuestion(
      String id,
      String dialogue,
      String split,
      String language,
      String kind,
      String question,
      OffsetDateTime askedAt,
      List<String> evidence,
      List<List<String>> alternatives,
      List<String> outdated,
      Optional<Days> answerDays)
      implements Part, Question {
    boolean answerable() {
      return !evidence.isEmpty();
    }

    /// The evidence and the other sets that prove the answer as well.
    Stream<List<String>> proofs() {
      return Stream.concat(Stream.of(evidence), alternatives.stream());
    }
  }

  record Fact(
      String id,
      String dialogue,
      String split,
      String slot,
      List<String> match,
      List<String> sources,
      boolean optional,
      boolean negated,
      Optional<LocalDate> validTo)
      implements Part {}

  record Trap(
      String id,
      String dialogue,
      String split,
      String kind,
      List<String> slots,
      List<String> match,
      List<String> sources)
      implements Part {}

  record Entry(
      String id,
      String split,
      String language,
      String question,
      List<String> phrasings,
      String answer)
      implements Part {}

  /// @param expected empty where neither an entry nor a page answers it
  record FaqQuestion(
      String id,
      String split,
      String language,
      String kind,
      String question,
      List<String> expected,
      List<String> acceptable)
      implements Part, Question {
    boolean answerable() {
      return !expected.isEmpty();
    }
  }

  /// @param path relative to the folder of pages, with `/`
  record HelpPage(String path, String text) {}

  /// @param heading of the section that answers it
  record PassageQuestion(
      String id,
      String split,
      String language,
      String kind,
      String question,
      String page,
      String heading)
      implements Part, Question {}

  /// Which part is asked about. What is not asked about is there nevertheless where it could be
  /// taken for something else: all entries and pages.
  enum Split {
    DEV,
    TEST,
    ALL;

    boolean has(Part part) {
      return switch (this) {
        case ALL -> true;
        case DEV -> part.split().equals("dev");
        case TEST -> part.split().equals("test");
      };
    }
  }

  /// The questions and facts of a split, with the dialogues that they are about.
  Dataset only(Split split) {
    List<MemoryQuestion> asked = memoryQuestions.stream().filter(split::has).toList();
    List<Fact> known = facts.stream().filter(split::has).toList();
    Set<String> about = new HashSet<>();
    asked.forEach(question -> about.add(question.dialogue()));
    known.forEach(fact -> about.add(fact.dialogue()));
    return new Dataset(
        name,
        dialogues.stream().filter(dialogue -> about.contains(dialogue.id())).toList(),
        asked,
        known,
        traps.stream().filter(split::has).toList(),
        entries,
        faqQuestions.stream().filter(split::has).toList(),
        pages,
        passageQuestions.stream().filter(split::has).toList());
  }

  Map<String, Dialogue> dialoguesById() {
    return dialogues.stream().collect(Collectors.toMap(Dialogue::id, Function.identity()));
  }

  boolean isEmpty() {
    return memoryQuestions.isEmpty()
        && facts.isEmpty()
        && faqQuestions.isEmpty()
        && passageQuestions.isEmpty();
  }
}
