package chat.magpie.knowledge.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Cuts a document into passages: along its headings, then into pieces of at most [#MOST]
/// characters that end where a paragraph, a line or a sentence ends. Reads Markdown line by line in
/// linear time, whatever it holds.
final class Splitter {
  static final int MOST = 900;

  /// A longer line is no heading but text: every passage repeats the headings that it stands under.
  static final int LONGEST_HEADING = 200;

  /// Every piece of a code block that is cut repeats its fences; longer ones are left to the text.
  private static final int LONGEST_FENCES = 200;

  private static final Pattern HEADING = Pattern.compile("^ {0,3}(#{1,6})(?:[ \\t]+(.*))?$");
  private static final Pattern FENCE = Pattern.compile("^ {0,3}(`{3,}+|~{3,}+)[^`]*+$");
  private static final Pattern SENTENCE_END = Pattern.compile("[。！？；!?]++|(?<![.;])[.;]++(?=\\s)");
  private static final int FRONT_MATTER_LINES = 100;

  private final boolean markdown;
  private final List<Piece> pieces = new ArrayList<>();
  private final @Nullable String[] headings = new String[7];
  private final StringBuilder passage = new StringBuilder();
  private final StringBuilder block = new StringBuilder();
  private int blockLines;
  private @Nullable String title;
  private @Nullable String fence;

  /// The last heading as long as no text stands under it.
  private String bare = "";

  private int bareLevel;

  /// A passage of a document and the headings it stands under.
  ///
  /// @param questions what the text is the answer to, in several phrasings; empty where it is no
  ///   answer to a certain question
  record Piece(String section, String text, List<String> questions) {
    Piece {
      questions = List.copyOf(questions);
    }

    Piece(String section, String text) {
      this(section, text, List.of());
    }
  }

  /// A document in pieces.
  record Split(String title, List<Piece> pieces) {}

  private Splitter(boolean markdown) {
    this.markdown = markdown;
  }

  /// @param name what the document is called where it does not say it itself
  static Split split(String text, String name, boolean markdown) {
    Splitter splitter = new Splitter(markdown);
    List<String> lines = text.lines().toList();
    int start = markdown ? splitter.frontMatter(lines) : 0;
    for (String line : lines.subList(start, lines.size())) {
      splitter.line(line);
    }
    splitter.endBlock();
    splitter.endSection(true);
    return new Split(splitter.title == null ? name : splitter.title, splitter.pieces);
  }

  /// Skips a YAML block at the top and takes the title from it; returns the first line after it.
  private int frontMatter(List<String> lines) {
    if (lines.isEmpty() || !lines.getFirst().stripTrailing().equals("---")) {
      return 0;
    }
    for (int i = 1; i < Math.min(lines.size(), FRONT_MATTER_LINES); i++) {
      String line = lines.get(i).strip();
      if (line.equals("---")) {
        return i + 1;
      }
      if (line.startsWith("title:")) {
        String value = line.substring("title:".length()).strip();
        title = beginning(value.replaceAll("^[\"']|[\"']$", ""));
      }
    }
    title = null;
    return 0;
  }

  private static String beginning(String title) {
    int end = Math.min(title.length(), LONGEST_HEADING);
    return title.substring(0, isWhole(title, end) ? end : end - 1);
  }

  private void line(String line) {
    if (fence != null) {
      append(line);
      if (line.strip().startsWith(fence) && line.strip().length() == fenceLength(line.strip())) {
        fence = null;
        endBlock();
      }
      return;
    }
    if (line.isBlank()) {
      endBlock();
      return;
    }
    if (markdown) {
      Matcher fenced = FENCE.matcher(line);
      if (fenced.matches()) {
        endBlock();
        fence = fenced.group(1);
        append(line);
        return;
      }
      Matcher heading = HEADING.matcher(line);
      if (line.length() <= LONGEST_HEADING && heading.matches()) {
        endBlock();
        heading(heading.group(1).length(), heading.group(2) == null ? "" : heading.group(2));
        return;
      }
      int underlined = underlined(line);
      if (underlined > 0) {
        String text = block.toString().strip();
        clearBlock();
        heading(underlined, text);
        return;
      }
    }
    append(line);
  }

  /// The level of a heading of one line whose underline this is, or 0.
  private int underlined(String line) {
    if (blockLines != 1 || block.length() > LONGEST_HEADING) {
      return 0;
    }
    String mark = line.strip();
    return mark.matches("=+") ? 1 : mark.matches("-{2,}") && !listOrTable() ? 2 : 0;
  }

  private boolean listOrTable() {
    char first = block.charAt(0);
    return first == '|' || first == '-' || first == '*' || first == '>' || first == '+';
  }

  private static int fenceLength(String line) {
    int length = 0;
    while (length < line.length() && line.charAt(length) == line.charAt(0)) {
      length++;
    }
    return length;
  }

  private void append(String line) {
    block.append(line).append('\n');
    blockLines++;
  }

  private void clearBlock() {
    block.setLength(0);
    blockLines = 0;
  }

  private void heading(int level, String raw) {
    String text = raw.strip().replaceAll("[ \\t]+#+$", "").replaceAll("[*`]", "").strip();
    endSection(level <= bareLevel);
    for (int i = level; i < headings.length; i++) {
      headings[i] = null;
    }
    if (level == 1 && title == null && !text.isEmpty()) {
      title = text;
    } else if (!text.isEmpty()) {
      headings[level] = text;
    }
    bare = text;
    bareLevel = level;
  }

  private void endBlock() {
    String raw = block.toString().stripTrailing();
    String text = markdown ? LineWrap.undo(raw) : raw;
    clearBlock();
    if (text.isBlank()) {
      return;
    }
    bare = "";
    for (String part : parts(text)) {
      if (!passage.isEmpty() && passage.length() + 2 + part.length() > MOST) {
        endPassage();
      }
      passage.append(passage.isEmpty() ? "" : "\n\n").append(part);
    }
  }

  /// @param nothingBelow whether a heading without text has no headings below it either: then it is
  ///   a passage itself
  private void endSection(boolean nothingBelow) {
    if (nothingBelow && passage.isEmpty()) {
      passage.append(bare);
    }
    endPassage();
    bare = "";
  }

  private void endPassage() {
    if (!passage.isEmpty()) {
      StringBuilder section = new StringBuilder();
      for (String heading : headings) {
        if (heading != null) {
          section.append(section.isEmpty() ? "" : " › ").append(heading);
        }
      }
      pieces.add(new Piece(section.toString(), passage.toString()));
      passage.setLength(0);
    }
  }

  /// The block, or pieces of it where it is too long.
  private List<String> parts(String text) {
    if (text.length() <= MOST) {
      return List.of(text);
    }
    String first = text.substring(0, Math.max(0, text.indexOf('\n')));
    Matcher opening = FENCE.matcher(first);
    if (markdown
        && opening.matches()
        && first.length() + opening.group(1).length() + 2 <= LONGEST_FENCES) {
      String close = opening.group(1);
      return parts(unfenced(text, close), first + "\n", "\n" + close);
    }
    return parts(text, "", "");
  }

  private static List<String> parts(String text, String open, String close) {
    int most = MOST - open.length() - close.length();
    List<String> parts = new ArrayList<>();
    StringBuilder part = new StringBuilder();
    for (String line : text.split("\n", -1)) {
      for (String sentence : sentences(line, most)) {
        if (part.length() + sentence.length() > most) {
          endPart(part, open, close, parts);
        }
        part.append(sentence);
      }
      part.append('\n');
    }
    endPart(part, open, close, parts);
    return parts;
  }

  private static void endPart(StringBuilder part, String open, String close, List<String> parts) {
    String text = part.toString().stripTrailing();
    if (!text.isEmpty()) {
      parts.add(open + text + close);
    }
    part.setLength(0);
  }

  private static String unfenced(String text, String fence) {
    String body = text.substring(text.indexOf('\n') + 1);
    int last = body.lastIndexOf('\n');
    return last >= 0 && body.substring(last + 1).strip().startsWith(fence)
        ? body.substring(0, last)
        : body;
  }

  /// A line, cut after sentences where it is too long, and anywhere if need be, but never within a
  /// code point.
  private static List<String> sentences(String line, int most) {
    if (line.length() <= most) {
      return List.of(line);
    }
    List<String> sentences = new ArrayList<>();
    Matcher end = SENTENCE_END.matcher(line);
    int from = 0;
    while (end.find()) {
      cut(line.substring(from, end.end()), most, sentences);
      from = end.end();
    }
    cut(line.substring(from), most, sentences);
    return sentences;
  }

  private static void cut(String text, int most, List<String> into) {
    int from = 0;
    while (text.length() - from > most) {
      int to = from + most;
      if (!isWhole(text, to)) {
        to--;
      }
      into.add(text.substring(from, to));
      from = to;
    }
    into.add(text.substring(from));
  }

  private static boolean isWhole(String text, int end) {
    return end == 0
        || end == text.length()
        || !Character.isSurrogatePair(text.charAt(end - 1), text.charAt(end));
  }
}
