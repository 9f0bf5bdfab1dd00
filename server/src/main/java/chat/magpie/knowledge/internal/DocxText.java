package chat.magpie.knowledge.internal;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import javax.xml.stream.XMLStreamReader;

/// Reads a Word document: paragraphs, headings, lists and tables. What was deleted in a tracked
/// change is not read.
final class DocxText implements PackedParts.XmlPart {
  private static final String DOCUMENT = "word/document.xml";

  private final Limits limits;
  private final Map<String, Integer> levels;
  private final StringBuilder text = new StringBuilder();
  private final StringBuilder paragraph = new StringBuilder();
  private final StringBuilder row = new StringBuilder();
  private String title = "";
  private int level;
  private boolean listed;
  private boolean inText;
  private int tables;
  private int fallbacks;

  private DocxText(Limits limits, Map<String, Integer> levels) {
    this.limits = limits;
    this.levels = levels;
  }

  static Extracted of(Path file, Limits limits) throws Unreadable {
    try (PackedParts parts = PackedParts.open(file, limits)) {
      if (!parts.has(DOCUMENT)) {
        throw new Unreadable("It is packed, but not a Word document.");
      }
      Styles styles = new Styles();
      parts.read("word/styles.xml", styles);
      DocxText document = new DocxText(limits, styles.levels);
      parts.read(DOCUMENT, document);
      if (document.text.toString().isBlank()) {
        throw new Unreadable("It holds no text.");
      }
      return new Extracted(document.title, Escapes.storable(document.text.toString().strip()));
    }
  }

  @Override
  public void begin(XMLStreamReader element) {
    switch (element.getLocalName()) {
      case "Fallback" -> fallbacks++;
      case "tbl" -> tables++;
      case "t" -> inText = fallbacks == 0;
      case "tab" -> paragraph.append(paragraph.isEmpty() ? "" : " ");
      case "br", "cr" -> paragraph.append(tables > 0 ? " " : "\n");
      case "numPr" -> listed = true;
      case "pStyle" -> level = levels.getOrDefault(PackedParts.attribute(element, "val"), level);
      case "outlineLvl" -> level = Styles.level(PackedParts.attribute(element, "val"));
      default -> {
        // fonts, colours, positions
      }
    }
  }

  @Override
  public void text(String more) throws Unreadable {
    if (inText) {
      if (text.length() + row.length() + paragraph.length() + more.length() > limits.characters()) {
        throw limits.tooMuchText();
      }
      paragraph.append(more);
    }
  }

  @Override
  public void end(String name) {
    switch (name) {
      case "Fallback" -> fallbacks--;
      case "t" -> inText = false;
      case "p" -> endParagraph();
      case "tc" -> row.append(" | ");
      case "tr" -> endRow();
      case "tbl" -> {
        tables--;
        text.append('\n');
      }
      default -> {
        // see begin
      }
    }
  }

  private void endParagraph() {
    String said = paragraph.toString().strip();
    if (tables > 0) {
      row.append(said).append(said.isEmpty() ? "" : " ");
    } else if (!said.isEmpty() && level > 0) {
      String heading = said.replaceAll("\\s+", " ");
      if (title.isEmpty()) {
        title = heading;
      }
      text.append("#".repeat(level)).append(' ').append(heading).append("\n\n");
    } else if (!said.isEmpty()) {
      text.append(listed ? "- " : "").append(Escapes.line(said)).append("\n\n");
    }
    paragraph.setLength(0);
    level = 0;
    listed = false;
  }

  private void endRow() {
    String cells = row.toString().replaceAll("\\s*(\\|\\s*)+$", "").replaceAll("\\s+", " ").strip();
    if (!cells.isEmpty()) {
      text.append(Escapes.line(cells)).append("\n\n");
    }
    row.setLength(0);
  }

  /// Which styles are headings, and of what level.
  private static final class Styles implements PackedParts.XmlPart {
    private final Map<String, Integer> levels = new HashMap<>();
    private String style = "";

    @Override
    public void begin(XMLStreamReader element) {
      switch (element.getLocalName()) {
        case "style" -> style = PackedParts.attribute(element, "styleId");
        case "name" -> {
          String name = PackedParts.attribute(element, "val").toLowerCase(Locale.ROOT);
          if (name.matches("heading [1-6]")) {
            levels.put(style, name.charAt(8) - '0');
          } else if (name.equals("title")) {
            levels.put(style, 1);
          }
        }
        case "outlineLvl" -> {
          int level = level(PackedParts.attribute(element, "val"));
          if (level > 0) {
            levels.putIfAbsent(style, level);
          }
        }
        default -> {
          // how they look
        }
      }
    }

    /// Of what is counted from 0, and 9 for plain text.
    static int level(String outline) {
      return outline.matches("[0-5]") ? outline.charAt(0) - '0' + 1 : 0;
    }
  }
}
