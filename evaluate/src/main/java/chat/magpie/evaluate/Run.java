package chat.magpie.evaluate;

import chat.magpie.evaluate.Dataset.Dialogue;
import chat.magpie.evaluate.Dataset.Fact;
import chat.magpie.evaluate.Dataset.FaqQuestion;
import chat.magpie.evaluate.Dataset.HelpPage;
import chat.magpie.evaluate.Dataset.MemoryQuestion;
import chat.magpie.evaluate.Dataset.PassageQuestion;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/// Brings a data set to one server and asks it everything, one request after the other.
final class Run {
  /// As many as the server gives at once: only the tokens shall bound it.
  private static final int RECALLED = 500;

  private static final int ANY_TOKENS = 100_000;

  private static final int FOUND = 10;
  private static final int LEARNING_SECONDS = 900;
  private static final int INDEXING_SECONDS = 900;

  private final Wire wire;
  private final Dataset data;
  private final boolean embeddings;
  private final List<String> characters;
  private final Consumer<String> says;

  /// @param embeddings whether the server has them
  Run(Wire wire, Dataset data, boolean embeddings, Consumer<String> says) {
    this.wire = wire;
    this.data = data;
    this.embeddings = embeddings;
    this.says = says;
    characters = wire.characters();
    if (characters.isEmpty()) {
      throw new CouldNotMeasure("The server has no character");
    }
  }

  /// @param suites of [Plan#SUITES]; one of which the data set has nothing is left out
  List<Measured> measure(List<String> suites) {
    List<Measured> measured = new ArrayList<>();
    boolean learn = suites.contains("profile") && !data.facts().isEmpty();
    boolean recall = suites.contains("memory") && !data.memoryQuestions().isEmpty();
    if (learn || recall) {
      importDialogues(learn);
    }
    if (recall) {
      measured.add(memory());
    }
    if (suites.contains("faq")
        && !(data.faqQuestions().isEmpty() && data.passageQuestions().isEmpty())) {
      measured.add(knowledge());
    }
    if (learn) {
      measured.add(profile());
    }
    return measured;
  }

  private void importDialogues(boolean learn) {
    says.accept("importing " + data.dialogues().size() + " dialogues");
    for (Dialogue dialogue : data.dialogues()) {
      wire.importTurns(MemorySuite.userOf(dialogue), characters.getFirst(), dialogue, learn);
    }
  }

  private Measured memory() {
    says.accept("asking " + data.memoryQuestions().size() + " questions about dialogues");
    MemorySuite suite = new MemorySuite(data);
    Map<String, Dialogue> dialogues = data.dialoguesById();
    Set<String> warm = new HashSet<>();
    for (MemoryQuestion question : data.memoryQuestions()) {
      Dialogue dialogue = dialogues.get(question.dialogue());
      if (dialogue == null) {
        throw new IllegalStateException(question.dialogue());
      }
      String user = MemorySuite.userOf(dialogue);
      if (embeddings && warm.add(user)) {
        Wire.await(
            "embeddings had a part in what is recalled of " + dialogue.id(),
            INDEXING_SECONDS,
            () -> hasVectors(retrieve(user, question, ANY_TOKENS)));
      }
      suite.add(
          question,
          retrieve(user, question, ANY_TOKENS),
          retrieve(user, question, MemorySuite.BUDGET / 2),
          retrieve(user, question, MemorySuite.BUDGET));
    }
    return suite.measured(embeddings);
  }

  private static boolean hasVectors(Wire.Recall recall) {
    return recall.dense() && recall.pending() == 0;
  }

  private Wire.Recall retrieve(String user, MemoryQuestion question, int maxTokens) {
    return wire.retrieve(
        user, characters.getFirst(), question.question(), question.askedAt(), RECALLED, maxTokens);
  }

  /// Entries and pages are given to a character each, so that neither is taken for the other, and
  /// both to a third one, where there are as many.
  private Measured knowledge() {
    says.accept(
        "indexing %d entries and %d pages".formatted(data.entries().size(), data.pages().size()));
    String shelf = characters.getFirst();
    String desk = characters.size() > 1 ? characters.get(1) : shelf;
    List<String> both = characters.size() > 2 ? List.of(characters.get(2)) : List.of();
    Map<String, String> pages = new LinkedHashMap<>();
    wire.putEntries(data.entries(), with(shelf, both));
    for (HelpPage page : data.pages()) {
      pages.put(page.path(), wire.putPage(page, with(desk, both)));
    }
    int documents = data.entries().size() + data.pages().size();
    Wire.await(
        "the documents were indexed",
        INDEXING_SECONDS,
        () -> wire.indexed().documents() >= documents);
    if (embeddings) {
      awaitVectors(shelf, desk, pages);
    }
    says.accept(
        "asking %d questions of customers"
            .formatted(data.faqQuestions().size() + data.passageQuestions().size()));
    FaqSuite suite = new FaqSuite();
    Set<String> entries =
        data.entries().stream().map(Dataset.Entry::id).collect(Collectors.toSet());
    for (FaqQuestion question : data.faqQuestions()) {
      suite.add(question, wire.search(question.question(), shelf, FOUND));
      if (!both.isEmpty() && !data.pages().isEmpty()) {
        suite.addTogether(
            question, wire.search(question.question(), both.getFirst(), FOUND), entries);
      }
    }
    for (PassageQuestion question : data.passageQuestions()) {
      suite.add(question, wire.search(question.question(), desk, FOUND), pages);
    }
    return suite.measured(embeddings);
  }

  /// Vectors are made behind the requests: each document is asked for by its own words until it is
  /// compared by them.
  private void awaitVectors(String shelf, String desk, Map<String, String> pages) {
    for (Dataset.Entry entry : data.entries()) {
      awaitVector(entry.id(), entry.question(), shelf);
    }
    for (HelpPage page : data.pages()) {
      String title = page.text().lines().findFirst().orElse("").replaceFirst("^#+ *", "");
      if (!title.isBlank()) {
        awaitVector(pages.getOrDefault(page.path(), ""), title, desk);
      }
    }
  }

  private void awaitVector(String document, String question, String character) {
    Wire.await(
        "embeddings had a part in what is found for " + question,
        INDEXING_SECONDS,
        () ->
            wire.search(question, character, FOUND).passages().stream()
                .filter(passage -> passage.documentId().equals(document))
                .allMatch(Wire.Passage::compared));
  }

  private static List<String> with(String one, List<String> more) {
    List<String> all = new ArrayList<>(more);
    all.addFirst(one);
    return all;
  }

  private Measured profile() {
    says.accept("waiting for what is learned about " + data.dialogues().size() + " people");
    ProfileSuite suite = new ProfileSuite();
    for (Dialogue dialogue : data.dialogues()) {
      List<Fact> facts =
          data.facts().stream().filter(fact -> fact.dialogue().equals(dialogue.id())).toList();
      if (facts.isEmpty()) {
        continue;
      }
      String user = MemorySuite.userOf(dialogue);
      Wire.await(
          "all was learned about " + dialogue.id(),
          LEARNING_SECONDS,
          () -> wire.profile(user).pending() == 0);
      Map<String, String> turns = wire.turnsByMessage(user, dialogue);
      suite.add(
          dialogue,
          facts,
          data.traps().stream().filter(trap -> trap.dialogue().equals(dialogue.id())).toList(),
          wire.profile(user).facts().stream().map(fact -> fact.with(turns)).toList());
    }
    return suite.measured();
  }
}
