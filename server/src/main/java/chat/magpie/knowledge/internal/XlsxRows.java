package chat.magpie.knowledge.internal;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.xml.stream.XMLStreamReader;

/// Reads the cells of an Excel workbook as text, sheet by sheet. Numbers are as they are stored.
final class XlsxRows {
  private static final int COLUMNS = 200;

  private XlsxRows() {}

  static Extracted of(Path file, Limits limits) throws Unreadable {
    try (PackedParts parts = PackedParts.open(file, limits)) {
      if (!parts.has("xl/workbook.xml")) {
        throw new Unreadable("It is packed, but not an Excel workbook.");
      }
      Sheets sheets = new Sheets();
      parts.read("xl/workbook.xml", sheets);
      Targets targets = new Targets();
      parts.read("xl/_rels/workbook.xml.rels", targets);
      SharedStrings strings = new SharedStrings(limits);
      parts.read("xl/sharedStrings.xml", strings);
      Sheet sheet = new Sheet(limits);
      for (Map.Entry<String, String> entry : sheets.names.entrySet()) {
        String target = targets.paths.getOrDefault(entry.getKey(), "");
        Cells cells = new Cells(strings.all, limits);
        parts.read(target.startsWith("/") ? target.substring(1) : "xl/" + target, cells);
        sheet.add(sheets.names.size() > 1 ? entry.getValue() : "", cells.rows);
      }
      return sheet.extracted();
    }
  }

  private static final class Sheets implements PackedParts.XmlPart {
    private final Map<String, String> names = new LinkedHashMap<>();

    @Override
    public void begin(XMLStreamReader element) {
      if (element.getLocalName().equals("sheet")
          && !PackedParts.attribute(element, "state").endsWith("idden")) {
        String id = "";
        for (int i = 0; i < element.getAttributeCount(); i++) {
          if (element.getAttributeLocalName(i).equals("id")) {
            id = element.getAttributeValue(i);
          }
        }
        names.put(id, PackedParts.attribute(element, "name"));
      }
    }
  }

  private static final class Targets implements PackedParts.XmlPart {
    private final Map<String, String> paths = new HashMap<>();

    @Override
    public void begin(XMLStreamReader element) {
      if (element.getLocalName().equals("Relationship")) {
        paths.put(PackedParts.attribute(element, "Id"), PackedParts.attribute(element, "Target"));
      }
    }
  }

  private static final class SharedStrings implements PackedParts.XmlPart {
    private final List<String> all = new ArrayList<>();
    private final StringBuilder text = new StringBuilder();
    private final Limits limits;
    private long characters;
    private boolean inText;
    private int phonetic;

    SharedStrings(Limits limits) {
      this.limits = limits;
    }

    @Override
    public void begin(XMLStreamReader element) {
      switch (element.getLocalName()) {
        case "si" -> text.setLength(0);
        case "rPh" -> phonetic++;
        case "t" -> inText = phonetic == 0;
        default -> {
          // how it looks
        }
      }
    }

    @Override
    public void text(String more) throws Unreadable {
      if (inText) {
        characters += more.length();
        if (characters > limits.characters()) {
          throw limits.tooMuchText();
        }
        text.append(more);
      }
    }

    @Override
    public void end(String name) throws Unreadable {
      switch (name) {
        case "si" -> {
          if (all.size() >= limits.characters() / 4) {
            throw limits.tooMuchText();
          }
          all.add(Escapes.storable(text.toString()));
        }
        case "rPh" -> phonetic--;
        case "t" -> inText = false;
        default -> {
          // see begin
        }
      }
    }
  }

  private static final class Cells implements PackedParts.XmlPart {
    private final List<List<String>> rows = new ArrayList<>();
    private final List<String> strings;
    private final Limits limits;
    private final StringBuilder value = new StringBuilder();
    private List<String> row = new ArrayList<>();
    private String type = "";
    private int column;
    private long characters;
    private boolean inValue;

    Cells(List<String> strings, Limits limits) {
      this.strings = strings;
      this.limits = limits;
    }

    @Override
    public void begin(XMLStreamReader element) {
      switch (element.getLocalName()) {
        case "row" -> row = new ArrayList<>();
        case "c" -> {
          type = PackedParts.attribute(element, "t");
          column = column(PackedParts.attribute(element, "r"), row.size());
          value.setLength(0);
        }
        case "v", "t" -> inValue = true;
        default -> {
          // formulas and how it looks
        }
      }
    }

    @Override
    public void text(String more) throws Unreadable {
      if (inValue) {
        characters += more.length();
        if (characters > limits.characters()) {
          throw limits.tooMuchText();
        }
        value.append(more);
      }
    }

    @Override
    public void end(String name) throws Unreadable {
      switch (name) {
        case "v", "t" -> inValue = false;
        case "c" -> put();
        case "row" -> rows.add(row);
        default -> {
          // see begin
        }
      }
    }

    private void put() throws Unreadable {
      if (column >= COLUMNS || value.isEmpty()) {
        return;
      }
      String text = value.toString();
      if (type.equals("s")) {
        text = shared(text.strip());
        characters += text.length();
        if (characters > limits.characters()) {
          throw limits.tooMuchText();
        }
      }
      while (row.size() <= column) {
        row.add("");
      }
      row.set(column, Escapes.storable(text));
    }

    private String shared(String index) throws Unreadable {
      try {
        int at = Integer.parseInt(index);
        if (at >= 0 && at < strings.size()) {
          return strings.get(at);
        }
      } catch (NumberFormatException e) {
        // refused below
      }
      throw new Unreadable("It is damaged: a cell refers to a text that is not there.");
    }

    /// Of a reference such as `B7`; the next one where there is none.
    private static int column(String reference, int next) {
      int column = 0;
      for (int i = 0; i < reference.length() && column < COLUMNS; i++) {
        char c = reference.charAt(i);
        if (c < 'A' || c > 'Z') {
          break;
        }
        column = column * 26 + (c - 'A' + 1);
      }
      return column == 0 ? next : column - 1;
    }
  }
}
