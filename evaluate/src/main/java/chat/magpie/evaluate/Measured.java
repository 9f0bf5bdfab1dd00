package chat.magpie.evaluate;

import java.util.List;
import java.util.Optional;

/// What one suite measured at one server.
///
/// @param suite `memory`, `faq` or `profile`
/// @param notes what no table says
/// @param cases one for each question or fact that counts for a headline
record Measured(
    String suite,
    List<Headline> headlines,
    List<Table> tables,
    List<String> notes,
    List<Case> cases) {

  /// A figure that stands for many.
  ///
  /// @param name the same at every server
  /// @param value NaN where there was nothing to measure
  /// @param count how many questions or facts it is made of
  record Headline(String name, double value, int count, Optional<Target> target) {
    boolean missed() {
      return target.isPresent() && !Double.isNaN(value) && !target.get().met(value);
    }
  }

  /// A bound of a figure.
  ///
  /// @param atLeast whether the value shall not be less, else it shall not be greater
  record Target(double bound, boolean atLeast) {
    boolean met(double value) {
      return atLeast ? value >= bound : value <= bound;
    }

    static Optional<Target> atLeast(double bound) {
      return Optional.of(new Target(bound, true));
    }

    static Optional<Target> atMost(double bound) {
      return Optional.of(new Target(bound, false));
    }

    @Override
    public String toString() {
      return (atLeast ? "≥ " : "≤ ") + bound;
    }
  }

  /// Figures per group of questions.
  record Table(String title, List<String> columns, List<Row> rows) {}

  record Row(String group, int count, List<Double> values) {}

  /// What one question or fact gave for a headline.
  ///
  /// @param value 1 where all is right, 0 where nothing is
  /// @param told what was asked and what came
  record Case(String headline, String id, String split, String kind, double value, String told) {}
}
