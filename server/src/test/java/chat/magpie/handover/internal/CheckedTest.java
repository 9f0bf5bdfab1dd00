package chat.magpie.handover.internal;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("M-09")
class CheckedTest {
  private static final String SOURCE =
      """
      user: my order SO-4711 of 1,299.00 for Li Wei is late, mail me at li@example.com
      assistant: It should come within 42 days.
      """;

  @Test
  void whatTheSourceBearsOutStays() {
    assertThat(
            Checked.lines(
                """
                - The order SO-4711 of 1,299.00 is late
                * It was promised within 42 days
                3. Wants mail for Li Wei at li@example.com

                """,
                SOURCE))
        .containsExactly(
            "The order SO-4711 of 1,299.00 is late",
            "It was promised within 42 days",
            "Wants mail for Li Wei at li@example.com");
  }

  @Test
  void aNumberOrNameThatTheSourceDoesNotHaveCostsTheLine() {
    assertThat(
            Checked.lines(
                """
                - It was promised within 24 days
                - It was promised within 4 days
                - The order SO-4712 is late
                - The customer is Wang Fang
                - Write to li@example.org
                - 订单在 7 天内到达
                - The customer waits
                """,
                SOURCE))
        .containsExactly("The customer waits");
  }

  @Test
  void aFloodIsCut() {
    assertThat(Checked.lines("- a\n".repeat(100), SOURCE)).hasSize(8);
    assertThat(Checked.lines("x".repeat(10_000), SOURCE)).isEmpty();
  }
}
