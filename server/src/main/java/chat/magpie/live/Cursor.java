package chat.magpie.live;

import chat.magpie.kernel.ErrorCode;
import chat.magpie.kernel.MagpieException;
import chat.magpie.kernel.Position;

/// Where a reader of a reply is: the `id` of the last event it has, as `<reply id>:<place>`.
///
/// @param replyId the reply it reads
/// @param place how far it has come
public record Cursor(String replyId, Place place) {
  private static final String END = "end";
  private static final String STORED = "stored";

  /// How far a reader has come.
  public sealed interface Place {
    /// It has everything up to an entry of the log; `<epoch>-<seq>` on the wire.
    record At(Position position) implements Place {}

    /// It has the stored text, but not the terminal event; `stored` on the wire.
    record Stored() implements Place {}

    /// It has the terminal event; `end` on the wire.
    record End() implements Place {}
  }

  /// Reads the value of a `Last-Event-ID` header; `BAD_CURSOR` for anything that no event had.
  public static Cursor parse(String text) {
    int colon = text.lastIndexOf(':');
    if (colon < 1 || text.length() > 100) {
      throw malformed();
    }
    String place = text.substring(colon + 1);
    return new Cursor(
        text.substring(0, colon),
        switch (place) {
          case END -> new Place.End();
          case STORED -> new Place.Stored();
          default ->
              Position.parse(place)
                  .filter(p -> p.isAfter(Position.START))
                  .map(Place.At::new)
                  .orElseThrow(Cursor::malformed);
        });
  }

  private static MagpieException malformed() {
    return new MagpieException(ErrorCode.BAD_CURSOR, "Last-Event-ID: not an id of this stream");
  }

  @Override
  public String toString() {
    return replyId
        + ":"
        + switch (place) {
          case Place.At(Position position) -> position.toString();
          case Place.Stored() -> STORED;
          case Place.End() -> END;
        };
  }
}
