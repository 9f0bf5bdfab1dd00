package chat.magpie.knowledge.internal;

import java.util.ArrayList;
import java.util.List;

/// Reads comma-separated values (RFC 4180), also with semicolons or tabs between them, whichever
/// the first line has most of.
final class CsvRows {
  private CsvRows() {}

  static List<List<String>> of(String text) {
    char between = separator(text);
    List<List<String>> rows = new ArrayList<>();
    List<String> row = new ArrayList<>();
    StringBuilder cell = new StringBuilder();
    boolean quoted = false;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (quoted) {
        if (c != '"') {
          cell.append(c);
        } else if (i + 1 < text.length() && text.charAt(i + 1) == '"') {
          cell.append(c);
          i++;
        } else {
          quoted = false;
        }
      } else if (c == '"' && cell.isEmpty()) {
        quoted = true;
      } else if (c == between) {
        row.add(take(cell));
      } else if (c == '\n') {
        row.add(take(cell));
        rows.add(row);
        row = new ArrayList<>();
      } else {
        cell.append(c);
      }
    }
    if (!cell.isEmpty() || !row.isEmpty()) {
      row.add(take(cell));
      rows.add(row);
    }
    return rows;
  }

  private static String take(StringBuilder cell) {
    String text = cell.toString();
    cell.setLength(0);
    return text;
  }

  private static char separator(String text) {
    int end = text.indexOf('\n');
    String line = end < 0 ? text : text.substring(0, end);
    char best = ',';
    long most = 0;
    for (char candidate : new char[] {',', '\t', ';'}) {
      long found = line.chars().filter(c -> c == candidate).count();
      if (found > most) {
        most = found;
        best = candidate;
      }
    }
    return best;
  }
}
