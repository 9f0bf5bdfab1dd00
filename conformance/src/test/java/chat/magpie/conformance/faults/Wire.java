package chat.magpie.conformance.faults;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import chat.magpie.conformance.client.Api;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// One HTTP exchange over a socket of its own: a client that shares nothing with another, notices
/// silence, and can go without a word. A link that fails is an [IOException].
public final class Wire implements AutoCloseable {
  private final Socket socket;
  private final InputStream in;
  private int status;
  private boolean chunked;
  private long length = -1;
  private long left;
  private boolean over;

  private Wire(Socket socket) throws IOException {
    this.socket = socket;
    this.in = new BufferedInputStream(socket.getInputStream());
  }

  /// What came back, whole.
  public record Answer(int status, String text) {
    public JsonNode json() {
      return Api.parse(text);
    }
  }

  /// Sends a request and reads the whole answer.
  ///
  /// @param silence how long nothing may come
  public static Answer exchange(
      int port,
      Duration silence,
      String method,
      String path,
      @Nullable String token,
      @Nullable String json)
      throws IOException {
    try (Wire wire = open(port, silence, method, path, token, null, json)) {
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      for (int next = wire.read(); next >= 0; next = wire.read()) {
        all.write(next);
      }
      return new Answer(wire.status, all.toString(UTF_8));
    }
  }

  /// Sends a request and reads the head of the answer.
  public static Wire open(
      int port,
      Duration silence,
      String method,
      String path,
      @Nullable String token,
      @Nullable String lastEventId,
      @Nullable String json)
      throws IOException {
    Socket socket = new Socket();
    try {
      socket.setTcpNoDelay(true);
      socket.setSoTimeout(Math.toIntExact(silence.toMillis()));
      socket.connect(
          new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
          Math.toIntExact(silence.toMillis()));
      byte[] body = json == null ? new byte[0] : json.getBytes(UTF_8);
      StringBuilder head = new StringBuilder(method).append(' ').append(path);
      head.append(" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n");
      head.append("Content-Length: ").append(body.length).append("\r\n");
      if (token != null) {
        head.append("Authorization: Bearer ").append(token).append("\r\n");
      }
      if (lastEventId != null) {
        head.append("Last-Event-ID: ").append(lastEventId).append("\r\n");
      }
      if (json != null) {
        head.append("Content-Type: application/json\r\n");
      }
      ByteArrayOutputStream request = new ByteArrayOutputStream();
      request.writeBytes(head.append("\r\n").toString().getBytes(ISO_8859_1));
      request.writeBytes(body);
      socket.getOutputStream().write(request.toByteArray());
      Wire wire = new Wire(socket);
      wire.readHead();
      return wire;
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  public int status() {
    return status;
  }

  /// The next line of the body without its end, or null where the body has ended.
  public @Nullable String line() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int next = read(); next >= 0; next = read()) {
      if (next == '\n') {
        return line.toString(UTF_8);
      }
      if (next != '\r') {
        line.write(next);
      }
    }
    return null;
  }

  /// Goes without a word: the connection is reset.
  public void cut() throws IOException {
    socket.setSoLinger(true, 0);
    socket.close();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }

  private void readHead() throws IOException {
    String first = headLine();
    if (!first.startsWith("HTTP/1.1 ")) {
      throw new IOException("no HTTP: " + first);
    }
    status = Integer.parseInt(first.substring(9, 12));
    for (String line = headLine(); !line.isEmpty(); line = headLine()) {
      String lower = line.toLowerCase(Locale.ROOT);
      if (lower.startsWith("transfer-encoding:") && lower.contains("chunked")) {
        chunked = true;
      } else if (lower.startsWith("content-length:")) {
        length = Long.parseLong(lower.substring(15).strip());
        left = length;
      }
    }
    over = status == 204 || (!chunked && length == 0);
  }

  private String headLine() throws IOException {
    StringBuilder line = new StringBuilder();
    while (true) {
      int next = in.read();
      if (next < 0) {
        throw new EOFException("the connection ended in the head");
      }
      if (next == '\n') {
        return line.toString();
      }
      if (next != '\r') {
        line.append((char) next);
      }
    }
  }

  private int read() throws IOException {
    if (over) {
      return -1;
    }
    if (chunked && left == 0) {
      left = Long.parseLong(headLine().strip(), 16);
      if (left == 0) {
        over = true;
        return -1;
      }
    }
    int next = in.read();
    if (next < 0) {
      if (chunked || length >= 0) {
        throw new EOFException("the connection ended in the body");
      }
      over = true;
      return -1;
    }
    if (chunked || length >= 0) {
      left--;
      if (left == 0 && chunked) {
        headLine();
      } else if (left == 0) {
        over = true;
      }
    }
    return next;
  }
}
