package chat.magpie.memory.internal;

import chat.magpie.text.Terms;
import java.util.Arrays;
import java.util.function.IntConsumer;

/// The terms of a text, each once, by their hashes.
final class TermSet {
  private final int[] hashes;

  private TermSet(int[] hashes) {
    this.hashes = hashes;
  }

  static TermSet of(String text) {
    return new TermSet(
        Terms.of(text).stream().mapToInt(String::hashCode).sorted().distinct().toArray());
  }

  int size() {
    return hashes.length;
  }

  void forEach(IntConsumer action) {
    for (int hash : hashes) {
      action.accept(hash);
    }
  }

  /// How much two have in common: from 0 to 1.
  double likeness(TermSet other) {
    int[] theirs = other.hashes;
    if (hashes.length == 0 || theirs.length == 0) {
      return 0;
    }
    int common = 0;
    for (int i = 0, j = 0; i < hashes.length && j < theirs.length; ) {
      int order = Integer.compare(hashes[i], theirs[j]);
      common += order == 0 ? 1 : 0;
      i += order <= 0 ? 1 : 0;
      j += order >= 0 ? 1 : 0;
    }
    return common / Math.sqrt((double) hashes.length * theirs.length);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof TermSet set && Arrays.equals(hashes, set.hashes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(hashes);
  }
}
