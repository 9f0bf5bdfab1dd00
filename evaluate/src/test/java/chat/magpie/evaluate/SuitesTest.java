package chat.magpie.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import chat.magpie.evaluate.Dataset.Dated;
import chat.magpie.evaluate.Dataset.Days;
import chat.magpie.evaluate.Dataset.Dialogue;
import chat.magpie.evaluate.Dataset.Fact;
import chat.magpie.evaluate.Dataset.FaqQuestion;
import chat.magpie.evaluate.Dataset.MemoryQuestion;
import chat.magpie.evaluate.Dataset.PassageQuestion;
import chat.magpie.evaluate.Dataset.Session;
import chat.magpie.evaluate.Dataset.Trap;
import chat.magpie.evaluate.Dataset.Turn;
import chat.magpie.evaluate.Measured.Headline;
import chat.magpie.evaluate.Wire.Found;
import chat.magpie.evaluate.Wire.Passage;
import chat.magpie.evaluate.Wire.Recall;
import chat.magpie.evaluate.Wire.Recalled;
import chat.magpie.evaluate.Wire.Stated;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// What the suites make of answers, against figures that were reckoned by hand.
class SuitesTest {
  private static final Days TENTH = days("2025-03-10", "2025-03-10");

  private static Days days(String from, String to) {
    return new Days(LocalDate.parse(from), LocalDate.parse(to));
  }

  /// Turns t1 to t6 on the days from the 11th on; "yesterday" in t1 is the 10th.
  private static final Dialogue DIALOGUE =
      new Dialogue(
          "d",
          "dev",
          "en",
          Optional.of("UTC"),
          Map.of(),
          List.of(
              new Session(
                  "s",
                  at(1),
                  IntStream.rangeClosed(1, 6)
                      .mapToObj(i ->
                          new Turn(
                              "t" + i,
                              "user",
                              at(i),
                              "text " + i,
                              i == 1 ? List.of(new Dated("yesterday", TENTH)) : List.of()))
                      .toList())));

  private static final Dataset DATA =
      new Dataset(
          "test",
          List.of(DIALOGUE),
          List.of(),
          List.of(),
          List.of(),
          List.of(),
          List.of(),
          List.of(),
          List.of());

  private static OffsetDateTime at(int turn) {
    return OffsetDateTime.parse("2025-03-%02dT12:00:00Z".formatted(10 + turn));
  }

  private static MemoryQuestion question(
      String kind, List<String> evidence, List<String> outdated, Optional<Days> answer) {
    return new MemoryQuestion(
        "q-" + kind, "d", "dev", "en", kind, "?", at(7), evidence, List.of(), outdated, answer);
  }

  private static void add(MemorySuite suite, MemoryQuestion question, Recall recall) {
    suite.add(question, recall, recall, recall);
  }

  private static Recall recall(String... turns) {
    return new Recall(
        Arrays.stream(turns)
            .map(id ->
                new Recalled(
                    id, 1, 800, !id.equals("t2"), id.equals("t1") ? List.of(TENTH) : List.of()))
            .toList(),
        true,
        0);
  }

  private static Headline headline(Measured measured, String name) {
    return measured.headlines().stream()
        .filter(one -> one.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void memoryCountsEvidenceWithinTheBudget() {
    MemorySuite suite = new MemorySuite(DATA);
    // 800 tokens a turn: one within 1,000, two within 2,000.
    add(suite, question("single", List.of("t2"), List.of(), Optional.empty()), recall("t1", "t2"));
    add(
        suite,
        question("multi_hop", List.of("t1", "t4"), List.of(), Optional.empty()),
        recall("t1", "t2", "t4"));
    add(suite, question("abstain", List.of(), List.of(), Optional.empty()), recall("t3"));
    Measured measured = suite.measured(true);
    Headline evidence = headline(measured, MemorySuite.EVIDENCE);
    assertThat(evidence.value()).isEqualTo(0.75);
    assertThat(evidence.count()).isEqualTo(2);
    assertThat(evidence.missed()).isTrue();
    assertThat(evidence.target().orElseThrow()).hasToString("≥ 0.92");
    Measured.Row all = measured.tables().getFirst().rows().getFirst();
    // recall@5, @10, @20, MRR (1/2 and 1), within 1,000 (0 and 1/2), within 2,000 (1 and 1/2)
    assertThat(all.values()).containsExactly(1.0, 1.0, 1.0, 0.75, 0.25, 0.75);
    assertThat(measured.notes().getFirst()).contains("3 of 3");
    assertThat(measured.cases()).hasSize(2);
    assertThat(measured.cases().getLast().told()).contains("t1 at 1", "t4 at 3");
  }

  @Test
  void contextIsRelevantWhereThePromptHoldsAWholeProof() {
    MemorySuite suite = new MemorySuite(DATA);
    // t2 is not told to a model, so t4 has room; half a proof is none.
    add(
        suite,
        question("multi_hop", List.of("t1", "t4"), List.of(), Optional.empty()),
        recall("t1", "t2", "t4"));
    add(
        suite,
        question("multi_hop", List.of("t1", "t2"), List.of(), Optional.empty()),
        recall("t1", "t2"));
    add(suite, question("abstain", List.of(), List.of(), Optional.empty()), recall("t3"));
    Measured measured = suite.measured(true);
    Headline relevance = headline(measured, MemorySuite.CONTEXT);
    assertThat(relevance.value()).isEqualTo(0.5);
    assertThat(relevance.count()).isEqualTo(2);
    assertThat(relevance.target().orElseThrow()).hasToString("≥ 0.9");
    assertThat(measured.notes()).anyMatch(note -> note.contains("1.3 turns of 1,067 tokens"));
  }

  @Test
  void memoryWithoutEmbeddingsHasTheLowerBound() {
    MemorySuite suite = new MemorySuite(DATA);
    add(suite, question("single", List.of("t1"), List.of(), Optional.empty()), recall("t1"));
    Headline evidence = headline(suite.measured(false), MemorySuite.EVIDENCE);
    assertThat(evidence.target().orElseThrow()).hasToString("≥ 0.85");
    assertThat(evidence.missed()).isFalse();
  }

  @Test
  void theNewestEvidenceComesBeforeWhatIsOutdated() {
    MemorySuite suite = new MemorySuite(DATA);
    List<String> outdated = List.of("t1");
    MemoryQuestion updated = question("updated", List.of("t2", "t4"), outdated, Optional.empty());
    add(suite, updated, recall("t4", "t1", "t2"));
    add(suite, updated, recall("t2", "t1", "t4"));
    add(suite, updated, recall("t3", "t4"));
    add(suite, updated, recall("t3"));
    Headline headline =
        headline(suite.measured(true), "updated: the newest evidence before what is outdated");
    assertThat(headline.value()).isEqualTo(0.5);
    assertThat(headline.count()).isEqualTo(4);
  }

  @Test
  void datesThatAreAskedForMustBeAmongThoseOfTheEvidence() {
    MemorySuite suite = new MemorySuite(DATA);
    // Resolved; said on that day; not found; within a longer time only.
    add(suite, question("temporal", List.of("t1"), List.of(), Optional.of(TENTH)), recall("t1"));
    add(
        suite,
        question(
            "temporal", List.of("t2"), List.of(), Optional.of(days("2025-03-12", "2025-03-12"))),
        recall("t2"));
    add(suite, question("temporal", List.of("t1"), List.of(), Optional.of(TENTH)), recall("t3"));
    add(
        suite,
        question(
            "temporal", List.of("t5"), List.of(), Optional.of(days("2025-03-01", "2025-03-02"))),
        new Recall(
            List.of(new Recalled("t5", 1, 10, true, List.of(days("2025-03-01", "2025-03-31")))),
            true,
            0));
    Measured measured = suite.measured(true);
    assertThat(headline(measured, "date asked for is among those of the evidence found").value())
        .isEqualTo(0.75);
    assertThat(headline(measured, "the same, those days exactly").value()).isEqualTo(0.5);
    assertThat(headline(measured, MemorySuite.TEMPORAL).value()).isEqualTo(0.75);
    assertThat(headline(measured, "dates in the turns found, resolved to those days").value())
        .isEqualTo(1);
  }

  @Test
  void aTurnThatWasNotSaidYetIsTold() {
    MemorySuite suite = new MemorySuite(DATA);
    MemoryQuestion early =
        new MemoryQuestion(
            "q",
            "d",
            "dev",
            "en",
            "single",
            "?",
            at(3),
            List.of("t1"),
            List.of(),
            List.of(),
            Optional.empty());
    add(suite, early, recall("t1", "t3"));
    assertThat(suite.measured(true).notes())
        .contains("1 retrievals brought turns that had not been said then.");
  }

  private static FaqQuestion customer(String kind, List<String> expected, List<String> fine) {
    return new FaqQuestion("f-" + kind, "dev", "en", kind, "?", expected, fine);
  }

  private static Found found(String outcome, double score, String... documents) {
    return new Found(
        outcome, Arrays.stream(documents).map(id -> new Passage(id, "", score, true)).toList());
  }

  @Test
  void faqTellsRankFromOutcome() {
    FaqSuite suite = new FaqSuite();
    suite.add(customer("plain", List.of("a"), List.of()), found("answer", 0.9, "a", "b"));
    // The other branch's answer is not wanted, yet not false.
    suite.add(customer("plain", List.of("a"), List.of("c")), found("answer", 0.8, "c", "c", "a"));
    suite.add(customer("close", List.of("a"), List.of()), found("choice", 0.7, "b", "a"));
    suite.add(customer("close", List.of("a"), List.of()), found("answer", 0.6, "b"));
    suite.add(customer("typo", List.of("a"), List.of()), found("none", 0.5, "a"));
    suite.add(customer("out_of_domain", List.of(), List.of()), found("answer", 0.4, "d"));
    suite.add(customer("out_of_domain", List.of(), List.of()), found("none", 0.1));
    Measured measured = suite.measured(true);
    assertThat(headline(measured, FaqSuite.FIRST).value()).isEqualTo(0.4);
    assertThat(headline(measured, FaqSuite.COVERAGE).value()).isEqualTo(0.8);
    // Five answers were given: b for a, and d for nothing, are false.
    assertThat(headline(measured, FaqSuite.FALSE).value()).isEqualTo(0.4);
    assertThat(headline(measured, FaqSuite.FALSE).count()).isEqualTo(5);
    assertThat(headline(measured, "false answers, of questions without an answer").value())
        .isEqualTo(0.5);
    Measured.Row ranks = measured.tables().getFirst().rows().getFirst();
    // @1: first, fifth; @3: and second, third; MRR: 1, 1/2, 1/2, 0, 1; acceptable: and second
    assertThat(ranks.values()).containsExactly(0.4, 0.8, 0.8, 0.6, 0.6);
    assertThat(measured.notes().getFirst()).contains("6 of 7");
    assertThat(measured.notes().get(1)).contains("0.500", "1.000", "0.400");
  }

  @Test
  void pagesAreRightByPageAndHeading() {
    FaqSuite suite = new FaqSuite();
    PassageQuestion question =
        new PassageQuestion("p", "dev", "en", "plain", "?", "en/boots.md", "Lacing");
    Map<String, String> ids = Map.of("en/boots.md", "boots");
    suite.add(
        question,
        new Found("answer", List.of(new Passage("boots", "Boots › Lacing", 1, true))),
        ids);
    suite.add(
        question,
        new Found(
            "answer",
            List.of(
                new Passage("other", "Lacing", 1, true),
                new Passage("boots", "Boots", 1, true),
                new Passage("boots", "Lacing", 1, true))),
        ids);
    Measured measured = suite.measured(true);
    assertThat(headline(measured, "pages: right section first").value()).isEqualTo(0.5);
    assertThat(headline(measured, "pages: right section among five").value()).isEqualTo(1);
    assertThat(measured.tables()).hasSize(1);
  }

  private static Fact fact(String id, String slot, String match, String source) {
    return new Fact(
        id, "d", "dev", slot, List.of(match), List.of(source), false, false, Optional.empty());
  }

  private static Stated stated(String slot, String value, String source) {
    return new Stated(slot, value, false, List.of(source), Optional.empty());
  }

  @Test
  void profileFollowsTheRulesOfTheDataSet() {
    Fact likes = fact("f1", "likes", "jazz", "t1");
    assertThat(ProfileSuite.fits(stated("hobbies", "Modern JAZZ", "t1"), likes)).isTrue();
    assertThat(ProfileSuite.fits(stated("plans", "jazz", "t1"), likes)).isFalse();
    assertThat(ProfileSuite.fits(stated("likes", "jazz", "t2"), likes)).isFalse();
    assertThat(ProfileSuite.fits(stated("likes", "opera", "t1"), likes)).isFalse();
    Stated denied = new Stated("likes", "jazz", true, List.of("t1"), Optional.empty());
    assertThat(ProfileSuite.fits(denied, likes)).isFalse();
    Trap trap =
        new Trap(
            "n1", "d", "dev", "third_person", List.of("likes"), List.of("jazz"), List.of("t1"));
    assertThat(ProfileSuite.fallsInto(stated("likes", "jazz", "t1"), trap)).isTrue();
    assertThat(ProfileSuite.fallsInto(stated("hobbies", "jazz", "t1"), trap)).isFalse();
    assertThat(ProfileSuite.fallsInto(denied, trap)).isFalse();
  }

  @Test
  void profileCountsStatementsAndFacts() {
    LocalDate ended = LocalDate.parse("2025-03-14");
    Fact home =
        new Fact(
            "f2",
            "d",
            "dev",
            "place",
            List.of("Leeds"),
            List.of("t2"),
            false,
            false,
            Optional.of(ended));
    Fact optional =
        new Fact(
            "f3",
            "d",
            "dev",
            "family",
            List.of("sister"),
            List.of("t3"),
            true,
            false,
            Optional.empty());
    List<Fact> facts = List.of(fact("f1", "name", "Maya", "t1"), home, optional);
    List<Trap> traps =
        List.of(
            new Trap(
                "n1", "d", "dev", "question", List.of("pets"), List.of("tortoise"), List.of("t4")),
            new Trap(
                "n2", "d", "dev", "negation", List.of("diet"), List.of("meat"), List.of("t5")));
    ProfileSuite suite = new ProfileSuite();
    suite.add(
        DIALOGUE,
        facts,
        traps,
        List.of(
            new Stated("place", "Leeds", false, List.of("t2"), Optional.of(ended)),
            stated("family", "a sister", "t3"),
            stated("pets", "tortoise", "t4")));
    Measured measured = suite.measured();
    // The name was not found; the sister need not be.
    assertThat(headline(measured, ProfileSuite.RECALL).value()).isEqualTo(0.5);
    assertThat(headline(measured, ProfileSuite.PRECISION).value())
        .isCloseTo(2.0 / 3, within(1e-12));
    assertThat(headline(measured, "falls into traps").value()).isEqualTo(0.5);
    assertThat(headline(measured, "facts that ended: closed").value()).isEqualTo(1);
    assertThat(headline(measured, "facts that ended: closed on the right day").value())
        .isEqualTo(1);
    assertThat(measured.notes().getFirst()).contains("negation 0 of 1", "question 1 of 1");
  }

  @Test
  void anEndOnAnotherDayIsNoRightEnd() {
    Fact home =
        new Fact(
            "f2",
            "d",
            "dev",
            "place",
            List.of("Leeds"),
            List.of("t2"),
            false,
            false,
            Optional.of(LocalDate.parse("2025-03-14")));
    ProfileSuite suite = new ProfileSuite();
    suite.add(
        DIALOGUE,
        List.of(home),
        List.of(),
        List.of(
            new Stated(
                "place",
                "Leeds",
                false,
                List.of("t2"),
                Optional.of(LocalDate.parse("2025-03-15")))));
    Measured measured = suite.measured();
    assertThat(headline(measured, "facts that ended: closed").value()).isEqualTo(1);
    assertThat(headline(measured, "facts that ended: closed on the right day").value()).isZero();
  }
}
