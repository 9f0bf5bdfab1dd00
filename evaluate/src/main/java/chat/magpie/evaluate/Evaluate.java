package chat.magpie.evaluate;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// `./magpie evaluate`: measures servers with a data set and prints the figures.
///
/// Ends with 0 where it measured, 1 where `--check` was said and a target is missed, 2 where it
/// could not measure.
final class Evaluate {
  private Evaluate() {}

  public static void main(String[] args) {
    Locale.setDefault(Locale.ROOT);
    System.exit(run(List.of(args)));
  }

  static int run(List<String> args) {
    try {
      if (args.contains("--help") || args.contains("-h")) {
        IO.print(Plan.USAGE);
        return 0;
      }
      if (!args.isEmpty() && args.getFirst().equals("convert")) {
        Convert.run(args.subList(1, args.size()));
        return 0;
      }
      Path own = Path.of(System.getProperty("magpie.root", "."), "evaluate", "data");
      return measure(Plan.parse(args, own));
    } catch (Plan.Misused e) {
      System.err.println("evaluate: " + e.getMessage() + "\n" + Plan.USAGE);
    } catch (Faults.BadData e) {
      System.err.println(e.getMessage());
    } catch (CouldNotMeasure | UncheckedIOException | IllegalStateException e) {
      System.err.println("evaluate: could not measure: " + e);
    }
    return 2;
  }

  private static int measure(Plan plan) {
    Dataset data = DatasetReader.read(plan.data()).only(plan.split());
    if (data.isEmpty()) {
      throw new Faults.BadData(List.of(plan.data() + ": this split has no questions"));
    }
    Map<String, List<Measured>> servers = new LinkedHashMap<>();
    String version = "";
    if (plan.against().isPresent()) {
      String mode = plan.modes().size() == 1 ? plan.modes().getFirst() : "as the server has them";
      Wire wire = new Wire(base(plan.against().get()), plan.key());
      version = wire.version();
      servers.put(mode, measure(plan, wire, data, mode.equals("auto")));
    } else {
      for (String mode : plan.modes()) {
        say("starting a server with embeddings " + mode);
        try (OwnServer server = OwnServer.start(mode)) {
          version = server.wire().version();
          servers.put(mode, measure(plan, server.wire(), data, mode.equals("auto")));
        }
      }
    }
    String date = LocalDate.now(ZoneOffset.UTC).toString();
    Report report = new Report(Report.contextOf(data, plan, version, date), servers);
    write(plan, report);
    IO.println(report.markdown());
    if (plan.worst() > 0) {
      IO.println(report.worst(plan.worst()));
    }
    return plan.check() && report.misses() ? 1 : 0;
  }

  private static List<Measured> measure(Plan plan, Wire wire, Dataset data, boolean embeddings) {
    return new Run(wire, data, embeddings, Evaluate::say).measure(plan.suites());
  }

  private static void write(Plan plan, Report report) {
    try {
      if (plan.json().isPresent()) {
        Files.writeString(plan.json().get(), report.json());
      }
      if (plan.markdown().isPresent()) {
        Path file = plan.markdown().get();
        Files.writeString(file, report.into(Files.exists(file) ? Files.readString(file) : ""));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static URI base(String url) {
    try {
      URI base = URI.create(url.endsWith("/") ? url : url + "/");
      if (base.getHost() != null && Arrays.asList("http", "https").contains(base.getScheme())) {
        return base;
      }
    } catch (IllegalArgumentException e) {
      throw new Plan.Misused("--against: " + e.getMessage());
    }
    throw new Plan.Misused("--against must be an address such as http://127.0.0.1:8000");
  }

  private static void say(String what) {
    System.err.println("evaluate: " + what);
  }
}
