package chat.magpie.knowledge.internal;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// What kinds of documents can be read.
enum Format {
  MARKDOWN(List.of("md", "markdown"), List.of("text/markdown", "text/x-markdown")),
  TEXT(List.of("txt", "text"), List.of("text/plain")),
  HTML(List.of("html", "htm", "xhtml"), List.of("text/html", "application/xhtml+xml")),
  CSV(List.of("csv", "tsv"), List.of("text/csv", "text/tab-separated-values")),
  PDF(List.of("pdf"), List.of("application/pdf")),
  DOCX(
      List.of("docx"),
      List.of("application/vnd.openxmlformats-officedocument.wordprocessingml.document")),
  XLSX(
      List.of("xlsx"),
      List.of("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"));

  /// How many bytes from its beginning say what a file is.
  static final int HEAD = 8;

  private static final byte[] OLE = {(byte) 0xD0, (byte) 0xCF, 0x11, (byte) 0xE0};

  @SuppressWarnings("ImmutableEnumChecker") // List.of cannot be changed
  private final List<String> extensions;

  @SuppressWarnings("ImmutableEnumChecker") // List.of cannot be changed
  private final List<String> types;

  Format(List<String> extensions, List<String> types) {
    this.extensions = extensions;
    this.types = types;
  }

  /// Whether reading it takes a parser that is kept apart from the server.
  boolean apart() {
    return switch (this) {
      case MARKDOWN, TEXT, CSV -> false;
      case HTML, PDF, DOCX, XLSX -> true;
    };
  }

  /// By the extension of a file's name.
  static Optional<Format> named(String name) {
    int dot = name.lastIndexOf('.');
    String extension = dot < 0 ? "" : name.substring(dot + 1).toLowerCase(Locale.ROOT);
    return Arrays.stream(values()).filter(f -> f.extensions.contains(extension)).findFirst();
  }

  /// By a media type, whatever its parameters.
  static Optional<Format> typed(String mediaType) {
    int end = mediaType.indexOf(';');
    String type =
        (end < 0 ? mediaType : mediaType.substring(0, end)).strip().toLowerCase(Locale.ROOT);
    return Arrays.stream(values()).filter(f -> f.types.contains(type)).findFirst();
  }

  /// Refuses what begins as something else than it is said to be.
  void check(byte[] head) throws Unreadable {
    if (begins(head, OLE)) {
      throw new Unreadable(
          "It is a document of an old Office. Save it as .docx or .xlsx and try again.");
    }
    boolean pdf = begins(head, "%PDF".getBytes(StandardCharsets.US_ASCII));
    boolean packed = begins(head, new byte[] {'P', 'K', 3, 4});
    switch (this) {
      case PDF -> require(pdf, "a PDF");
      case DOCX -> require(packed, "a Word document");
      case XLSX -> require(packed, "an Excel workbook");
      case MARKDOWN, TEXT, HTML, CSV -> require(!pdf && !packed, "text");
    }
  }

  private void require(boolean fits, String what) throws Unreadable {
    if (!fits) {
      throw new Unreadable("By its name it is " + what + ", by its content it is not.");
    }
  }

  private static boolean begins(byte[] head, byte[] with) {
    return head.length >= with.length && Arrays.equals(head, 0, with.length, with, 0, with.length);
  }
}
