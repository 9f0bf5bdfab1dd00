package chat.magpie.knowledge.internal;

import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.DataInputStream;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.LongBinaryOperator;
import org.jspecify.annotations.Nullable;

/// The process that takes the text out of documents, as the server sees it: started when it is
/// needed, given one document at a time, ended when it takes too long, and when nothing has come
/// for a while. It gets none of the server's environment, so none of its secrets.
final class ExtractorProcess implements AutoCloseable {
  private static final String GONE = "gone";
  private static final Duration IDLE = Duration.ofSeconds(10);
  private static final List<String> KEPT = List.of("LANG", "LC_ALL", "LC_CTYPE", "SystemRoot");

  private final Path scratch;
  private final int megabytes;
  private final Duration timeout;
  private @Nullable Child child;
  private long usedAt;
  private boolean closed;

  private record Child(Process process, BlockingQueue<String> answers) {}

  /// @param scratch where it may put files; made when needed
  /// @param megabytes its heap at most
  /// @param timeout for one document
  ExtractorProcess(Path scratch, int megabytes, Duration timeout) {
    this.scratch = scratch;
    this.megabytes = megabytes;
    this.timeout = timeout;
  }

  /// Reads a document; others wait for their turn meanwhile.
  ///
  /// @param progress is told what is done of how much; its result is ignored
  synchronized Extracted extract(
      Path file, Format format, Limits limits, LongBinaryOperator progress) throws Unreadable {
    if (closed) {
      throw new Unreadable("The server is being stopped.");
    }
    Path out = null;
    try {
      Files.createDirectories(scratch);
      out = Files.createTempFile(scratch, "text", ".out");
      Child working = working();
      send(working, ExtractorMain.order(format, limits, file.toAbsolutePath(), out));
      await(working, progress);
      try (DataInputStream in =
          new DataInputStream(new BufferedInputStream(Files.newInputStream(out)))) {
        return Extracted.read(in);
      }
    } catch (IOException e) {
      end();
      throw new Unreadable("It could not be read: " + e.getMessage() + ".", e);
    } finally {
      usedAt = System.nanoTime();
      delete(out);
    }
  }

  /// Removes what an end in the middle has left; to be called before anything is read.
  synchronized void clean() {
    if (child != null || !Files.isDirectory(scratch)) {
      return;
    }
    try (DirectoryStream<Path> files = Files.newDirectoryStream(scratch, Files::isRegularFile)) {
      files.forEach(ExtractorProcess::delete);
    } catch (IOException | DirectoryIteratorException e) {
      System.getLogger(ExtractorProcess.class.getName())
          .log(System.Logger.Level.WARNING, "Left-over scratch files stay: " + e);
    }
  }

  private void await(Child working, LongBinaryOperator progress) throws Unreadable {
    long deadline = System.nanoTime() + timeout.toNanos();
    while (true) {
      String answer;
      try {
        answer = working.answers().poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
      } catch (InterruptedException e) {
        end();
        Thread.currentThread().interrupt();
        throw new Unreadable("The server is being stopped.", e);
      }
      if (answer == null) {
        end();
        throw new Unreadable("Reading it took longer than " + timeout.toSeconds() + " seconds.");
      }
      if (answer.equals(ExtractorMain.DONE)) {
        return;
      }
      if (answer.startsWith(ExtractorMain.REFUSED)) {
        throw new Unreadable(
            ExtractorMain.decode(answer.substring(ExtractorMain.REFUSED.length())));
      }
      if (answer.equals(GONE)) {
        end();
        throw new Unreadable(
            "Reading it took more than " + megabytes + " MB of memory, or its reader broke off.");
      }
      if (answer.startsWith(ExtractorMain.PROGRESS)) {
        String[] words = answer.split(" ", -1);
        var _ = progress.applyAsLong(Long.parseLong(words[1]), Long.parseLong(words[2]));
      }
    }
  }

  private Child working() throws IOException {
    Child running = child;
    if (running != null && running.process().isAlive()) {
      return running;
    }
    Child started = start();
    child = started;
    return started;
  }

  private Child start() throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx" + megabytes + "m",
            "-Xss4m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-XX:+ExitOnOutOfMemoryError",
            "-Djava.awt.headless=true",
            "-Djava.io.tmpdir=" + scratch.toAbsolutePath(),
            "-Dpdfbox.fontcache=" + scratch.toAbsolutePath(),
            "-cp",
            classPath(),
            ExtractorMain.class.getName());
    Map<String, String> environment = builder.environment();
    environment.keySet().retainAll(KEPT);
    builder.redirectError(ProcessBuilder.Redirect.DISCARD);
    Process process = builder.start();
    BlockingQueue<String> answers = new LinkedBlockingQueue<>();
    Thread.ofVirtual().name("extractor-answers").start(() -> listen(process, answers));
    Thread.ofVirtual().name("extractor-idle").start(() -> watch(process));
    return new Child(process, answers);
  }

  private static void listen(Process process, BlockingQueue<String> answers) {
    try (BufferedReader in = process.inputReader(StandardCharsets.US_ASCII)) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        answers.add(line);
      }
    } catch (IOException e) {
      // as good as its end
    }
    answers.add(GONE);
  }

  private void watch(Process process) {
    try {
      while (!process.waitFor(IDLE.toMillis(), TimeUnit.MILLISECONDS)) {
        endIfIdle();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized void endIfIdle() {
    if (System.nanoTime() - usedAt > IDLE.toNanos()) {
      end();
    }
  }

  private static void send(Child working, String order) throws IOException {
    OutputStream in = working.process().getOutputStream();
    in.write((order + "\n").getBytes(StandardCharsets.US_ASCII));
    in.flush();
  }

  private void end() {
    Child running = child;
    if (running != null) {
      running.process().destroyForcibly();
    }
    child = null;
  }

  private static void delete(@Nullable Path file) {
    if (file != null) {
      try {
        Files.deleteIfExists(file);
      } catch (IOException e) {
        System.getLogger(ExtractorProcess.class.getName())
            .log(System.Logger.Level.DEBUG, "A scratch file stays", e);
      }
    }
  }

  /// Nothing but the parsers and this package.
  private static String classPath() throws IOException {
    Set<String> places = new LinkedHashSet<>();
    for (String name :
        List.of(
            "chat/magpie/knowledge/internal/ExtractorMain.class",
            "org/jsoup/Jsoup.class",
            "org/apache/pdfbox/Loader.class",
            "org/apache/pdfbox/io/IOUtils.class",
            "org/apache/fontbox/FontBoxFont.class",
            "org/apache/commons/logging/LogFactory.class",
            "org/jboss/logging/Logger.class")) {
      places.add(place(name));
    }
    return String.join(File.pathSeparator, new ArrayList<>(places));
  }

  /// The archive or folder that a class is in.
  private static String place(String name) throws IOException {
    URL url = ExtractorProcess.class.getClassLoader().getResource(name);
    if (url == null) {
      throw new IOException("the server lacks " + name);
    }
    String text = url.toString();
    String before = text.substring(0, text.length() - name.length());
    if (before.startsWith("jar:") && before.endsWith("!/")) {
      before = before.substring("jar:".length(), before.length() - "!/".length());
    }
    return Path.of(URI.create(before)).toString();
  }

  @Override
  public synchronized void close() {
    closed = true;
    end();
  }
}
