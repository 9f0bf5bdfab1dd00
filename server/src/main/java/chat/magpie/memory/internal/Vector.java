package chat.magpie.memory.internal;

import java.util.Arrays;

/// A vector of length 1, of which each dimension is kept in a byte.
///
/// @param space whose vectors it can be compared with
@SuppressWarnings("ArrayRecordComponent") // never compared, and copying it would cost
record Vector(String space, byte[] bytes, double unit) {
  static Vector of(String space, float[] values) {
    float most = 1e-6f;
    for (float value : values) {
      most = Math.max(most, Math.abs(value));
    }
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) Math.round(values[i] / most * Byte.MAX_VALUE);
    }
    return read(space, bytes);
  }

  static Vector read(String space, byte[] bytes) {
    double squares = 0;
    for (byte value : bytes) {
      squares += value * value;
    }
    return new Vector(
        space, Arrays.copyOf(bytes, bytes.length), 1 / Math.sqrt(Math.max(squares, 1)));
  }

  /// The cosine with another vector of length 1; 0 where it has other dimensions.
  double cosine(float[] other) {
    if (other.length != bytes.length) {
      return 0;
    }
    float sum = 0;
    for (int i = 0; i < other.length; i++) {
      sum += other[i] * bytes[i];
    }
    return sum * unit;
  }
}
