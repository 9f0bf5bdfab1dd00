package chat.magpie.knowledge.internal;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.pdmodel.PDPage;
import org.apache.pdfbox.pdmodel.PDPageContentStream;
import org.apache.pdfbox.pdmodel.font.PDType1Font;
import org.apache.pdfbox.pdmodel.font.Standard14Fonts;

/// Documents of all kinds, good and bad, as programs write them.
final class Papers {
  private Papers() {}

  static byte[] pdf(List<String> pages) {
    try (PDDocument document = new PDDocument();
        ByteArrayOutputStream out = new ByteArrayOutputStream()) {
      PDType1Font font = new PDType1Font(Standard14Fonts.FontName.HELVETICA);
      for (String text : pages) {
        PDPage page = new PDPage();
        document.addPage(page);
        try (PDPageContentStream content = new PDPageContentStream(document, page)) {
          content.beginText();
          content.setFont(font, 12);
          content.newLineAtOffset(50, 700);
          content.showText(text);
          content.endText();
        }
      }
      document.save(out);
      return out.toByteArray();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  static byte[] docx(String body) {
    Map<String, byte[]> parts = new LinkedHashMap<>();
    parts.put(
        "word/styles.xml",
        utf8(
            "<w:styles xmlns:w='w'><w:style w:styleId='2'><w:name w:val='heading 2'/></w:style>"
                + "<w:style w:styleId='1'><w:name w:val='heading 1'/></w:style></w:styles>"));
    parts.put(
        "word/document.xml",
        utf8("<w:document xmlns:w='w'><w:body>" + body + "</w:body></w:document>"));
    return zip(parts);
  }

  static String paragraph(String style, String text) {
    String properties = style.isEmpty() ? "" : "<w:pPr><w:pStyle w:val='" + style + "'/></w:pPr>";
    return "<w:p>" + properties + "<w:r><w:t>" + text + "</w:t></w:r></w:p>";
  }

  /// @param rows texts that the cells share, by number
  static byte[] xlsx(List<String> strings, List<List<Integer>> rows) {
    StringBuilder shared = new StringBuilder("<sst>");
    strings.forEach(text -> shared.append("<si><t>").append(text).append("</t></si>"));
    StringBuilder sheet = new StringBuilder("<worksheet><sheetData>");
    for (int i = 0; i < rows.size(); i++) {
      sheet.append("<row r='").append(i + 1).append("'>");
      for (int j = 0; j < rows.get(i).size(); j++) {
        sheet
            .append("<c r='" + (char) ('A' + j) + (i + 1) + "' t='s'><v>")
            .append(rows.get(i).get(j))
            .append("</v></c>");
      }
      sheet.append("</row>");
    }
    Map<String, byte[]> parts = new LinkedHashMap<>();
    parts.put(
        "xl/workbook.xml",
        utf8("<workbook xmlns:r='r'><sheets><sheet name='FAQ' r:id='rId1'/></sheets></workbook>"));
    parts.put(
        "xl/_rels/workbook.xml.rels",
        utf8(
            "<Relationships><Relationship Id='rId1' Target='worksheets/sheet1.xml'/></Relationships>"));
    parts.put("xl/sharedStrings.xml", utf8(shared + "</sst>"));
    parts.put("xl/worksheets/sheet1.xml", utf8(sheet + "</sheetData></worksheet>"));
    return zip(parts);
  }

  static byte[] zip(Map<String, byte[]> parts) {
    try (ByteArrayOutputStream out = new ByteArrayOutputStream()) {
      try (ZipOutputStream zip = new ZipOutputStream(out)) {
        for (Map.Entry<String, byte[]> part : parts.entrySet()) {
          zip.putNextEntry(new ZipEntry(part.getKey()));
          zip.write(part.getValue());
        }
      }
      return out.toByteArray();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
