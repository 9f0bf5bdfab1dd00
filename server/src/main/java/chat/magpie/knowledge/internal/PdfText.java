package chat.magpie.knowledge.internal;

import java.io.IOException;
import java.nio.file.Path;
import java.util.function.BiConsumer;
import org.apache.pdfbox.Loader;
import org.apache.pdfbox.io.IOUtils;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.pdmodel.encryption.InvalidPasswordException;
import org.apache.pdfbox.text.PDFTextStripper;

/// Reads the text of a PDF page by page; each page is a section, so that an answer names it.
final class PdfText {
  private PdfText() {}

  /// @param progress is told how many pages of how many are done
  static Extracted of(Path file, Limits limits, BiConsumer<Integer, Integer> progress)
      throws Unreadable {
    try (PDDocument document =
        Loader.loadPDF(file.toFile(), IOUtils.createTempFileOnlyStreamCache())) {
      int pages = document.getNumberOfPages();
      if (pages > limits.pages()) {
        throw new Unreadable(
            "It has " + pages + " pages; at most " + limits.pages() + " are read. Split it.");
      }
      if (!document.getCurrentAccessPermission().canExtractContent()) {
        throw new Unreadable("Its author does not allow that its text is taken out.");
      }
      PDFTextStripper stripper = new PDFTextStripper();
      stripper.setSortByPosition(true);
      StringBuilder text = new StringBuilder();
      for (int page = 1; page <= pages; page++) {
        stripper.setStartPage(page);
        stripper.setEndPage(page);
        append(text, page, stripper.getText(document), limits);
        progress.accept(page, pages);
      }
      if (text.isEmpty()) {
        throw new Unreadable("It holds no text, only images. Scans have to be recognised first.");
      }
      String title = document.getDocumentInformation().getTitle();
      return new Extracted(
          title == null ? "" : Escapes.storable(title.strip()), Escapes.storable(text.toString()));
    } catch (InvalidPasswordException e) {
      throw new Unreadable("It is protected with a password.", e);
    } catch (IOException | RuntimeException e) {
      throw new Unreadable("The PDF is damaged and cannot be read.", e);
    }
  }

  private static void append(StringBuilder text, int page, String said, Limits limits)
      throws Unreadable {
    if (said.isBlank()) {
      return;
    }
    if (text.length() + said.length() > limits.characters()) {
      throw limits.tooMuchText();
    }
    text.append(text.isEmpty() ? "" : "\n").append("## p. ").append(page).append("\n\n");
    said.strip()
        .lines()
        .forEach(line -> text.append(Escapes.line(line.stripTrailing())).append('\n'));
  }
}
