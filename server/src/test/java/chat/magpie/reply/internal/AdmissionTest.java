package chat.magpie.reply.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class AdmissionTest {
  @Test
  void neverMoreThanTheLimitRunAndAllGetTheirTurn() throws InterruptedException {
    Admission admission = new Admission(3, 2, 1_000);
    AtomicInteger running = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    AtomicInteger served = new AtomicInteger();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      String user = "user" + i % 5;
      threads.add(
          Thread.ofVirtual()
              .start(() -> {
                try (Admission.Ticket ticket = admission.enter(user)) {
                  if (ticket.await()) {
                    most.accumulateAndGet(running.incrementAndGet(), Math::max);
                    served.incrementAndGet();
                    running.decrementAndGet();
                  }
                }
              }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(served).hasValue(200);
    assertThat(most.get()).isLessThanOrEqualTo(3);
    assertThat(admission.running()).isZero();
    assertThat(admission.waiting()).isZero();
  }

  @Test
  void aUserAtTheirLimitDoesNotHoldUpOthers() {
    Admission admission = new Admission(10, 1, 10);
    Admission.Ticket first = admission.enter("a");
    Admission.Ticket second = admission.enter("a");
    Admission.Ticket other = admission.enter("b");
    assertThat(first.await()).isTrue();
    assertThat(other.await()).isTrue();
    assertThat(admission.waiting()).isEqualTo(1);
    first.close();
    assertThat(second.await()).isTrue();
    second.close();
    other.close();
    assertThat(admission.running()).isZero();
  }

  @Test
  void whoIsCancelledWhileWaitingLeavesTheQueue() {
    Admission admission = new Admission(1, 1, 1);
    Admission.Ticket running = admission.enter("a");
    Admission.Ticket waiting = admission.enter("b");
    assertThat(admission.overloaded()).isTrue();
    waiting.cancel();
    assertThat(waiting.await()).isFalse();
    waiting.close();
    assertThat(admission.overloaded()).isFalse();
    running.close();
    assertThat(admission.running()).isZero();
  }

  @Test
  void aBurstIsCountedBeforeItHasArrived() {
    Admission admission = new Admission(2, 2, 1);
    assertThat(admission.arrive()).isTrue();
    assertThat(admission.arrive()).isTrue();
    assertThat(admission.arrive()).isTrue();
    assertThat(admission.arrive()).as("two may run and one may wait").isFalse();
    admission.enter("a");
    admission.arrived();
    assertThat(admission.arrive()).isFalse();
    admission.arrived();
    assertThat(admission.arrive()).as("one did not come after all").isTrue();
  }
}
