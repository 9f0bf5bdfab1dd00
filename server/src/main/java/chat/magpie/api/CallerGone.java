package chat.magpie.api;

import java.io.IOException;

/// The body of a request ended before it was whole: its caller has gone or has fallen silent.
public final class CallerGone extends IOException {
  private static final long serialVersionUID = 1L;

  CallerGone(IOException cause) {
    super("The body of the request did not come whole", cause);
  }
}
