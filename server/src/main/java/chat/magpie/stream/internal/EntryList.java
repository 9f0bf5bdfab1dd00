package chat.magpie.stream.internal;

import chat.magpie.kernel.Position;
import chat.magpie.stream.LogEntry;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// The entries of one log in the order of their positions: all of them for the one who adds, the
/// first [#visible()] for everybody else. Changed under one lock of the owner's choice, read
/// without.
final class EntryList {
  private volatile LogEntry[] entries = new LogEntry[32];
  private volatile int visible;
  private int size;

  void add(LogEntry entry) {
    LogEntry[] array = entries;
    if (size == array.length) {
      array = Arrays.copyOf(array, size * 2);
    }
    array[size++] = entry;
    entries = array;
  }

  /// All, those included that are not visible yet.
  int size() {
    return size;
  }

  LogEntry get(int index) {
    return entries[index];
  }

  int visible() {
    return visible;
  }

  /// Makes the first ones visible.
  void show(int upTo) {
    visible = upTo;
  }

  /// Only while nobody reads.
  void clear() {
    visible = 0;
    size = 0;
  }

  boolean ended() {
    int seen = visible;
    return seen > 0 && entries[seen - 1].kind() == LogEntry.Kind.END;
  }

  List<LogEntry> seen() {
    int seen = visible;
    return new ArrayList<>(Arrays.asList(entries).subList(0, seen));
  }

  /// Among the visible ones.
  Optional<Integer> indexOf(Position position) {
    int low = 0;
    int high = visible - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      int order = entries[middle].position().compareTo(position);
      if (order == 0) {
        return Optional.of(middle);
      } else if (order < 0) {
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    return Optional.empty();
  }

  @Override
  public String toString() {
    int seen = visible;
    return seen == 0 ? "the start" : entries[seen - 1].position().toString();
  }
}
