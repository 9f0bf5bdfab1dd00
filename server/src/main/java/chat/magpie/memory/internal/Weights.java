package chat.magpie.memory.internal;

/// How much each sign counts that a turn is what a question is about; found by trials, see decision
/// 0014.
///
/// @param k1 how soon a repeated term counts no more
/// @param b how much long turns are held back
/// @param previous how much the words of the turn before count
/// @param next and those of the turn after
/// @param feedback weight of the words of the best turns in a second round
/// @param feedbackTurns how many of them
/// @param fuzzy of a word that nearly is a word of the question
/// @param session of the best turn of the same conversation
/// @param date of a date in a turn, where the question asks for one
/// @param window of a turn that speaks of, or was said in, the time that the question names
/// @param byUser of what the user said
/// @param substance of a turn that says something, whatever is asked
/// @param speaker of the speaker that is named in the question
/// @param recency of the newest turn against the oldest
/// @param dense of the nearness in meaning
/// @param denseTurn of the turn's own vector in it
/// @param densePair of the vector of the turn and the one before
/// @param denseSession of the conversation's
record Weights(
    double k1,
    double b,
    double previous,
    double next,
    double feedback,
    int feedbackTurns,
    double fuzzy,
    double session,
    double date,
    double window,
    double byUser,
    double substance,
    double speaker,
    double recency,
    double dense,
    double denseTurn,
    double densePair,
    double denseSession) {
  static final Weights TUNED =
      new Weights(1.3, .2, .2, .02, .22, 1, .4, .02, .15, .4, .22, .2, .1, .03, 1.1, .5, .3, .45);
}
