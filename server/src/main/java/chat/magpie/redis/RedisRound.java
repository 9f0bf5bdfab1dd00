package chat.magpie.redis;

import io.lettuce.core.RedisConnectionException;
import io.lettuce.core.api.StatefulConnection;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/// Asks several servers the same at once, each on a connection for this one question, because one
/// that hangs must not hold up the others' answers.
final class RedisRound {
  private static final Duration GRACE = Duration.ofMillis(200);

  private RedisRound() {}

  /// What one server answers.
  static <C extends StatefulConnection<String, String>, T> CompletableFuture<T> ask(
      CompletionStage<C> connecting, Function<C, CompletionStage<T>> question) {
    return connecting
        .thenCompose(connection ->
            question
                .apply(connection)
                .whenComplete((answer, failure) -> {
                  var _ = connection.closeAsync();
                }))
        .toCompletableFuture();
  }

  /// The answers of those who answer soon, or else of those who do within the time-out; a
  /// [RedisConnectionException] where none does.
  static <T> List<T> answers(List<CompletableFuture<T>> asked, Duration timeout) {
    await(asked, GRACE.compareTo(timeout) < 0 ? GRACE : timeout);
    if (asked.stream().noneMatch(RedisRound::answered)) {
      await(asked, timeout);
    }
    List<T> answers =
        asked.stream().filter(RedisRound::answered).map(CompletableFuture::join).toList();
    if (answers.isEmpty()) {
      throw asked.stream()
          .filter(CompletableFuture::isCompletedExceptionally)
          .findFirst()
          .map(failed -> new RedisConnectionException("refused", failed.exceptionNow()))
          .orElseGet(() -> new RedisConnectionException("nobody answers"));
    }
    return answers;
  }

  private static boolean answered(CompletableFuture<?> one) {
    return one.isDone() && !one.isCompletedExceptionally();
  }

  private static void await(List<? extends CompletableFuture<?>> asked, Duration limit) {
    try {
      CompletableFuture.allOf(asked.toArray(CompletableFuture<?>[]::new))
          .handle((done, failure) -> 0)
          .get(limit.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException | ExecutionException e) {
      // What is there by now is what there is.
      return;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RedisConnectionException("interrupted", e);
    }
  }
}
