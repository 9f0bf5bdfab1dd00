package chat.magpie.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// What Linux tells about processes and the machine.
final class ProcFiles {
  /// Ticks per second in `/proc/PID/stat`; fixed for user space on every architecture.
  private static final int TICKS_PER_SECOND = 100;

  private ProcFiles() {}

  /// Processor time that a process has used, in milliseconds; its resolution is 10 ms.
  static long cpuMillis(long pid) {
    return cpuMillis(read("/proc/" + pid + "/stat"));
  }

  /// The same from the text of the file. The command in brackets may hold anything.
  static long cpuMillis(String stat) {
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    // utime and stime are fields 14 and 15; the state, the first after the command, is field 3.
    return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) * 1000 / TICKS_PER_SECOND;
  }

  /// Memory of a process that is resident, in kB.
  static long residentKilobytes(long pid) {
    return number(read("/proc/" + pid + "/status"), "VmRSS");
  }

  /// The number of a line such as `VmRSS: 1234 kB`; 0 without that line.
  static long number(String lines, String name) {
    return lines
        .lines()
        .filter(line -> line.startsWith(name + ":"))
        .map(line -> line.substring(name.length() + 1).strip().split("\\s+", -1)[0])
        .mapToLong(Long::parseLong)
        .findFirst()
        .orElse(0);
  }

  static String read(String file) {
    try {
      return Files.readString(Path.of(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
