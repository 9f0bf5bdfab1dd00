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
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Reply logs as Redis streams: key `reply:{bNN}:<replyId>` with 64 fixed hash tags, so that one
/// read can follow many logs of a bucket on a Cluster; entry id `<epoch>-<seq>`, so that Redis
/// itself refuses a stale owner's append; one field, named by the entry's kind.
public final class RedisLogStore implements LogStore {
  private static final int BUCKETS = 64;

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
    for (StreamMessage<String, String> message : messages) {
      Position position = Position.parse(message.getId()).orElseThrow();
      for (Map.Entry<String, String> field : message.getBody().entrySet()) {
        entries.add(new LogEntry(position, kind(field.getKey()), field.getValue()));
      }
    }
    return entries;
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
