package chat.magpie.knowledge.internal;

/// What speaks for a passage as the answer to a question.
///
/// @param words its BM25 score over text, headings and questions; 0 where no word is shared
/// @param coverage how much of the question occurs in it, 0 to 1
/// @param meaning how near it is in meaning; none where it has no vector, or the question has not
record Candidate(IndexedPassage passage, double words, double coverage, Meaning meaning) {
  /// How near a passage is to a question in meaning.
  sealed interface Meaning {
    /// Nobody knows.
    record Unknown() implements Meaning {}

    /// Cosines.
    ///
    /// @param asked to the nearest of its questions
    /// @param askedTwo the mean of the two nearest
    /// @param whole to all that it says
    /// @param answer to its text alone
    /// @param foreign whether they were taken in the space of another language than the question's
    record Known(double asked, double askedTwo, double whole, double answer, boolean foreign)
        implements Meaning {}
  }
}
