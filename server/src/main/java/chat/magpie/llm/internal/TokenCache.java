package chat.magpie.llm.internal;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/// The token counts of texts that were counted last; bounded by number and by the heap that the
/// texts take. Any thread may use it.
final class TokenCache {
  /// A longer text, in characters, is not kept.
  static final int LONGEST = 4 * 1024;

  /// The texts together are not longer, in characters.
  static final long MAX_CHARACTERS = 2_000_000;

  private final int size;
  private final LinkedHashMap<String, Integer> counts = new LinkedHashMap<>(16, 0.75f, true);
  private long characters;

  TokenCache(int size) {
    this.size = size;
  }

  /// The count of the text, or -1 if it is not known.
  int get(String text) {
    if (text.length() > LONGEST) {
      return -1;
    }
    synchronized (counts) {
      return counts.getOrDefault(text, -1);
    }
  }

  void put(String text, int count) {
    if (text.length() > LONGEST) {
      return;
    }
    synchronized (counts) {
      if (counts.put(text, count) == null) {
        characters += text.length();
      }
      Iterator<Map.Entry<String, Integer>> eldest = counts.entrySet().iterator();
      while (counts.size() > size || characters > MAX_CHARACTERS) {
        characters -= eldest.next().getKey().length();
        eldest.remove();
      }
    }
  }

  int size() {
    synchronized (counts) {
      return counts.size();
    }
  }
}
