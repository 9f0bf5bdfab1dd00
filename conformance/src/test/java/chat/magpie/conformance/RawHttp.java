package chat.magpie.conformance;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.util.Locale;

/// One exchange over a plain socket, for requests that a well-behaved client cannot send.
///
/// @param head the status line and headers in lower case; empty where the server closed the
///   connection without a word
record RawHttp(String head, String body) {
  private static final int PATIENCE_MILLIS = 15_000;

  /// Sends the parts one after the other, as far as the server takes them, and reads until it
  /// closes the connection.
  static RawHttp exchange(int port, byte[]... parts) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(PATIENCE_MILLIS);
      OutputStream out = socket.getOutputStream();
      try {
        for (byte[] part : parts) {
          out.write(part);
          out.flush();
        }
      } catch (IOException notWanted) {
        // What the server said before it closed is still to be read.
      }
      return parse(answer(socket.getInputStream()));
    }
  }

  /// As [#exchange(int, byte[]...)] for a request without a body.
  static RawHttp get(int port, String target, String... headers) throws IOException {
    StringBuilder head =
        new StringBuilder(
            "GET " + target + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n");
    for (String header : headers) {
      head.append(header).append("\r\n");
    }
    return exchange(port, head.append("\r\n").toString().getBytes(ISO_8859_1));
  }

  private static byte[] answer(InputStream in) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    byte[] buffer = new byte[8_192];
    try {
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        all.write(buffer, 0, n);
      }
    } catch (IOException reset) {
      // What came before counts.
    }
    return all.toByteArray();
  }

  private static RawHttp parse(byte[] answer) {
    String text = new String(answer, UTF_8);
    int end = text.indexOf("\r\n\r\n");
    return end < 0
        ? new RawHttp("", text)
        : new RawHttp(text.substring(0, end).toLowerCase(Locale.ROOT), text.substring(end + 4));
  }

  /// 0 where there was no answer.
  int status() {
    return head.isEmpty() ? 0 : Integer.parseInt(head.substring(9, 12));
  }
}
