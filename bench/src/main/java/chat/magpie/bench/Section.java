package chat.magpie.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// The part of `docs/figures.md` that one kind of run writes.
///
/// @param kind what follows `./magpie bench`
record Section(String kind, String title) {
  /// Replaces the section, or adds it at the end; all else in the file stays.
  void write(Path file, Machine machine, String content) throws IOException {
    String command = "./magpie bench " + kind;
    String first = "<!-- Written by " + command + ". -->\n";
    String last = "<!-- End of what " + command + " writes. -->\n";
    String old = Files.exists(file) ? Files.readString(file) : "";
    int begin = old.indexOf(first);
    int end = old.indexOf(last);
    String before = begin < 0 ? old + "\n" : old.substring(0, begin);
    String after = end < 0 ? "" : old.substring(end + last.length());
    String section = "## " + title + "\n\n" + machine.lines(command) + "\n" + content;
    Files.writeString(file, before + first + section + last + after);
  }
}
