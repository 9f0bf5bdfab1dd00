package chat.magpie.evaluate;

import chat.magpie.evaluate.Dataset.Fact;
import chat.magpie.evaluate.Dataset.Trap;
import chat.magpie.evaluate.Measured.Case;
import chat.magpie.evaluate.Measured.Headline;
import chat.magpie.evaluate.Measured.Target;
import chat.magpie.evaluate.Wire.Stated;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/// How much of what is to be known about people is stated, and how much of what is stated is so.
final class ProfileSuite {
  static final String PRECISION = "profile precision";
  static final String RECALL = "profile recall";

  /// Slots between which the line is drawn differently by different people.
  private static final Set<Set<String>> NEAR =
      Set.of(
          Set.of("likes", "hobbies"),
          Set.of("dislikes", "diet"),
          Set.of("health", "allergies"),
          Set.of("family", "relations"),
          Set.of("occupation", "workplace"),
          Set.of("diet", "habits"));

  private final Averages averages =
      new Averages(
          "Profile: facts found, and statements that are right", List.of(RECALL, PRECISION));
  private final Map<String, Integer> traps = new TreeMap<>();
  private final Map<String, Integer> falls = new TreeMap<>();
  private final List<Case> cases = new ArrayList<>();
  private int ended;
  private int closed;
  private int closedRight;

  /// Takes what is stated about the person of a dialogue.
  ///
  /// @param facts what is to be known
  /// @param set what must not be concluded
  void add(Dataset.Dialogue dialogue, List<Fact> facts, List<Trap> set, List<Stated> stated) {
    List<String> groups = List.of("language: " + dialogue.language(), "split: " + dialogue.split());
    for (Trap trap : set) {
      traps.merge(trap.kind(), 1, Integer::sum);
      if (stated.stream().anyMatch(one -> fallsInto(one, trap))) {
        falls.merge(trap.kind(), 1, Integer::sum);
      }
    }
    for (Fact fact : facts) {
      List<Stated> fitting = stated.stream().filter(one -> fits(one, fact)).toList();
      if (!fact.optional()) {
        averages.add(with(groups, fact.slot()), fitting.isEmpty() ? 0 : 1, Double.NaN);
        cases.add(
            new Case(
                RECALL,
                fact.id(),
                fact.split(),
                fact.slot(),
                fitting.isEmpty() ? 0 : 1,
                fact.slot() + ": " + fact.match() + " from " + fact.sources()));
      }
      if (fact.validTo().isPresent() && !fitting.isEmpty()) {
        ended++;
        closed += fitting.stream().allMatch(one -> one.validTo().isPresent()) ? 1 : 0;
        closedRight +=
            fitting.stream().allMatch(one -> one.validTo().equals(fact.validTo())) ? 1 : 0;
      }
    }
    for (Stated one : stated) {
      Optional<Trap> trap = set.stream().filter(t -> fallsInto(one, t)).findFirst();
      boolean right = trap.isEmpty() && facts.stream().anyMatch(fact -> fits(one, fact));
      averages.add(with(groups, one.slot()), Double.NaN, right ? 1 : 0);
      cases.add(
          new Case(
              PRECISION,
              dialogue.id(),
              dialogue.split(),
              one.slot(),
              right ? 1 : 0,
              "%s%s: %s from %s%s"
                  .formatted(
                      one.negated() ? "not " : "",
                      one.slot(),
                      one.value(),
                      one.sources(),
                      trap.map(t -> ", a trap (" + t.kind() + ")").orElse(""))));
    }
  }

  private static List<String> with(List<String> groups, String slot) {
    List<String> all = new ArrayList<>(groups);
    all.add("slot: " + slot);
    return all;
  }

  /// Whether a statement is a fact's: of the same slot or a near one, with its words, from one of
  /// its sources, and said or denied alike.
  static boolean fits(Stated stated, Fact fact) {
    return stated.negated() == fact.negated()
        && (stated.slot().equals(fact.slot())
            || NEAR.contains(Set.copyOf(List.of(stated.slot(), fact.slot()))))
        && contains(stated.value(), fact.match())
        && stated.sources().stream().anyMatch(fact.sources()::contains);
  }

  /// Whether a statement is one that must not be concluded. What is denied is not stated.
  static boolean fallsInto(Stated stated, Trap trap) {
    return !stated.negated()
        && trap.slots().contains(stated.slot())
        && contains(stated.value(), trap.match())
        && stated.sources().stream().anyMatch(trap.sources()::contains);
  }

  private static boolean contains(String value, List<String> match) {
    String lower = value.toLowerCase(Locale.ROOT);
    return match.stream().anyMatch(one -> lower.contains(one.toLowerCase(Locale.ROOT)));
  }

  Measured measured() {
    List<Headline> headlines = new ArrayList<>();
    headlines.add(
        new Headline(
            PRECISION,
            averages.of("all", PRECISION),
            averages.count("all", PRECISION),
            Target.atLeast(0.95)));
    headlines.add(
        new Headline(
            RECALL, averages.of("all", RECALL), averages.count("all", RECALL), Optional.empty()));
    int set = traps.values().stream().mapToInt(Integer::intValue).sum();
    int fallen = falls.values().stream().mapToInt(Integer::intValue).sum();
    if (set > 0) {
      headlines.add(
          new Headline("falls into traps", Metrics.share(fallen, set), set, Optional.empty()));
    }
    if (ended > 0) {
      headlines.add(
          new Headline(
              "facts that ended: closed", Metrics.share(closed, ended), ended, Optional.empty()));
      headlines.add(
          new Headline(
              "facts that ended: closed on the right day",
              Metrics.share(closedRight, ended),
              ended,
              Optional.empty()));
    }
    List<String> notes = new ArrayList<>();
    if (set > 0) {
      List<String> kinds =
          traps.entrySet().stream()
              .map(kind ->
                  "%s %d of %d"
                      .formatted(
                          kind.getKey(), falls.getOrDefault(kind.getKey(), 0), kind.getValue()))
              .toList();
      notes.add("Falls into traps by kind: " + String.join(", ", kinds) + ".");
    }
    return new Measured("profile", headlines, List.of(averages.table()), notes, cases);
  }
}
