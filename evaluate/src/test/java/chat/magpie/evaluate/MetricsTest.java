package chat.magpie.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import chat.magpie.evaluate.Metrics.Point;
import chat.magpie.evaluate.Metrics.Scored;
import chat.magpie.evaluate.Wire.Recalled;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class MetricsTest {
  private static Recalled turn(String id, int tokens) {
    return new Recalled(id, 1, tokens, true, List.of());
  }

  @Test
  void recallIsTheShareOfTheBestProof() {
    List<String> found = List.of("a", "x", "c");
    assertThat(Metrics.recall(Stream.of(List.of("a", "b")), found)).isEqualTo(0.5);
    assertThat(Metrics.recall(Stream.of(List.of("a", "b"), List.of("c")), found)).isEqualTo(1);
    assertThat(Metrics.recall(Stream.of(List.of("b")), found)).isZero();
    assertThat(Metrics.recall(Stream.of(List.of("a", "b", "c")), Metrics.first(found, 1)))
        .isEqualTo(1.0 / 3);
    assertThat(Metrics.first(found, 20)).isEqualTo(found);
  }

  @Test
  void placesCountFromOne() {
    List<String> ranked = List.of("a", "b", "c", "d");
    assertThat(Metrics.reciprocalRank(ranked, "a"::equals)).isEqualTo(1);
    assertThat(Metrics.reciprocalRank(ranked, "d"::equals)).isEqualTo(0.25);
    assertThat(Metrics.reciprocalRank(ranked, "e"::equals)).isZero();
    assertThat(Metrics.place(ranked, "c"::equals)).isEqualTo(3);
    assertThat(Metrics.place(ranked, "e"::equals)).isZero();
  }

  @Test
  void aBudgetEndsBeforeTheFirstThatDoesNotFit() {
    List<Recalled> ranked = List.of(turn("a", 600), turn("b", 400), turn("c", 700), turn("d", 1));
    assertThat(Metrics.within(ranked, 1000)).extracting(Recalled::id).containsExactly("a", "b");
    assertThat(Metrics.within(ranked, 999)).extracting(Recalled::id).containsExactly("a");
    assertThat(Metrics.within(ranked, 1700)).hasSize(3);
    assertThat(Metrics.within(ranked, 2000)).hasSize(4);
    assertThat(Metrics.within(ranked, 10)).isEmpty();
  }

  @Test
  void separationCountsPairs() {
    assertThat(Metrics.separation(List.of(3.0, 2.0), List.of(1.0, 0.0))).isEqualTo(1);
    assertThat(Metrics.separation(List.of(1.0), List.of(1.0))).isEqualTo(0.5);
    // 2 > 1, 2 < 3, 4 > 1, 4 > 3
    assertThat(Metrics.separation(List.of(2.0, 4.0), List.of(1.0, 3.0))).isEqualTo(0.75);
    assertThat(Metrics.separation(List.of(), List.of(1.0))).isNaN();
  }

  @Test
  void quantilesAreNearestRanks() {
    List<Double> values = List.of(5.0, 1.0, 4.0, 2.0, 3.0);
    assertThat(Metrics.quantile(values, 0.5)).isEqualTo(3);
    assertThat(Metrics.quantile(values, 0.1)).isEqualTo(1);
    assertThat(Metrics.quantile(values, 0.9)).isEqualTo(5);
    assertThat(Metrics.quantile(List.of(), 0.5)).isNaN();
  }

  @Test
  void theCurveHasAPointForEachScore() {
    List<Point> curve =
        Metrics.curve(
            List.of(
                new Scored(0.4, false, false),
                new Scored(0.9, true, true),
                new Scored(0.7, true, false),
                new Scored(0.7, true, true),
                new Scored(0.1, true, true)));
    // .9: one of four, none false; .7: three of four, one of three false; .4: two of four false;
    // .1: all, two of five false.
    assertThat(curve)
        .containsExactly(
            new Point(0.9, 0.25, 0),
            new Point(0.7, 0.75, 1.0 / 3),
            new Point(0.4, 0.75, 0.5),
            new Point(0.1, 1, 0.4));
    // .25 x 0 + .5 x 1/3 + 0 + .25 x .4
    assertThat(Metrics.area(curve)).isCloseTo(0.5 / 3 + 0.1, within(1e-12));
    assertThat(Metrics.area(List.of())).isNaN();
    assertThat(Metrics.area(Metrics.curve(List.of(new Scored(1, true, true))))).isZero();
  }

  @Test
  void averagesLeaveOutWhatIsNoNumber() {
    Averages averages = new Averages("t", List.of("a", "b"));
    averages.add(List.of("kind: x", "split: dev"), 1, Double.NaN);
    averages.add(List.of("kind: y", "split: dev"), 0, 0.5);
    assertThat(averages.of("all", "a")).isEqualTo(0.5);
    assertThat(averages.of("all", "b")).isEqualTo(0.5);
    assertThat(averages.count("all", "b")).isEqualTo(1);
    assertThat(averages.of("kind: x", "b")).isNaN();
    assertThat(averages.of("kind: z", "a")).isNaN();
    assertThat(averages.table().rows())
        .extracting(Measured.Row::group)
        .containsExactly("all", "kind: x", "kind: y", "split: dev");
    assertThat(averages.table().rows().getFirst().count()).isEqualTo(2);
  }

  @Test
  void languagesByTheirLook() {
    assertThat(Languages.of("我的狗叫什么名字？")).isEqualTo("zh");
    assertThat(Languages.of("What is my dog called?")).isEqualTo("en");
    assertThat(Languages.of("我在一家做 fintech app 的公司当 PM")).isEqualTo("mixed");
    assertThat(Languages.of("我昨天去了超市买了一大堆东西还有 iPhone")).isEqualTo("zh");
  }
}
