package chat.magpie.memory.internal;

import static org.assertj.core.api.Assertions.assertThat;

import chat.magpie.sql.Database;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// What holds of stored summaries on every database.
@Tag("A-15")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class SummariesContract {
  private static final Instant NOW = Instant.parse("2026-03-01T10:00:00.123Z");

  private Database database;
  private SqlSummaries summaries;
  private final String conversation = UUID.randomUUID().toString();

  abstract Database newDatabase();

  @BeforeAll
  void open() {
    database = newDatabase();
    summaries = new SqlSummaries(database);
  }

  @AfterAll
  void close() {
    database.close();
  }

  private Optional<String> claim(String of, long from, Instant now) {
    return summaries.claim(of, from, now, now.plusSeconds(60));
  }

  @Test
  void oneIsMadeAtATimeAndEachOnce() {
    String here = UUID.randomUUID().toString();
    String owner = claim(here, 1, NOW).orElseThrow();
    assertThat(claim(here, 1, NOW)).isEmpty();
    assertThat(claim(here, 41, NOW)).isEmpty();
    assertThat(claim(conversation, 1, NOW)).isPresent();
    Summary made = new Summary(1, 40, NOW, "用户有一只猫。😀");
    assertThat(summaries.keep(here, owner, made)).isTrue();
    assertThat(summaries.of(here)).containsExactly(made);
    assertThat(claim(here, 1, NOW)).isEmpty();
    String next = claim(here, 41, NOW).orElseThrow();
    Summary refused = new Summary(41, 80, NOW, "");
    assertThat(summaries.keep(here, next, refused)).isTrue();
    assertThat(summaries.of(here)).containsExactly(made, refused);
  }

  @Test
  void whoIsLateStoresNothing() {
    String here = UUID.randomUUID().toString();
    String first = claim(here, 1, NOW).orElseThrow();
    assertThat(claim(here, 1, NOW.plusSeconds(59))).isEmpty();
    String second = claim(here, 1, NOW.plusSeconds(60)).orElseThrow();
    assertThat(summaries.keep(here, first, new Summary(1, 40, NOW, "late"))).isFalse();
    summaries.pause(here, first, NOW.plusSeconds(9_999));
    assertThat(summaries.keep(here, second, new Summary(1, 40, NOW, "in time"))).isTrue();
    assertThat(summaries.of(here)).extracting(Summary::text).containsExactly("in time");
  }

  @Test
  void afterAFailureNobodyTriesForAWhile() {
    String here = UUID.randomUUID().toString();
    summaries.pause(here, claim(here, 1, NOW).orElseThrow(), NOW.plusSeconds(5));
    assertThat(claim(here, 1, NOW.plusSeconds(4))).isEmpty();
    assertThat(claim(here, 1, NOW.plusSeconds(5))).isPresent();
  }

  @Test
  void whatIsForgottenIsNotMadeBehindOnesBack() {
    String here = UUID.randomUUID().toString();
    String owner = claim(here, 1, NOW).orElseThrow();
    assertThat(summaries.keep(here, owner, new Summary(1, 40, NOW, "secret"))).isTrue();
    String busy = claim(here, 41, NOW).orElseThrow();
    summaries.forget(List.of(here));
    assertThat(summaries.of(here)).isEmpty();
    assertThat(claim(here, 41, NOW)).as("somebody begins anew").isPresent();
    assertThat(summaries.keep(here, busy, new Summary(41, 80, NOW, "secret"))).isFalse();
    assertThat(summaries.of(here)).isEmpty();
    summaries.forget(List.of(here));
    summaries.forget(List.of(here));
  }

  @Test
  void ofManyWhoClaimOneGetsIt() throws Exception {
    String here = UUID.randomUUID().toString();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Optional<String>>> claims = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        long from = 1 + 40L * (i % 2);
        claims.add(threads.submit(() -> claim(here, from, NOW)));
      }
      int won = 0;
      for (Future<Optional<String>> claim : claims) {
        won += claim.get().isPresent() ? 1 : 0;
      }
      assertThat(won).isEqualTo(1);
    }
  }
}
