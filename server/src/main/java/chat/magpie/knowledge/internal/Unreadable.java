package chat.magpie.knowledge.internal;

/// Why a document cannot be read; [#why] is a sentence for whoever handed it in.
final class Unreadable extends Exception {
  private final String why;

  Unreadable(String why) {
    super(why);
    this.why = why;
  }

  Unreadable(String why, Throwable cause) {
    super(why, cause);
    this.why = why;
  }

  String why() {
    return why;
  }
}
