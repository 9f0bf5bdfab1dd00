package chat.magpie.knowledge.internal;

/// A vector of length 1 in half the space: each number in 16 bits, which moves a cosine by less
/// than a thousandth.
final class CompactVector {
  /// No component of a vector of length 1 is greater than 1, and no sum of products of two of them.
  private static final int SCALE = 32767;

  private final short[] values;

  CompactVector(float[] vector) {
    values = new short[vector.length];
    for (int i = 0; i < vector.length; i++) {
      values[i] = (short) Math.round(Math.clamp(vector[i], -1f, 1f) * SCALE);
    }
  }

  /// The cosine; 0 where they are not comparable.
  double cosine(CompactVector other) {
    short[] one = values;
    short[] two = other.values;
    if (one.length != two.length) {
      return 0;
    }
    int sum = 0;
    for (int i = 0; i < one.length; i++) {
      sum += one[i] * two[i];
    }
    return (double) sum / ((double) SCALE * SCALE);
  }
}
