package chat.magpie.reply.internal;

import chat.magpie.redis.Redis;
import chat.magpie.reply.NodeHints;

/// Hints over a Redis channel.
public final class RedisNodeHints implements NodeHints {
  private static final String CHANNEL = "magpie:nodes";
  private static final String LOOK = "look";

  private final Redis redis;

  public RedisNodeHints(Redis redis) {
    this.redis = redis;
  }

  @Override
  public void look() {
    redis.publish(CHANNEL, LOOK);
  }

  /// For as long as the connections to Redis last.
  @Override
  public void onLook(Runnable look) {
    var _ =
        redis.subscribe(
            CHANNEL,
            text -> {
              if (text.equals(LOOK)) {
                look.run();
              }
            });
  }
}
