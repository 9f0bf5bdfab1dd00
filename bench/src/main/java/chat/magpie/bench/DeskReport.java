package chat.magpie.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// The figures of [DeskBench] beside their targets, as a section of `docs/figures.md`.
final class DeskReport {
  private final List<String> rows = new ArrayList<>();

  /// A figure without a target, or one whose verdict is not a comparison of two numbers.
  void row(String figure, String target, String floor, String magpie, String verdict) {
    rows.add("| " + String.join(" | ", List.of(figure, target, floor, magpie, verdict)) + " |\n");
  }

  void atMost(String figure, double target, String floor, double magpie) {
    row(
        figure,
        "≤ " + number(target),
        floor,
        number(magpie),
        magpie <= target
            ? "met"
            : "**missed** by %s (%.1f ×)".formatted(number(magpie - target), magpie / target));
  }

  static String pair(Samples micros) {
    return number(micros.percentile(50) / 1000) + " / " + number(micros.percentile(99) / 1000);
  }

  static String number(double value) {
    return String.format(Locale.ROOT, Math.abs(value) >= 100 ? "%.0f" : "%.2f", value);
  }

  String table() {
    return "| figure | target | floor | Magpie | |\n|---|---|---|---|---|\n"
        + String.join("", rows);
  }

  /// Replaces the section, or adds it at the end; all else in the file stays.
  void write(Path file, Machine machine, String notes) throws IOException {
    new Section("desk", "Two nodes: sockets, lists and steady load")
        .write(file, machine, table() + "\n" + notes);
  }
}
