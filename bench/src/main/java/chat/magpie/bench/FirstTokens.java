package chat.magpie.bench;

/// Times to first token of one question at a time. Every answer has to come whole.
final class FirstTokens {
  private static final String DIRECTIVE = "[[chunks=1 interval=0]]";

  private FirstTokens() {}

  /// Asks once, in microseconds from the request being written to the first text.
  static long ask(Reader reader, MagpieApi api, String token, String question) {
    Take take =
        Loads.await(
            reader.later(
                1, () -> api.ask(token, question + DIRECTIVE, new Take(new Window(), 0, 0))));
    if (!take.complete(1)) {
      throw new IllegalStateException("A turn failed: " + take);
    }
    return take.firstMicros();
  }
}
