package chat.magpie.stream.internal;

import chat.magpie.kernel.Position;
import chat.magpie.redis.Redis;
import chat.magpie.redis.RedisFailure;
import chat.magpie.redis.RedisNode;
import chat.magpie.stream.LogEntry;
import chat.magpie.stream.LogStore;
import io.lettuce.core.Limit;
import io.lettuce.core.Range;
import io.lettuce.core.RedisException;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.StreamMessage;
import io.lettuce.core.XAddArgs;
import io.lettuce.core.api.async.RedisAsyncCommands;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// Reply logs as Redis streams: key `reply:{bNN}:<replyId>` with 64 fixed hash tags, so that one
/// read can follow many logs of a bucket on a Cluster; entry id `<epoch>-<seq>`, so that Redis
/// itself refuses a stale owner's append; one field, named by the entry's kind.
public final class RedisLogStore implements LogStore {
  private static final int BUCKETS = 64;

  /// Bounds of one read of many logs, so that it does not hold up other commands.
  private static final int LOGS_PER_READ = 500;

  private static final int ENTRIES_PER_READ = 200;

  private final Redis redis;

  public RedisLogStore(Redis redis) {
    this.redis = redis;
  }

  static String key(String replyId) {
    return "reply:{b" + Math.floorMod(replyId.hashCode(), BUCKETS) + "}:" + replyId;
  }

  @Override
  public void append(String replyId, LogEntry entry, boolean create, Completion completion) {
    XAddArgs args = new XAddArgs().id(entry.position().toString());
    if (!create) {
      args.nomkstream();
    }
    String key = key(replyId);
    RedisNode node;
    RedisFuture<String> added;
    try {
      node = redis.at(key);
      added = node.appends().xadd(key, args, field(entry.kind()), entry.data());
    } catch (RuntimeException e) {
      completion.completed(Outcome.FAILED);
      return;
    }
    added.whenComplete((id, failure) -> {
      Outcome outcome = outcome(id, failure);
      if (outcome == Outcome.FAILED) {
        node.noticed(failure);
      }
      completion.completed(outcome);
    });
  }

  private static Outcome outcome(@Nullable String id, @Nullable Throwable failure) {
    if (failure != null) {
      String message = failure.getMessage();
      // Redis: "The ID specified in XADD is equal or smaller than the target stream top item", and
      // "The stream has exhausted the last possible ID" once the end entry is there.
      return message != null
              && (message.contains("equal or smaller") || message.contains("exhausted"))
          ? Outcome.REFUSED
          : Outcome.FAILED;
    }
    return id == null ? Outcome.MISSING : Outcome.APPENDED;
  }

  @Override
  public List<LogEntry> read(String replyId) {
    List<StreamMessage<String, String>> messages =
        ask(replyId, (redis, key) -> redis.xrange(key, Range.unbounded()));
    List<LogEntry> entries = new ArrayList<>(messages.size());
    messages.forEach(message -> entries.addAll(entries(message)));
    return entries;
  }

  private static List<LogEntry> entries(StreamMessage<String, String> message) {
    Position position = Position.parse(message.getId()).orElseThrow();
    return message.getBody().entrySet().stream()
        .map(field -> new LogEntry(position, kind(field.getKey()), field.getValue()))
        .toList();
  }

  @Override
  public Map<String, List<LogEntry>> readAfter(Map<String, Position> positions) {
    Map<String, String> replies = HashMap.newHashMap(positions.size());
    Map<String, String> after = HashMap.newHashMap(Math.min(positions.size(), LOGS_PER_READ));
    Map<String, List<LogEntry>> found = new HashMap<>();
    for (Map.Entry<String, Position> wanted : positions.entrySet()) {
      String key = key(wanted.getKey());
      replies.put(key, wanted.getKey());
      after.put(key, wanted.getValue().toString());
      if (after.size() == LOGS_PER_READ) {
        read(after, replies, found);
        after.clear();
      }
    }
    if (!after.isEmpty()) {
      read(after, replies, found);
    }
    return found;
  }

  /// On a Cluster, what one of its masters does not give is missing until it, or its successor, is
  /// back; the logs of the others go on.
  private void read(
      Map<String, String> after, Map<String, String> replies, Map<String, List<LogEntry>> found) {
    @Nullable Throwable failed = null;
    int answers = 0;
    for (CompletionStage<List<StreamMessage<String, String>>> answer :
        redis.xread(Map.copyOf(after), ENTRIES_PER_READ)) {
      try {
        for (StreamMessage<String, String> message : answer.toCompletableFuture().join()) {
          String replyId = Objects.requireNonNull(replies.get(message.getStream()));
          found.computeIfAbsent(replyId, id -> new ArrayList<>()).addAll(entries(message));
        }
        answers++;
      } catch (CompletionException e) {
        failed = e.getCause();
      }
    }
    if (failed != null && answers == 0) {
      throw new Unreachable(failed);
    }
  }

  @Override
  public Optional<Position> last(String replyId) {
    List<StreamMessage<String, String>> messages =
        ask(replyId, (redis, key) -> redis.xrevrange(key, Range.unbounded(), Limit.from(1)));
    return messages.stream().findFirst().flatMap(m -> Position.parse(m.getId()));
  }

  @Override
  public void expire(String replyId, Duration ttl) {
    try {
      String key = key(replyId);
      var _ = redis.at(key).appends().pexpire(key, ttl.toMillis());
    } catch (RuntimeException e) {
      // The log lives on with the longer time it was opened with.
      return;
    }
  }

  @Override
  public boolean healthy() {
    return redis.healthy();
  }

  /// One command on the key of a log.
  @FunctionalInterface
  private interface Question<T> {
    RedisFuture<T> ask(RedisAsyncCommands<String, String> redis, String key);
  }

  private <T> T ask(String replyId, Question<T> question) {
    String key = key(replyId);
    try {
      RedisNode node = redis.at(key);
      return node.await(question.ask(node.commands(), key));
    } catch (RedisException | RedisFailure e) {
      throw new Unreachable(e);
    }
  }

  private static String field(LogEntry.Kind kind) {
    return switch (kind) {
      case CLAIM -> "claim";
      case RESUME -> "resume";
      case DELTA -> "delta";
      case REASONING -> "reasoning";
      case RESET -> "reset";
      case END -> "end";
    };
  }

  private static LogEntry.Kind kind(String field) {
    return LogEntry.Kind.valueOf(field.toUpperCase(Locale.ROOT));
  }
}
