package chat.magpie.knowledge.internal;

/// How much of a document is read at most.
///
/// @param unpacked bytes of all parts of a packed document together
/// @param pages of a PDF
/// @param characters of the text that is taken out
record Limits(long unpacked, int pages, int characters) {
  /// Elements within elements.
  static final int NESTING = 90;

  /// How many times larger than it was packed a part may be, beyond its first megabyte.
  static final int RATIO = 200;

  /// The parts of a packed document.
  static final int PARTS = 10_000;

  Unreadable tooMuchText() {
    return new Unreadable(
        "It holds more than "
            + characters
            + " characters of text. Split it into several documents.");
  }
}
