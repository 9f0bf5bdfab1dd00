package chat.magpie.evaluate;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// What to measure, as it is said on the command line.
///
/// @param against a server that runs already
/// @param modes the embeddings of the servers that are started
/// @param suites of `memory`, `faq` and `profile`
/// @param worst how many of the worst questions of each missed target are told
record Plan(
    Path data,
    Optional<String> against,
    String key,
    List<String> modes,
    Dataset.Split split,
    List<String> suites,
    Optional<Path> json,
    Optional<Path> markdown,
    boolean check,
    int worst,
    String command) {
  static final List<String> SUITES = List.of("memory", "faq", "profile");

  static final String USAGE =
      """
      ./magpie evaluate [options]: how well it finds, remembers and learns; docs/evaluation.md
        --data FOLDER                 what is asked (evaluate/data); evaluate/data/README.md says of what shape
        --split dev|test|all          which questions (all)
        --only memory|faq|profile     one part alone
        --embeddings off|auto|both    the server's embeddings (both, one after the other)
        --against URL --key KEY       a server that runs already, with an administrator's token
        --json FILE                   the figures, and what came of every question
        --markdown FILE               the figures into the file, between two marks
        --worst N                     the worst N dev questions of each target that is missed
        --check                       end with 1 where a target is missed
      ./magpie evaluate convert locomo|longmemeval FILE FOLDER
        makes a folder of that shape of a public set
      """;

  /// A command line that makes no sense.
  static final class Misused extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Misused(String message) {
      super(message);
    }
  }

  /// @param ownData what is measured where no folder is named
  static Plan parse(List<String> args, Path ownData) {
    Path data = ownData;
    Optional<String> against = Optional.empty();
    String key = "";
    List<String> modes = List.of("off", "auto");
    Dataset.Split split = Dataset.Split.ALL;
    List<String> suites = SUITES;
    Optional<Path> json = Optional.empty();
    Optional<Path> markdown = Optional.empty();
    boolean check = false;
    int worst = 0;
    List<String> words = new ArrayList<>(args);
    while (!words.isEmpty()) {
      String option = words.removeFirst();
      int equals = option.indexOf('=');
      if (option.startsWith("--") && equals > 0) {
        words.addFirst(option.substring(equals + 1));
        option = option.substring(0, equals);
      }
      switch (option) {
        case "--data" -> data = Path.of(value(option, words));
        case "--against" -> against = Optional.of(value(option, words));
        case "--key" -> key = value(option, words);
        case "--embeddings" -> {
          String mode = oneOf(option, words, "off", "auto", "both");
          modes = mode.equals("both") ? List.of("off", "auto") : List.of(mode);
        }
        case "--split" ->
            split =
                Dataset.Split.valueOf(
                    oneOf(option, words, "dev", "test", "all").toUpperCase(Locale.ROOT));
        case "--only" -> suites = List.of(oneOf(option, words, "memory", "faq", "profile"));
        case "--json" -> json = Optional.of(Path.of(value(option, words)));
        case "--markdown" -> markdown = Optional.of(Path.of(value(option, words)));
        case "--worst" -> worst = number(option, words);
        case "--check" -> check = true;
        default -> throw new Misused("unknown option " + option);
      }
    }
    if (against.isPresent() && key.isEmpty()) {
      throw new Misused("--against needs --key");
    }
    return new Plan(
        data, against, key, modes, split, suites, json, markdown, check, worst, command(args));
  }

  /// As it is shown: without the key.
  private static String command(List<String> args) {
    List<String> shown = new ArrayList<>(List.of("./magpie", "evaluate"));
    for (int i = 0; i < args.size(); i++) {
      boolean behindKey = i > 0 && args.get(i - 1).equals("--key");
      shown.add(behindKey ? "…" : args.get(i).replaceFirst("^--key=.*", "--key=…"));
    }
    return String.join(" ", shown);
  }

  private static String value(String option, List<String> rest) {
    if (rest.isEmpty() || rest.getFirst().isEmpty()) {
      throw new Misused(option + " needs a value");
    }
    return rest.removeFirst();
  }

  private static String oneOf(String option, List<String> rest, String... words) {
    String value = value(option, rest);
    if (!List.of(words).contains(value)) {
      throw new Misused(option + " must be one of " + String.join(", ", words) + ", not " + value);
    }
    return value;
  }

  private static int number(String option, List<String> rest) {
    String value = value(option, rest);
    if (!value.matches("[0-9]{1,6}")) {
      throw new Misused(option + " needs a number, not " + value);
    }
    return Integer.parseInt(value);
  }
}
