package chat.magpie.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/// Everything that was measured. Times are in microseconds unless their name says otherwise.
final class Results {
  /// What one kind of server showed, round by round.
  static final class Server {
    final List<Loads.First> first = new ArrayList<>();
    final List<Loads.Relay> relay = new ArrayList<>();
    final List<Loads.First> crowd = new ArrayList<>();
  }

  final Server upstream = new Server();
  final Server floor = new Server();
  final Server magpie = new Server();

  /// Magpie, asked in two requests.
  final List<Loads.First> twoRequests = new ArrayList<>();

  final Samples commit = new Samples();
  Talks.Resumed resumed = new Talks.Resumed(new Samples(), 0, 0, 0);
  Talks.History history = new Talks.History(new Samples(), new Samples(), new Samples());
  int longMessages;
  final List<Double> startMillis = new ArrayList<>();
  double idleMegabytes = Double.NaN;

  /// The median over the rounds.
  static <T> double median(List<T> rounds, ToDoubleFunction<T> figure) {
    return Samples.median(rounds.stream().mapToDouble(figure).toArray());
  }

  /// The median over the rounds of what a server adds to the upstream alone in the same round.
  static <T> double added(List<T> rounds, List<T> alone, ToDoubleFunction<T> figure) {
    double[] added = new double[rounds.size()];
    for (int i = 0; i < added.length; i++) {
      added[i] = figure.applyAsDouble(rounds.get(i)) - figure.applyAsDouble(alone.get(i));
    }
    return Samples.median(added);
  }
}
