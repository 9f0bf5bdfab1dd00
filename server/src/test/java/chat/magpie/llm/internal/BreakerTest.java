package chat.magpie.llm.internal;

import static chat.magpie.llm.internal.Breaker.State.CLOSED;
import static chat.magpie.llm.internal.Breaker.State.HALF_OPEN;
import static chat.magpie.llm.internal.Breaker.State.OPEN;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class BreakerTest {
  private long now = Long.MAX_VALUE - 5; // clocks may wrap around
  private double random;
  private final Breaker breaker = new Breaker(3, Duration.ofNanos(100), () -> now, () -> random);

  private void fail(int times) {
    for (int i = 0; i < times; i++) {
      assertThat(breaker.pass()).isTrue();
      breaker.failed();
    }
  }

  @Test
  void failuresInARowOpenIt() {
    fail(2);
    assertThat(breaker.state()).isEqualTo(CLOSED);
    fail(1);
    assertThat(breaker.state()).isEqualTo(OPEN);
    assertThat(breaker.pass()).isFalse();
  }

  @Test
  void aWholeAnswerForgetsTheFailuresButAFirstWordDoesNot() {
    fail(2);
    breaker.heard();
    assertThat(breaker.state()).isEqualTo(CLOSED);
    fail(1);
    assertThat(breaker.state()).isEqualTo(OPEN);
    now += 100;
    assertThat(breaker.pass()).isTrue();
    breaker.succeeded();
    fail(2);
    assertThat(breaker.state()).isEqualTo(CLOSED);
  }

  @Test
  void afterThePauseOneMayTry() {
    fail(3);
    now += 99;
    assertThat(breaker.pass()).isFalse();
    now += 1;
    assertThat(breaker.pass()).isTrue();
    assertThat(breaker.state()).isEqualTo(HALF_OPEN);
    assertThat(breaker.pass()).isFalse();
    breaker.heard();
    assertThat(breaker.state()).isEqualTo(CLOSED);
    fail(1);
    assertThat(breaker.state()).isEqualTo(OPEN);
  }

  @Test
  void aTrialThatFailsDoublesThePauseUpToABound() {
    fail(3);
    for (int pause : new int[] {100, 200, 400, 800, 800}) {
      now += pause - 1;
      assertThat(breaker.pass()).isFalse();
      now += 1;
      assertThat(breaker.pass()).isTrue();
      breaker.failed();
    }
    now += 800;
    assertThat(breaker.pass()).isTrue();
    breaker.succeeded();
    fail(3);
    now += 100;
    assertThat(breaker.pass()).isTrue();
  }

  @Test
  void thePauseVaries() {
    random = 0.5;
    fail(3);
    now += 124;
    assertThat(breaker.pass()).isFalse();
    now += 1;
    assertThat(breaker.pass()).isTrue();
  }

  @Test
  void aTrialThatIsGivenUpOrNeverReportsIsReplaced() {
    fail(3);
    now += 100;
    assertThat(breaker.pass()).isTrue();
    breaker.released();
    assertThat(breaker.pass()).isTrue();
    assertThat(breaker.pass()).isFalse();
    now += 100;
    assertThat(breaker.pass()).isTrue();
  }

  @Test
  void whoeverStillFailsWhileItIsOpenDoesNotLengthenThePause() {
    fail(3);
    now += 60;
    breaker.failed();
    now += 40;
    assertThat(breaker.pass()).isTrue();
  }
}
