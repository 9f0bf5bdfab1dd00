package chat.magpie.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class HealthTest {
  @Test
  void onlyWhatIsEssentialTakesTheNodeDown() {
    assertThat(report(probe("redis", false, HealthProbe.State.DOWN)).state())
        .isEqualTo(HealthProbe.State.DEGRADED);
    assertThat(report(probe("database", true, HealthProbe.State.DOWN)).state())
        .isEqualTo(HealthProbe.State.DOWN);
    assertThat(report(probe("database", true, HealthProbe.State.UP)).state())
        .isEqualTo(HealthProbe.State.UP);
  }

  @Test
  void aProbeThatThrowsOrHangsIsDownAndHoldsNobodyUp() {
    CountDownLatch never = new CountDownLatch(1);
    Health.Report report =
        report(
            new HealthProbe(
                "broken",
                false,
                () -> {
                  throw new IllegalStateException("torn");
                }),
            new HealthProbe(
                "hangs",
                true,
                () -> {
                  try {
                    never.await();
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                  return new HealthProbe.Result(HealthProbe.State.UP, "");
                }));

    assertThat(report.components())
        .extracting(Health.Component::name, Health.Component::state, Health.Component::detail)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("broken", HealthProbe.State.DOWN, "torn"),
            org.assertj.core.groups.Tuple.tuple(
                "hangs", HealthProbe.State.DOWN, "no answer within 2 s"));
    assertThat(report.state()).isEqualTo(HealthProbe.State.DOWN);
  }

  @Test
  void askingOftenProbesOnce() {
    AtomicInteger asked = new AtomicInteger();
    Health health =
        new Health(
            List.of(
                new HealthProbe(
                    "database",
                    true,
                    () -> {
                      asked.incrementAndGet();
                      return new HealthProbe.Result(HealthProbe.State.UP, "");
                    })));
    for (int i = 0; i < 100; i++) {
      health.report();
    }

    assertThat(asked).hasValueLessThan(3);
  }

  private static Health.Report report(HealthProbe... probes) {
    return new Health(List.of(probes)).report();
  }

  private static HealthProbe probe(String name, boolean essential, HealthProbe.State state) {
    return new HealthProbe(name, essential, () -> new HealthProbe.Result(state, ""));
  }
}
