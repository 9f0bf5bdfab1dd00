package chat.magpie.llm.internal;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/// A provider on a raw socket that writes exactly the bytes a test wants, in the pieces it wants.
final class ScriptedProvider implements AutoCloseable {
  /// What is done with one request; says whether the connection is kept for another.
  interface Script {
    boolean answer(Exchange exchange) throws Exception;
  }

  /// One request and the socket to answer on.
  record Exchange(String head, String body, Socket socket, OutputStream out) {
    Exchange write(String text) throws IOException {
      return write(text.getBytes(StandardCharsets.UTF_8));
    }

    Exchange write(byte[] bytes) throws IOException {
      out.write(bytes);
      out.flush();
      return this;
    }

    /// Begins an event stream that ends with the connection.
    Exchange begin() throws IOException {
      return head("Connection: close");
    }

    /// Begins an event stream with one more header.
    Exchange head(String header) throws IOException {
      return write("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n" + header + "\r\n\r\n");
    }

    /// Answers with a body of known length.
    Exchange respond(String statusAndHeaders, String text) throws IOException {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      write("HTTP/1.1 " + statusAndHeaders + "\r\nContent-Length: " + bytes.length + "\r\n\r\n");
      return write(bytes);
    }

    /// Waits until the client closes the connection.
    void awaitClose() throws IOException {
      socket.getInputStream().transferTo(OutputStream.nullOutputStream());
    }
  }

  private final ServerSocket server;
  private final Script script;
  private final AtomicInteger connections = new AtomicInteger();
  private final List<Exchange> exchanges = new CopyOnWriteArrayList<>();
  private final ConcurrentLinkedQueue<Socket> open = new ConcurrentLinkedQueue<>();

  ScriptedProvider(Script script) throws IOException {
    this.script = script;
    server = new ServerSocket(0, 2000, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::accept);
  }

  String baseUrl() {
    return "http://127.0.0.1:" + server.getLocalPort() + "/v1";
  }

  int connections() {
    return connections.get();
  }

  List<Exchange> exchanges() {
    return exchanges;
  }

  private void accept() {
    try {
      while (true) {
        Socket socket = server.accept();
        socket.setTcpNoDelay(true);
        connections.incrementAndGet();
        open.add(socket);
        Thread.ofVirtual().start(() -> serve(socket));
      }
    } catch (IOException e) {
      // The test is over.
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      InputStream in = new BufferedInputStream(socket.getInputStream());
      while (!socket.isClosed()) {
        String head = head(in);
        if (head.isEmpty()) {
          return;
        }
        byte[] body = in.readNBytes(contentLength(head));
        Exchange exchange =
            new Exchange(
                head, new String(body, StandardCharsets.UTF_8), socket, socket.getOutputStream());
        exchanges.add(exchange);
        if (!script.answer(exchange)) {
          return;
        }
      }
    } catch (Exception e) {
      // The client went away, which some tests want; what it saw is what they check.
    }
  }

  private static String head(InputStream in) throws IOException {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    int last4 = 0;
    for (int b = in.read(); b >= 0; b = in.read()) {
      head.write(b);
      last4 = last4 << 8 | b;
      if (last4 == 0x0D0A0D0A) {
        return head.toString(StandardCharsets.UTF_8);
      }
    }
    return "";
  }

  private static int contentLength(String head) {
    return head.lines()
        .filter(line -> line.toLowerCase(Locale.ROOT).startsWith("content-length:"))
        .mapToInt(line -> Integer.parseInt(line.substring(15).strip()))
        .findFirst()
        .orElse(0);
  }

  @Override
  public void close() throws IOException {
    server.close();
    for (Socket socket : open) {
      socket.close();
    }
  }
}
