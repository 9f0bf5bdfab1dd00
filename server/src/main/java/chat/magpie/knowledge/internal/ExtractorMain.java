package chat.magpie.knowledge.internal;

import java.io.BufferedOutputStream;
import java.io.BufferedReader;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/// A process of its own that takes the text out of documents, so that one that a parser chokes on
/// costs the server nothing. Takes orders from its standard input, a line each, and answers each by
/// a line; it ends when its input does, whatever it is at.
public final class ExtractorMain {
  static final String DONE = "done";
  static final String REFUSED = "refused ";
  static final String PROGRESS = "progress ";

  private static final long BETWEEN_WORDS = 200_000_000;

  private final PrintStream answers;
  private long toldAt;

  private ExtractorMain(PrintStream answers) {
    this.answers = answers;
  }

  /// Works until the input ends.
  public static void main(String[] arguments) throws InterruptedException {
    PrintStream answers = System.out;
    System.setOut(System.err);
    BlockingQueue<String> orders = new LinkedBlockingQueue<>();
    Thread.ofPlatform().daemon().start(() -> listen(orders));
    ExtractorMain extractor = new ExtractorMain(answers);
    while (true) {
      extractor.obey(orders.take());
    }
  }

  private static void listen(BlockingQueue<String> orders) {
    try (BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII))) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        orders.add(line);
      }
    } catch (IOException e) {
      // the server is gone
    }
    Runtime.getRuntime().halt(0);
  }

  private void obey(String order) {
    String[] words = order.split(" ", -1);
    Limits limits =
        new Limits(
            Long.parseLong(words[1]), Integer.parseInt(words[2]), Integer.parseInt(words[3]));
    try {
      Extracted extracted = extract(Format.valueOf(words[0]), path(words[4]), limits);
      try (DataOutputStream out =
          new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(path(words[5]))))) {
        extracted.write(out);
      }
      answer(DONE);
    } catch (Unreadable e) {
      answer(REFUSED + encode(String.valueOf(e.getMessage())));
    } catch (IOException | RuntimeException | StackOverflowError e) {
      answer(REFUSED + encode("It cannot be read (" + e.getClass().getSimpleName() + ")."));
    }
  }

  private Extracted extract(Format format, Path file, Limits limits) throws Unreadable {
    return switch (format) {
      case HTML -> HtmlText.of(file, limits);
      case PDF -> PdfText.of(file, limits, this::tell);
      case DOCX -> DocxText.of(file, limits);
      case XLSX -> XlsxRows.of(file, limits);
      case MARKDOWN, TEXT, CSV -> throw new IllegalArgumentException("read by the server itself");
    };
  }

  private void tell(int done, int total) {
    if (System.nanoTime() - toldAt > BETWEEN_WORDS) {
      toldAt = System.nanoTime();
      answer(PROGRESS + done + " " + total);
    }
  }

  private void answer(String line) {
    answers.print(line + "\n");
    answers.flush();
  }

  static String order(Format format, Limits limits, Path file, Path out) {
    return String.join(
        " ",
        format.name(),
        Long.toString(limits.unpacked()),
        Integer.toString(limits.pages()),
        Integer.toString(limits.characters()),
        encode(file.toString()),
        encode(out.toString()));
  }

  static String encode(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  static String decode(String text) {
    return new String(Base64.getDecoder().decode(text), StandardCharsets.UTF_8);
  }

  private static Path path(String encoded) {
    return Path.of(decode(encoded));
  }
}
