package chat.magpie.conformance.faults;

import io.lettuce.core.Range;
import io.lettuce.core.ScanArgs;
import io.lettuce.core.ScanIterator;
import io.lettuce.core.StreamMessage;
import io.lettuce.core.api.sync.RedisKeyCommands;
import io.lettuce.core.api.sync.RedisStreamCommands;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// One entry of a reply log as Redis holds it. The greatest possible position is the end.
///
/// @param kind `claim`, `delta`, `reasoning`, `reset` or `end`
public record LogLine(long epoch, long seq, String kind, String data) {
  private static final String PREFIX = "reply:{b";

  /// `<epoch>-<seq>`.
  public String position() {
    return Long.toUnsignedString(epoch) + "-" + Long.toUnsignedString(seq);
  }

  public boolean isEnd() {
    return kind.equals("end");
  }

  /// All logs that are there, by the id of the reply.
  public static <C extends RedisKeyCommands<String, String> & RedisStreamCommands<String, String>>
      Map<String, List<LogLine>> all(C redis) {
    Map<String, List<LogLine>> logs = new LinkedHashMap<>();
    ScanIterator<String> keys =
        ScanIterator.scan(redis, ScanArgs.Builder.matches(PREFIX + "*").limit(1_000));
    while (keys.hasNext()) {
      String key = keys.next();
      List<LogLine> lines = new ArrayList<>();
      for (StreamMessage<String, String> entry : redis.xrange(key, Range.unbounded())) {
        String[] position = entry.getId().split("-", 2);
        entry
            .getBody()
            .forEach((kind, data) ->
                lines.add(
                    new LogLine(
                        Long.parseUnsignedLong(position[0]),
                        Long.parseUnsignedLong(position[1]),
                        kind,
                        data)));
      }
      logs.put(key.substring(key.lastIndexOf(':') + 1), lines);
    }
    return logs;
  }
}
