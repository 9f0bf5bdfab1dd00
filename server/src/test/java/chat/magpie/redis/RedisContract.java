package chat.magpie.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import chat.magpie.testing.TestRedis;
import io.lettuce.core.KillArgs;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.RedisURI;
import io.lettuce.core.XAddArgs;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// What every [Redis] does, also while the server does not answer.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class RedisContract {
  private static final Duration TIMEOUT = Duration.ofMillis(500);

  private final String prefix = TestRedis.prefix();
  private Redis redis;

  abstract void startServer() throws Exception;

  abstract RedisURI address();

  abstract long pid();

  abstract void stopServer();

  @BeforeAll
  void open() throws Exception {
    startServer();
    redis = TestRedis.open(this::address, TIMEOUT);
  }

  @AfterAll
  void close() {
    redis.close();
    stopServer();
  }

  @AfterEach
  void resume() {
    TestRedis.signal("CONT", pid());
    await().atMost(Duration.ofSeconds(5)).until(redis::healthy);
  }

  private @Nullable String get(String key) {
    return redis.await(redis.commands().async().get(prefix + key));
  }

  private void set(String key, String value) {
    redis.await(redis.commands().async().set(prefix + key, value));
  }

  @Test
  void textComesBackAsItWas() {
    String text = "你好 😀 \0 \r\n é";
    set("text", text);
    assertThat(get("text")).isEqualTo(text);
    assertThat(get("absent")).isNull();
  }

  @Test
  void appendsOfOneCallerKeepTheirOrder() {
    List<RedisFuture<String>> futures = new ArrayList<>();
    for (int i = 1; i <= 500; i++) {
      futures.add(
          redis
              .appends()
              .async()
              .xadd(prefix + "log", new XAddArgs().id("1-" + i), Map.of("d", "x" + i)));
    }
    futures.forEach(redis::await);
    assertThat(redis.await(redis.commands().async().xlen(prefix + "log"))).isEqualTo(500);
  }

  @Test
  void aRefusedCommandIsAFailureAndNothingElse() {
    set("string", "x");
    RedisFailure failure =
        catchThrowableOfType(
            RedisFailure.class,
            () -> redis.await(redis.commands().async().lpush(prefix + "string", "y")));
    assertThat(failure.timeout()).isFalse();
    assertThat(failure).hasMessageContaining("WRONGTYPE");
    assertThat(redis.healthy()).isTrue();
    assertThat(get("string")).isEqualTo("x");
  }

  @Test
  void aTransactionReturnsItsResultsInOrder() {
    transactionWorks();
  }

  private void transactionWorks() {
    String key = TestRedis.prefix() + "list";
    assertThat(
            redis.transaction(sent -> {
              var _ = sent.rpush(key, "a", "b");
              var _ = sent.rpush(key, "c");
              var _ = sent.lrange(key, 0, -1);
            }))
        .containsExactly(2L, 3L, List.of("a", "b", "c"));
  }

  @Test
  void transactionsOfManyCallersDoNotMix() throws Exception {
    String key = prefix + "pairs";
    List<Callable<Object>> calls = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      String value = "v" + i;
      calls.add(() ->
          redis.transaction(sent -> {
            var _ = sent.rpush(key, value);
            var _ = sent.rpush(key, value);
          }));
    }
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Future<Object> done : threads.invokeAll(calls)) {
        done.get();
      }
    }
    List<String> all = redis.await(redis.commands().async().lrange(key, 0, -1));
    assertThat(all).hasSize(400);
    assertThat(IntStream.range(0, 200).allMatch(i -> all.get(2 * i).equals(all.get(2 * i + 1))))
        .isTrue();
  }

  @Test
  void aTransactionWithARefusedCommandFails() {
    set("text2", "x");
    assertThatThrownBy(() ->
            redis.transaction(sent -> {
              var _ = sent.lpush(prefix + "text2", "y");
            }))
        .isInstanceOf(RedisFailure.class);
    assertThat(redis.healthy()).isTrue();
    transactionWorks();
  }

  @Test
  void aTransactionThatCannotBeIssuedLeavesNothingBehind() {
    assertThatThrownBy(() ->
            redis.transaction(sent -> {
              var _ = sent.set(prefix + "never", "x");
              throw new IllegalStateException("changed my mind");
            }))
        .isInstanceOf(IllegalStateException.class);
    assertThat(
            redis.transaction(sent -> {
              var _ = sent.get(prefix + "never");
            }))
        .hasSize(1);
    assertThat(get("never")).isNull();
  }

  @Test
  void aServerThatHangsCostsOneTimeoutAndThenNothingUntilItIsBack() {
    RedisFuture<?>[] inFlight = new RedisFuture<?>[1];
    TestRedis.signal("STOP", pid());
    inFlight[0] = redis.appends().async().set(prefix + "late", "x");
    long start = System.nanoTime();
    RedisFailure failure = catchThrowableOfType(RedisFailure.class, () -> get("hang"));
    assertThat(failure).hasMessage("Redis did not answer in time");
    assertThat(failure.timeout()).isTrue();
    assertThat(Duration.ofNanos(System.nanoTime() - start))
        .isBetween(TIMEOUT, TIMEOUT.plusMillis(400));
    assertThat(redis.healthy()).isFalse();
    await().atMost(Duration.ofSeconds(1)).until(() -> inFlight[0].isDone());

    long again = System.nanoTime();
    for (int i = 0; i < 100; i++) {
      assertThatThrownBy(() -> redis.appends()).isInstanceOf(RedisFailure.class);
      assertThatThrownBy(() -> get("hang")).isInstanceOf(RedisFailure.class);
      assertThatThrownBy(() -> redis.transaction(sent -> {})).isInstanceOf(RedisFailure.class);
    }
    assertThat(Duration.ofNanos((System.nanoTime() - again) / 300))
        .isLessThan(Duration.ofMillis(5));

    TestRedis.signal("CONT", pid());
    await().atMost(Duration.ofSeconds(3)).until(redis::healthy);
    set("back", "yes");
    assertThat(get("back")).isEqualTo("yes");
    transactionWorks();
  }

  @Test
  void manyWaitersFailTogether() throws Exception {
    TestRedis.signal("STOP", pid());
    long start = System.nanoTime();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Callable<Object>> calls = new ArrayList<>();
      for (int i = 0; i < 50; i++) {
        calls.add(() -> {
          assertThatThrownBy(() -> get("hang")).isInstanceOf(RedisFailure.class);
          return true;
        });
      }
      for (Future<Object> done : threads.invokeAll(calls)) {
        done.get();
      }
    }
    assertThat(Duration.ofNanos(System.nanoTime() - start))
        .isLessThan(TIMEOUT.plus(Duration.ofSeconds(1)));
  }

  @Test
  void aCutConnectionIsReplaced() {
    long before = redis.await(redis.commands().async().clientId());
    var _ = redis.commands().async().clientKill(KillArgs.Builder.typeNormal().skipme(false));
    await()
        .atMost(Duration.ofSeconds(3))
        .ignoreExceptions()
        .until(() -> redis.await(redis.commands().async().clientId()) > before);
    set("back", "yes");
    assertThat(get("back")).isEqualTo("yes");
  }

  @Test
  void answersAProbe() {
    assertThat(redis.probe()).isPositive();
  }
}
