package chat.magpie.profile.internal;

import chat.magpie.sql.Database;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The lines for prompts, as this node has read them. What is not empty is used only after the
/// revision of the profile, one row, has been compared. That there is nothing is believed without
/// asking: until this node changes the profile where no other node can, else for five seconds.
final class KnownLines {
  private static final int MOST = 10_000;
  private static final Duration EMPTY_FOR = Duration.ofSeconds(5);

  private final Database database;
  private final int limit;
  private final boolean alone;
  private final Map<Key, Lines> known =
      new LinkedHashMap<>(16, .75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, Lines> eldest) {
          return size() > MOST;
        }
      };
  private long forgotten;

  /// @param limit lines for one prompt at most
  KnownLines(Database database, int limit) {
    this.database = database;
    this.limit = limit;
    this.alone =
        switch (database.dialect()) {
          case SQLITE -> true;
          case POSTGRES, MARIADB -> false;
        };
  }

  private record Key(String tenantId, String userId) {}

  private record Lines(SqlProfiles.@Nullable State state, List<String> lines, long readAt) {
    boolean isEmpty() {
      return lines.isEmpty() && (state == null || state.enabled());
    }
  }

  List<String> of(String tenantId, String userId) {
    Key key = new Key(tenantId, userId);
    Lines before;
    long epoch;
    synchronized (known) {
      before = known.get(key);
      epoch = forgotten;
    }
    long now = System.nanoTime();
    if (before != null
        && before.isEmpty()
        && (alone || now - before.readAt() < EMPTY_FOR.toNanos())) {
      return List.of();
    }
    SqlProfiles.State state = database.read(sql -> SqlProfiles.state(sql, tenantId, userId));
    if (before != null && state != null && state.equals(before.state())) {
      return before.lines();
    }
    List<String> lines = state == null || !state.enabled() ? List.of() : read(tenantId, userId);
    synchronized (known) {
      if (epoch == forgotten) {
        known.put(key, new Lines(state, lines, now));
      }
    }
    return lines;
  }

  /// Reads anew the next time.
  void forget(String tenantId, String userId) {
    synchronized (known) {
      forgotten++;
      known.remove(new Key(tenantId, userId));
    }
  }

  private List<String> read(String tenantId, String userId) {
    return database.read(sql -> FactBook.read(sql, tenantId, userId)).stream()
        .filter(FactRow::holds)
        .sorted(SqlProfiles.order())
        .limit(limit)
        .map(KnownLines::line)
        .toList();
  }

  private static String line(FactRow row) {
    boolean chinese = row.value().codePoints().anyMatch(Likeness::isHan);
    String value = row.value().replaceAll("[\\p{Cntrl}\\u2028\\u2029]+", " ");
    String label = row.slot().label(chinese);
    if (chinese) {
      return label + "：" + (row.negated() ? "不是，或不再是：" : "") + value;
    }
    return label + ": " + (row.negated() ? "not, or no longer: " : "") + value;
  }
}
