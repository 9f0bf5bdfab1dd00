package chat.magpie.kernel;

/// A configured secret that never prints itself.
public final class Secret {
  private final String value;

  public Secret(String value) {
    this.value = value;
  }

  /// The secret itself, for the one place that sends or compares it.
  public String reveal() {
    return value;
  }

  @Override
  public String toString() {
    return "***";
  }
}
