package chat.magpie.bench;

/// How much is measured.
///
/// @param rounds how often each load is put on each server, in turns
/// @param warmMillis load before anything counts, for each server
/// @param firstMillis length of a load that measures the time to first token
/// @param relayMillis length of the window in which relayed chunks are measured
/// @param crowdRounds how often the crowd comes
/// @param crowdChunks chunks that each of the crowd reads
/// @param turns turns of the long conversation; each makes two messages
/// @param historyPairs questions asked of the short and the long conversations
/// @param resumes readers that are cut and come back
/// @param starts starts that are timed
/// @param commits commits that are timed in each round
record Plan(
    int rounds,
    int warmMillis,
    int firstMillis,
    int relayMillis,
    int crowdRounds,
    int crowdChunks,
    int turns,
    int historyPairs,
    int resumes,
    int starts,
    int commits) {
  static final int PARALLEL = 50;
  static final int RELAYED = 30;
  static final int CROWD = 400;

  static final Plan FULL = new Plan(5, 15_000, 5_000, 5_000, 3, 60, 5_000, 100, 200, 7, 100);
  static final Plan QUICK = new Plan(1, 3_000, 2_000, 2_000, 1, 20, 100, 20, 20, 2, 100);
}
