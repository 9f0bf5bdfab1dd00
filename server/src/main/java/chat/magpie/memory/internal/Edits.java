package chat.magpie.memory.internal;

/// How far two words are apart.
final class Edits {
  private Edits() {}

  /// Whether one word becomes the other by at most so many insertions, deletions, replacements or
  /// swaps of neighbours.
  static boolean within(String a, String b, int allowed) {
    int[] before = new int[b.length() + 1];
    int[] last = new int[b.length() + 1];
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      last[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      row[0] = i;
      int least = i;
      for (int j = 1; j <= b.length(); j++) {
        int change = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
        row[j] = Math.min(Math.min(row[j - 1], last[j]) + 1, last[j - 1] + change);
        if (i > 1
            && j > 1
            && a.charAt(i - 1) == b.charAt(j - 2)
            && a.charAt(i - 2) == b.charAt(j - 1)) {
          row[j] = Math.min(row[j], before[j - 2] + 1);
        }
        least = Math.min(least, row[j]);
      }
      if (least > allowed) {
        return false;
      }
      int[] free = before;
      before = last;
      last = row;
      row = free;
    }
    return last[b.length()] <= allowed;
  }
}
