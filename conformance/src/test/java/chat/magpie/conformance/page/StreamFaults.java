package chat.magpie.conformance.page;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;

/// How the event streams of the stand-in misbehave.
interface StreamFaults {
  Wire open(OutputStream out);

  /// The stream ends as if all had been said.
  final class CleanCut extends IOException {
    private static final long serialVersionUID = 1;
  }

  /// One connection.
  interface Wire {
    void write(StandInReply.Event event) throws IOException;
  }

  static StreamFaults none() {
    return out ->
        event -> {
          out.write(encode(event, "\n").getBytes(StandardCharsets.UTF_8));
          out.flush();
        };
  }

  /// Every line end that the format knows, comments, fields nobody asked for, data in several
  /// lines, bytes in pieces of any size; and each of the first `cuts` connections breaks after a
  /// random number of bytes, in the middle of whatever was being said.
  static StreamFaults random(long seed, int cuts) {
    Random random = new Random(seed);
    int[] left = {cuts};
    return out -> {
      int budget;
      synchronized (random) {
        budget = left[0]-- > 0 ? 200 + random.nextInt(700) : Integer.MAX_VALUE;
      }
      return new RandomWire(out, new Random(seed + budget), budget);
    };
  }

  private static String encode(StandInReply.Event event, String end) {
    return "id: %s%sevent: %s%sdata: %s%s%s"
        .formatted(event.id(), end, event.type(), end, event.data(), end, end);
  }

  /// See [#random(long, int)].
  final class RandomWire implements Wire {
    private final OutputStream out;
    private final Random random;
    private int budget;

    RandomWire(OutputStream out, Random random, int budget) {
      this.out = out;
      this.random = random;
      this.budget = budget;
    }

    @Override
    public void write(StandInReply.Event event) throws IOException {
      String end =
          switch (random.nextInt(3)) {
            case 0 -> "\n";
            case 1 -> "\r\n";
            default -> "\r";
          };
      String text =
          switch (random.nextInt(5)) {
            case 0 -> ": a comment" + end;
            case 1 -> "retry: 60" + end;
            case 2 -> "colour: blue" + end + "nonsense" + end;
            default -> "";
          };
      // A line break between two JSON tokens: `{` and the rest.
      String data =
          random.nextInt(4) == 0 ? "{" + end + "data:" + event.data().substring(1) : event.data();
      text += encode(new StandInReply.Event(event.id(), event.type(), data), end);
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      for (int from = 0; from < bytes.length; ) {
        int to = Math.min(bytes.length, from + 1 + random.nextInt(40));
        byte[] piece = Arrays.copyOfRange(bytes, from, to);
        if (piece.length >= budget) {
          out.write(piece, 0, budget - 1);
          out.flush();
          throw random.nextBoolean() ? new CleanCut() : new IOException("cut");
        }
        out.write(piece);
        out.flush();
        budget -= piece.length;
        from = to;
      }
    }
  }
}
