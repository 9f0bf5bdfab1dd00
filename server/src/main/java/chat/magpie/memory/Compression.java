package chat.magpie.memory;

/// What becomes of a conversation that is longer than a prompt.
public enum Compression {
  /// All of it is sent; where it does not fit, the reply fails and says why.
  NONE,
  /// The newest messages that fit are sent, the rest is left out.
  TRUNCATE,
  /// The newest messages that fit are sent, and a digest stands for the rest.
  SUMMARIZE
}
