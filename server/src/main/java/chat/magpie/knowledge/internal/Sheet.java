package chat.magpie.knowledge.internal;

import chat.magpie.knowledge.Faq;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// What the rows of a table say: questions with their answers where its header names such columns,
/// else one paragraph a row.
final class Sheet {
  private static final Set<String> QUESTION =
      Set.of("问题", "标准问题", "标准问", "提问", "常见问题", "question", "questions", "standard question", "q");

  private static final Set<String> PHRASINGS =
      Set.of(
          "相似问法",
          "相似问题",
          "相似问",
          "其他问法",
          "扩展问",
          "扩展问法",
          "同义问法",
          "问法",
          "phrasings",
          "phrasing",
          "similar questions",
          "similar question",
          "variants",
          "alternatives",
          "synonyms");

  private static final Set<String> ANSWER =
      Set.of("答案", "回答", "答复", "标准答案", "回复", "answer", "answers", "reply", "response", "a");

  /// A header stands in one of the first rows, below a title perhaps.
  private static final int HEADER_ROWS = 5;

  private final StringBuilder text = new StringBuilder();
  private final List<Faq> entries = new ArrayList<>();
  private final Limits limits;

  Sheet(Limits limits) {
    this.limits = limits;
  }

  /// Adds a table.
  ///
  /// @param name a heading above it; none if empty
  void add(String name, List<List<String>> rows) throws Unreadable {
    for (int i = 0; i < Math.min(HEADER_ROWS, rows.size()); i++) {
      List<String> header = rows.get(i).stream().map(Sheet::key).toList();
      if (header.stream().anyMatch(QUESTION::contains)
          && header.stream().anyMatch(ANSWER::contains)) {
        questions(header, rows.subList(i + 1, rows.size()));
        return;
      }
    }
    paragraphs(name, rows);
  }

  Extracted extracted() throws Unreadable {
    if (entries.isEmpty() && text.isEmpty()) {
      throw new Unreadable("It holds no text.");
    }
    return new Extracted("", text.toString().strip(), entries);
  }

  private void questions(List<String> header, List<List<String>> rows) throws Unreadable {
    for (List<String> row : rows) {
      Set<String> asked = new LinkedHashSet<>();
      StringBuilder answer = new StringBuilder();
      for (int i = 0; i < Math.min(header.size(), row.size()); i++) {
        String cell = row.get(i).strip();
        if (cell.isEmpty()) {
          continue;
        }
        if (QUESTION.contains(header.get(i)) || PHRASINGS.contains(header.get(i))) {
          phrasings(cell, asked);
        } else if (ANSWER.contains(header.get(i))) {
          answer.append(answer.isEmpty() ? "" : "\n\n").append(cell);
        }
      }
      if (!asked.isEmpty() && !answer.isEmpty()) {
        entries.add(new Faq(List.copyOf(asked), answer.toString()));
        append("## " + oneLine(asked.iterator().next()) + "\n\n" + answer + "\n\n");
      }
    }
  }

  private static void phrasings(String cell, Set<String> into) {
    for (String phrasing : cell.split("[\\n|｜]", -1)) {
      if (!phrasing.isBlank()) {
        into.add(phrasing.strip());
      }
    }
  }

  private void paragraphs(String name, List<List<String>> rows) throws Unreadable {
    if (!name.isBlank() && rows.stream().anyMatch(Sheet::filled)) {
      append("## " + oneLine(name) + "\n\n");
    }
    List<String> header = rows.stream().filter(Sheet::filled).findFirst().orElse(List.of());
    boolean first = true;
    for (List<String> row : rows) {
      if (!filled(row)) {
        continue;
      }
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < row.size(); i++) {
        String cell = oneLine(row.get(i));
        if (cell.isEmpty()) {
          continue;
        }
        line.append(line.isEmpty() ? "" : "; ");
        if (!first && i < header.size() && !header.get(i).isBlank()) {
          line.append(oneLine(header.get(i))).append(": ");
        }
        line.append(cell);
      }
      append(Escapes.line(line.toString()) + "\n\n");
      first = false;
    }
  }

  private void append(String more) throws Unreadable {
    if (text.length() + more.length() > limits.characters()) {
      throw limits.tooMuchText();
    }
    text.append(more);
  }

  private static boolean filled(List<String> row) {
    return row.stream().anyMatch(cell -> !cell.isBlank());
  }

  private static String key(String cell) {
    return oneLine(cell).replace('_', ' ').toLowerCase(Locale.ROOT);
  }

  private static String oneLine(String cell) {
    return cell.strip().replaceAll("\\s+", " ");
  }
}
