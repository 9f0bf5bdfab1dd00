package chat.magpie.knowledge.internal;

import chat.magpie.knowledge.KnowledgeConfig;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.LongBinaryOperator;

/// Takes the text out of documents, within limits: plain ones here, others in a process of their
/// own.
public final class Extraction implements AutoCloseable {
  private final ExtractorProcess process;
  private final Limits limits;

  /// @param scratch a folder for what is needed meanwhile
  public Extraction(KnowledgeConfig config, Path scratch) {
    this.process =
        new ExtractorProcess(scratch, config.extractMegabytes(), config.extractTimeout());
    this.limits =
        new Limits(config.maxUnpackedBytes(), config.maxPages(), config.maxTextCharacters());
  }

  /// Removes what an end in the middle has left.
  void clean() {
    process.clean();
  }

  /// What the document says.
  Extracted of(Path file, Format format, LongBinaryOperator progress) throws Unreadable {
    try {
      byte[] head;
      try (InputStream in = Files.newInputStream(file)) {
        head = in.readNBytes(Format.HEAD);
      }
      format.check(head);
      return format.apart()
          ? process.extract(file, format, limits, progress)
          : plain(Files.readAllBytes(file), format);
    } catch (NoSuchFileException e) {
      throw new Unreadable("It is gone.", e);
    } catch (IOException e) {
      throw new Unreadable("It cannot be read.", e);
    }
  }

  private Extracted plain(byte[] bytes, Format format) throws Unreadable {
    String text =
        switch (TextFile.guessed(bytes)) {
          case TextFile.Text good -> good.text();
          case TextFile.Unusable bad ->
              throw new Unreadable("Its text cannot be read: " + bad.reason() + ".");
        };
    if (text.length() > limits.characters()) {
      throw limits.tooMuchText();
    }
    if (format == Format.CSV) {
      Sheet sheet = new Sheet(limits);
      sheet.add("", CsvRows.of(text));
      return sheet.extracted();
    }
    if (text.isBlank()) {
      throw new Unreadable("It holds no text.");
    }
    return new Extracted("", text);
  }

  /// In pieces for the index.
  ///
  /// @param name what the document is called where it does not say it itself
  static Splitter.Split split(Extracted extracted, String name, boolean markdown) {
    String called = extracted.heading().isEmpty() ? name : extracted.heading();
    if (extracted.entries().isEmpty()) {
      return Splitter.split(extracted.text(), called, markdown);
    }
    List<Splitter.Piece> pieces =
        extracted.entries().stream()
            .map(entry ->
                new Splitter.Piece(entry.questions().getFirst(), entry.answer(), entry.questions()))
            .toList();
    return new Splitter.Split(called, pieces);
  }

  @Override
  public void close() {
    process.close();
  }
}
