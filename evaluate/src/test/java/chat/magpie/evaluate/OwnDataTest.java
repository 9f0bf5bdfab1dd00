package chat.magpie.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import chat.magpie.evaluate.Dataset.Dialogue;
import chat.magpie.evaluate.Dataset.Entry;
import chat.magpie.evaluate.Dataset.Fact;
import chat.magpie.evaluate.Dataset.FaqQuestion;
import chat.magpie.evaluate.Dataset.MemoryQuestion;
import chat.magpie.evaluate.Dataset.Session;
import chat.magpie.evaluate.Dataset.Trap;
import chat.magpie.evaluate.Dataset.Turn;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// The rules of `evaluate/data/README.md` that only our own data sets keep; what every data set
/// must keep is checked when it is read.
class OwnDataTest {
  private static final Dataset data =
      DatasetReader.read(Path.of(System.getProperty("magpie.root", ".."), "evaluate", "data"));
  private static final Map<String, Turn> turns =
      data.dialogues().stream()
          .flatMap(Dialogue::turns)
          .collect(Collectors.toMap(Turn::id, Function.identity()));

  @Test
  void thereIsAsMuchAsIsPromised() {
    assertThat(data.memoryQuestions()).hasSizeGreaterThanOrEqualTo(300);
    assertThat(data.faqQuestions()).hasSizeGreaterThanOrEqualTo(300);
    assertThat(data.entries()).hasSize(150);
    assertThat(data.dialogues()).hasSize(10);
    assertThat(data.pages()).hasSize(20);
    assertThat(data.facts()).isNotEmpty();
    assertThat(data.traps()).isNotEmpty();
    assertThat(
            data.memoryQuestions().stream().map(MemoryQuestion::kind).collect(Collectors.toSet()))
        .containsExactlyInAnyOrder(
            "single",
            "paraphrase",
            "typo",
            "mixed_language",
            "temporal",
            "multi_hop",
            "updated",
            "abstain");
  }

  @Test
  void dialoguesRunForwardAndSayNothingTwice() {
    for (Dialogue dialogue : data.dialogues()) {
      assertThat(dialogue.sessions()).hasSizeBetween(15, 30);
      assertThat(dialogue.turns()).hasSizeBetween(250, 400);
      assertThat(dialogue.turns().map(Turn::text)).as(dialogue.id()).doesNotHaveDuplicates();
      assertThat(dialogue.turns().map(turn -> turn.at().toInstant()))
          .as(dialogue.id())
          .isSorted()
          .doesNotHaveDuplicates();
      for (Session session : dialogue.sessions()) {
        assertThat(session.startedAt()).isEqualTo(session.turns().getFirst().at());
        assertThat(session.turns().getLast().at().toLocalDate())
            .as("midnight in " + session.id())
            .isEqualTo(session.startedAt().toLocalDate());
      }
    }
  }

  @Test
  void annotatedExpressionsAreInTheText() {
    for (Turn turn : turns.values()) {
      assertThat(turn.dates())
          .allSatisfy(date -> assertThat(turn.text()).as(turn.id()).contains(date.text()));
    }
    assertThat(turns.values().stream().mapToInt(turn -> turn.dates().size()).sum())
        .isGreaterThan(150);
  }

  @Test
  void questionsHaveTheEvidenceThatTheirKindNeeds() {
    for (MemoryQuestion question : data.memoryQuestions()) {
      assertThat(question.evidence().isEmpty())
          .as(question.id())
          .isEqualTo(question.kind().equals("abstain"));
      assertThat(question.outdated().stream().filter(question.evidence()::contains))
          .as(question.id())
          .isEmpty();
      if (question.kind().equals("multi_hop")) {
        assertThat(question.evidence()).as(question.id()).hasSizeGreaterThanOrEqualTo(2);
      }
      if (question.kind().equals("updated") && !question.outdated().isEmpty()) {
        assertThat(newest(question.evidence()).at())
            .as(question.id())
            .isAfterOrEqualTo(newest(question.outdated()).at());
      }
    }
  }

  private static Turn newest(List<String> ids) {
    return ids.stream().map(turns::get).max((a, b) -> a.at().compareTo(b.at())).orElseThrow();
  }

  @Test
  void nothingIsAskedTwice() {
    assertThat(
            data.memoryQuestions().stream()
                .map(q -> q.dialogue() + q.question() + q.askedAt().toLocalDate()))
        .doesNotHaveDuplicates();
    Set<String> phrasings =
        data.entries().stream()
            .flatMap(
                entry -> Stream.concat(Stream.of(entry.question()), entry.phrasings().stream()))
            .collect(Collectors.toSet());
    assertThat(
            Stream.concat(
                data.faqQuestions().stream().map(FaqQuestion::question),
                data.passageQuestions().stream().map(Dataset.PassageQuestion::question)))
        .doesNotHaveDuplicates()
        .doesNotContainAnyElementsOf(phrasings);
  }

  @Test
  void splitsAreWhole() {
    Map<String, String> splits =
        data.dialogues().stream().collect(Collectors.toMap(Dialogue::id, Dialogue::split));
    assertThat(data.memoryQuestions())
        .allSatisfy(q -> assertThat(q.split()).as(q.id()).isEqualTo(splits.get(q.dialogue())));
    assertThat(data.facts())
        .allSatisfy(f -> assertThat(f.split()).as(f.id()).isEqualTo(splits.get(f.dialogue())));
    assertThat(data.traps())
        .allSatisfy(t -> assertThat(t.split()).as(t.id()).isEqualTo(splits.get(t.dialogue())));
    Map<String, String> entries =
        data.entries().stream().collect(Collectors.toMap(Entry::id, Entry::split));
    // A question that two entries answer belongs to one of them.
    for (FaqQuestion question : data.faqQuestions()) {
      if (question.answerable()) {
        assertThat(question.expected().stream().map(entries::get))
            .as(question.id())
            .contains(question.split());
      }
    }
    Map<String, String> pages = new HashMap<>();
    for (Dataset.PassageQuestion question : data.passageQuestions()) {
      assertThat(pages.computeIfAbsent(question.page(), page -> question.split()))
          .as(question.id())
          .isEqualTo(question.split());
    }
  }

  @Test
  void whatIsSoIsNoTrap() {
    for (Fact fact : data.facts()) {
      for (String words : fact.match()) {
        Wire.Stated stated =
            new Wire.Stated(fact.slot(), words, fact.negated(), fact.sources(), Optional.empty());
        for (Trap trap : data.traps()) {
          assertThat(ProfileSuite.fallsInto(stated, trap)).as(fact.id() + trap.id()).isFalse();
        }
      }
    }
  }

  @Test
  void pagesAreInTheirLanguageAndHeadingsOnce() {
    for (Dataset.HelpPage page : data.pages()) {
      assertThat(page.path()).matches("(zh|en)/.+\\.md");
      assertThat(Languages.of(page.text())).as(page.path()).isEqualTo(page.path().substring(0, 2));
      Set<String> headings = new HashSet<>();
      page.text()
          .lines()
          .filter(line -> line.startsWith("## "))
          .forEach(line -> assertThat(headings.add(line)).as(page.path() + line).isTrue());
      assertThat(headings).hasSizeGreaterThan(2);
    }
  }
}
