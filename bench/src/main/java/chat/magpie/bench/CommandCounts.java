package chat.magpie.bench;

import java.util.Map;
import java.util.TreeMap;

/// How often Redis has run which command, as `INFO commandstats` tells it.
record CommandCounts(Map<String, Long> calls) {
  /// Reads lines such as `cmdstat_xadd:calls=3,usec=9,…`.
  static CommandCounts parse(String info) {
    Map<String, Long> calls = new TreeMap<>();
    info.lines()
        .filter(line -> line.startsWith("cmdstat_"))
        .forEach(line -> {
          int colon = line.indexOf(':');
          int from = line.indexOf("calls=") + "calls=".length();
          calls.put(
              line.substring("cmdstat_".length(), colon),
              Long.parseLong(line.substring(from, line.indexOf(',', from))));
        });
    return new CommandCounts(calls);
  }

  /// What came on top of an earlier count; `info`, which counts, is left out.
  CommandCounts since(CommandCounts earlier) {
    Map<String, Long> more = new TreeMap<>();
    calls.forEach((name, count) -> {
      long added = count - earlier.calls.getOrDefault(name, 0L);
      if (added > 0 && !name.equals("info")) {
        more.put(name, added);
      }
    });
    return new CommandCounts(more);
  }

  long total() {
    return calls.values().stream().mapToLong(Long::longValue).sum();
  }
}
