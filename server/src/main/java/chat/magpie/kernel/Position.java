package chat.magpie.kernel;

import java.util.Optional;

/// A place in a reply log: the epoch of the owner that wrote the entry and its number within that
/// epoch. Positions of one log are totally ordered; every entry has one; [#END] is that of the end
/// entry, greater than all others.
///
/// @param epoch the owner's epoch, from 1; 0 only in [#START]
/// @param seq the entry's number within the epoch; 0 is the claim entry that opens the epoch
public record Position(long epoch, long seq) implements Comparable<Position> {
  /// Before the first entry.
  public static final Position START = new Position(0, 0);

  /// The end entry of a sealed log: the greatest id that a Redis stream can hold.
  public static final Position END = new Position(-1L, -1L);

  @Override
  public int compareTo(Position other) {
    int byEpoch = Long.compareUnsigned(epoch, other.epoch);
    return byEpoch != 0 ? byEpoch : Long.compareUnsigned(seq, other.seq);
  }

  public boolean isAfter(Position other) {
    return compareTo(other) > 0;
  }

  /// `<epoch>-<seq>` with unsigned decimals, as Redis writes stream ids.
  @Override
  public String toString() {
    return Long.toUnsignedString(epoch) + "-" + Long.toUnsignedString(seq);
  }

  /// Reads what [#toString] wrote; empty where the text is anything else.
  public static Optional<Position> parse(String text) {
    int dash = text.indexOf('-');
    if (dash < 1 || dash == text.length() - 1) {
      return Optional.empty();
    }
    try {
      Position parsed =
          new Position(
              Long.parseUnsignedLong(text, 0, dash, 10),
              Long.parseUnsignedLong(text, dash + 1, text.length(), 10));
      return parsed.toString().equals(text) ? Optional.of(parsed) : Optional.empty();
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }
}
