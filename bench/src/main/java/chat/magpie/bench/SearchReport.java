package chat.magpie.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// Figures of searches without and with embeddings, as a table.
final class SearchReport {
  private final List<String> rows = new ArrayList<>();

  /// A figure that is one number.
  void number(String figure, String embeddings, double value) {
    row(figure, embeddings, format(value), "", "", "");
  }

  /// Times, with a target of the p95.
  ///
  /// @param target milliseconds
  void times(String figure, String embeddings, Samples micros, double target) {
    double p95 = micros.percentile(95) / 1_000;
    row(
        figure,
        embeddings,
        format(micros.percentile(50) / 1_000),
        format(p95),
        format(micros.percentile(99) / 1_000),
        "≤ %s: %s".formatted(format(target), p95 <= target ? "met" : "**missed**"));
  }

  /// Times to first token with and without something to search, and by how much the p95 differs.
  void firstToken(String figure, String embeddings, Samples with, Samples without, double target) {
    pair(figure, embeddings, with);
    pair(figure + ", with nothing to search", embeddings, without);
    double held = (with.percentile(95) - without.percentile(95)) / 1_000;
    row(
        figure + ", held up at the p95",
        embeddings,
        "",
        format(held),
        "",
        "≤ %s: %s".formatted(format(target), held <= target ? "met" : "**missed**"));
  }

  private void pair(String figure, String embeddings, Samples micros) {
    row(
        figure,
        embeddings,
        format(micros.percentile(50) / 1_000),
        format(micros.percentile(95) / 1_000),
        format(micros.percentile(99) / 1_000),
        "");
  }

  private void row(String... cells) {
    rows.add("| " + String.join(" | ", cells) + " |\n");
  }

  private static String format(double value) {
    return String.format(Locale.ROOT, Math.abs(value) >= 100 ? "%,.0f" : "%.1f", value);
  }

  String table() {
    return "| figure | embeddings | value, or p50 | p95 | p99 | target of p95 |\n"
        + "|---|---|---|---|---|---|\n"
        + String.join("", rows)
        + "\n";
  }
}
