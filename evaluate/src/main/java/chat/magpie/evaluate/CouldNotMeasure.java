package chat.magpie.evaluate;

/// The server did not do what measuring needs; there are no figures then.
final class CouldNotMeasure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  CouldNotMeasure(String message) {
    super(message);
  }
}
