package chat.magpie.redis;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisConnectionException;
import io.lettuce.core.RedisURI;
import io.lettuce.core.codec.StringCodec;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/// Finds the master of a name. All Sentinels are asked, and the one that knows of the latest
/// fail-over is believed: one that was cut off goes on naming the old master.
final class SentinelLookup {
  private SentinelLookup() {}

  /// The master's address; [RedisConnectionException] where no Sentinel knows it.
  static RedisURI master(RedisClient client, RedisAddress.Sentinels address, Duration timeout) {
    List<CompletableFuture<Map<String, String>>> asked =
        address.sentinels().stream()
            .map(sentinel -> {
              sentinel.setTimeout(timeout);
              return RedisRound.ask(
                  client.connectSentinelAsync(StringCodec.UTF8, sentinel),
                  connection -> connection.async().master(address.master()));
            })
            .toList();
    Map<String, String> latest =
        RedisRound.answers(asked, timeout).stream()
            .filter(answer -> answer.containsKey("ip") && answer.containsKey("port"))
            .max(Comparator.comparingLong(SentinelLookup::epoch))
            .orElseThrow(() -> new RedisConnectionException("no Sentinel knows the master"));
    return RedisURI.builder(address.server())
        .withHost(latest.getOrDefault("ip", ""))
        .withPort(Integer.parseInt(latest.getOrDefault("port", "0")))
        .build();
  }

  private static long epoch(Map<String, String> answer) {
    return Long.parseLong(answer.getOrDefault("config-epoch", "0"));
  }
}
