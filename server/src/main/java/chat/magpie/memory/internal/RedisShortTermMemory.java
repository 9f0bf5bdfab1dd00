package chat.magpie.memory.internal;

import chat.magpie.llm.Tokens;
import chat.magpie.memory.MemoryConfig;
import chat.magpie.memory.MemoryKey;
import chat.magpie.memory.MemoryMessage;
import chat.magpie.memory.MemoryMeta;
import chat.magpie.memory.ShortTermMemory;
import chat.magpie.memory.internal.ShortMemoryMetrics.Operation;
import chat.magpie.memory.internal.ShortMemoryMetrics.Status;
import chat.magpie.redis.Redis;
import chat.magpie.redis.RedisFailure;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.api.async.RedisAsyncCommands;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// Short-term memory in Redis: a list of messages, newest at the head, and a hash of notes, under
/// the keys and in the formats that an older service shares (`docs/protocol.md`).
public final class RedisShortTermMemory implements ShortTermMemory {
  private static final Logger LOG = Logger.getLogger(RedisShortTermMemory.class);

  /// Sets the state where there are notes; HSET leaves their time to live as it is.
  private static final String UPDATE_STATE =
      "if redis.call('EXISTS', KEYS[1]) == 1 then redis.call('HSET', KEYS[1], 'state', ARGV[1])"
          + " return 1 end return 0";

  private final MemoryConfig config;
  private final KeyScheme keys;
  private final MessageJson json;
  private final ContextWindow window;
  private final Attempts attempts;
  private final ShortMemoryMetrics metrics;
  private final InstantSource clock;

  /// @param redisTimeout how long `redis` waits for a command
  public RedisShortTermMemory(
      Redis redis,
      Duration redisTimeout,
      MemoryConfig config,
      Tokens tokens,
      MeterRegistry registry,
      InstantSource clock) {
    if (redis.cluster() && !config.clusterKeys().orElse(true)) {
      throw new IllegalArgumentException(
          "magpie.memory.cluster_keys must not be off: on a Redis Cluster, both keys of a memory"
              + " must be in one slot");
    }
    this.config = config;
    this.keys = config.clusterKeys().orElse(redis.cluster()) ? KeyScheme.HASH_TAG : KeyScheme.PLAIN;
    this.json = new MessageJson(clock);
    this.window = new ContextWindow(tokens);
    this.attempts = new Attempts(redis, redisTimeout, config);
    this.metrics = new ShortMemoryMetrics(registry);
    this.clock = clock;
  }

  @Override
  public Window messages(MemoryKey key, int limit, int maxTokens) {
    if (limit <= 0) {
      return new Window.Read(List.of());
    }
    List<String> raw =
        measured(
            Operation.GET, () -> onList(key, (redis, list) -> redis.lrange(list, 0, limit - 1L)));
    if (raw == null) {
      return new Window.Unavailable();
    }
    List<MemoryMessage> newestFirst = new ArrayList<>(raw.size());
    for (String entry : raw) {
      json.read(entry).ifPresentOrElse(newestFirst::add, metrics::undecodable);
    }
    List<MemoryMessage> picked = window.pick(newestFirst, limit, maxTokens);
    metrics.read(picked.size());
    return new Window.Read(picked);
  }

  @Override
  public boolean add(MemoryKey key, List<MemoryMessage> messages) {
    if (messages.isEmpty()) {
      return true;
    }
    String[] entries = messages.stream().map(json::write).toArray(String[]::new);
    long tokens = messages.stream().mapToLong(MemoryMessage::tokenCount).sum();
    String now = Long.toString(clock.instant().getEpochSecond());
    Map<String, String> active = new LinkedHashMap<>();
    active.put("state", MemoryMeta.State.ACTIVE.name());
    active.put("last_active_at", now);
    String list = keys.messages(key);
    String meta = keys.meta(key);
    long ttl = Math.max(1, config.ttl().toSeconds());
    return measured(
            Operation.ADD,
            () ->
                attempts.transaction(
                    list,
                    redis ->
                        List.of(
                            redis.lpush(list, entries),
                            redis.ltrim(list, 0, Math.max(1, config.maxMessages()) - 1L),
                            redis.expire(list, ttl),
                            redis.hset(meta, active),
                            redis.hsetnx(meta, "session_start", now),
                            redis.hincrby(meta, "message_count", entries.length),
                            redis.hincrby(meta, "total_tokens", tokens),
                            redis.expire(meta, ttl))))
        != null;
  }

  @Override
  public Optional<MemoryMeta> meta(MemoryKey key) {
    Map<String, String> fields =
        measured(Operation.GET_META, () -> onNotes(key, (redis, notes) -> redis.hgetall(notes)));
    if (fields == null || fields.isEmpty()) {
      return Optional.empty();
    }
    try {
      Instant lastActive = Instant.ofEpochSecond(number(fields, "last_active_at", 0));
      return Optional.of(
          new MemoryMeta(
              MemoryMeta.State.valueOf(fields.getOrDefault("state", "ACTIVE")),
              lastActive,
              number(fields, "message_count", 0),
              Instant.ofEpochSecond(number(fields, "session_start", lastActive.getEpochSecond())),
              number(fields, "total_tokens", 0)));
    } catch (IllegalArgumentException | DateTimeException e) {
      metrics.undecodable();
      return Optional.empty();
    }
  }

  @Override
  public boolean updateState(MemoryKey key, MemoryMeta.State state) {
    return measured(
            Operation.UPDATE_STATE,
            () ->
                onNotes(
                    key,
                    (redis, notes) ->
                        redis.<Long>eval(
                            UPDATE_STATE,
                            ScriptOutputType.INTEGER,
                            new String[] {notes},
                            state.name())))
        != null;
  }

  @Override
  public boolean clear(MemoryKey key) {
    return measured(
            Operation.CLEAR, () -> onList(key, (redis, list) -> redis.del(list, keys.meta(key))))
        != null;
  }

  @Override
  public long count(MemoryKey key) {
    Long held = measured(Operation.COUNT, () -> onList(key, (redis, list) -> redis.llen(list)));
    return held == null ? 0 : held;
  }

  private <T> T onList(
      MemoryKey key,
      BiFunction<RedisAsyncCommands<String, String>, String, RedisFuture<T>> command) {
    String list = keys.messages(key);
    return attempts.command(list, redis -> command.apply(redis, list));
  }

  private <T> T onNotes(
      MemoryKey key,
      BiFunction<RedisAsyncCommands<String, String>, String, RedisFuture<T>> command) {
    String notes = keys.meta(key);
    return attempts.command(notes, redis -> command.apply(redis, notes));
  }

  /// The result, or null where the operation failed; counted, timed and logged.
  private <T> @Nullable T measured(Operation operation, Supplier<T> attempt) {
    long start = System.nanoTime();
    try {
      T result = attempt.get();
      metrics.ended(operation, Status.SUCCESS, System.nanoTime() - start);
      return result;
    } catch (RedisFailure e) {
      metrics.ended(
          operation, e.timeout() ? Status.TIMEOUT : Status.FAILURE, System.nanoTime() - start);
      LOG.warnf("Short-term memory: %s failed: %s", operation, e.getMessage());
      return null;
    }
  }

  private static long number(Map<String, String> fields, String name, long otherwise) {
    String value = fields.get(name);
    return value == null ? otherwise : Long.parseLong(value);
  }
}
