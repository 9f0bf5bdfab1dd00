package chat.magpie.conformance.faults;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/// How long replies were without an owner after theirs had gone.
public final class TakeOvers {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration POLL = Duration.ofMillis(25);

  private final String jdbcUrl;
  private final List<Duration> durations = new ArrayList<>();

  TakeOvers(String jdbcUrl) {
    this.jdbcUrl = jdbcUrl;
  }

  /// Waits until every reply that is running under this owner now has another epoch or an end, and
  /// notes how long each took. Returns how many there were; a test in which there have to be some
  /// kills with [Deployment#killWhileOwning].
  public int await(String owner) {
    long gone = System.nanoTime();
    try (Connection connection = DriverManager.getConnection(jdbcUrl)) {
      Map<String, Long> orphans = running(connection, owner);
      int count = orphans.size();
      while (!orphans.isEmpty()) {
        if (System.nanoTime() - gone > PATIENCE.toNanos()) {
          throw new IllegalStateException("nobody took over " + orphans);
        }
        LockSupport.parkNanos(POLL.toNanos());
        Map<String, Long> left = running(connection, owner);
        Duration now = Duration.ofNanos(System.nanoTime() - gone);
        orphans
            .entrySet()
            .removeIf(orphan -> {
              boolean over = !orphan.getValue().equals(left.get(orphan.getKey()));
              if (over) {
                durations.add(now);
              }
              return over;
            });
      }
      return count;
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Map<String, Long> running(Connection connection, String owner)
      throws SQLException {
    String sql = "select id, epoch from reply where status = 'RUNNING' and owner = ?";
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, owner);
      try (ResultSet found = statement.executeQuery()) {
        Map<String, Long> epochs = new HashMap<>();
        while (found.next()) {
          epochs.put(found.getString(1), found.getLong(2));
        }
        return epochs;
      }
    }
  }

  /// All of them so far, shortest first.
  public List<Duration> sorted() {
    return durations.stream().sorted().toList();
  }

  /// The duration that so many of a hundred did not exceed; zero where there were none.
  public static Duration percentile(List<Duration> sorted, int percent) {
    return sorted.isEmpty()
        ? Duration.ZERO
        : sorted.get(Math.min(sorted.size() - 1, sorted.size() * percent / 100));
  }
}
