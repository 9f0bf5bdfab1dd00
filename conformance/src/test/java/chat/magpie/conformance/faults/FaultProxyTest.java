package chat.magpie.conformance.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// The proxy between a client and an echo.
@Tag("A-19")
class FaultProxyTest {
  private final Echo echo = new Echo();
  private final FaultProxy proxy = FaultProxy.to(echo.port());

  @AfterEach
  void end() {
    proxy.close();
    echo.close();
  }

  private Socket connect() throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), proxy.port());
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(5_000);
    return socket;
  }

  private static byte[] exchange(Socket socket, byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
    return socket.getInputStream().readNBytes(bytes.length);
  }

  @Test
  void passesOnWhatItGetsUntilItIsTold() throws IOException {
    byte[] bytes = new byte[100_000];
    new java.util.Random(1).nextBytes(bytes);
    try (Socket socket = connect()) {
      Thread.ofVirtual().start(() -> write(socket, bytes));
      assertThat(socket.getInputStream().readNBytes(bytes.length)).isEqualTo(bytes);
      socket.shutdownOutput();
      assertThat(socket.getInputStream().read()).isEqualTo(-1);
    }
    assertThat(proxy.counts()).isEqualTo(new FaultProxy.Counts(1, 0, 0, 0, 0, 0));
  }

  private static void write(Socket socket, byte[] bytes) {
    try {
      socket.getOutputStream().write(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void delaysAndSlices() throws IOException {
    try (Socket socket = connect()) {
      exchange(socket, new byte[] {1});
      proxy.delay(Duration.ofMillis(50));
      proxy.slice(1);
      long before = System.nanoTime();
      assertThat(exchange(socket, "鹊桥".getBytes(java.nio.charset.StandardCharsets.UTF_8)))
          .isEqualTo("鹊桥".getBytes(java.nio.charset.StandardCharsets.UTF_8));
      assertThat(System.nanoTime() - before).isGreaterThan(Duration.ofMillis(100).toNanos());
    }
    assertThat(proxy.counts().delayed()).isGreaterThanOrEqualTo(2);
    assertThat(proxy.counts().sliced()).isGreaterThanOrEqualTo(1);
  }

  @Test
  void cutsWhereItIsTold() throws IOException {
    try (Socket socket = connect()) {
      exchange(socket, new byte[] {1});
      proxy.cut();
      assertThatThrownBy(() -> socket.getInputStream().read())
          .isInstanceOf(IOException.class)
          .isNotInstanceOf(SocketTimeoutException.class);
    }
    proxy.cutAfter(10);
    try (Socket socket = connect()) {
      socket.getOutputStream().write(new byte[30]);
      int read = 0;
      InputStream in = socket.getInputStream();
      try {
        while (in.read() >= 0) {
          read++;
        }
      } catch (SocketTimeoutException e) {
        throw e;
      } catch (IOException reset) {
        assertThat(read).isLessThanOrEqualTo(10);
      }
    }
    assertThat(proxy.counts().cuts()).isEqualTo(2);
    proxy.restore();
    try (Socket socket = connect()) {
      assertThat(exchange(socket, new byte[100])).hasSize(100);
    }
  }

  @Test
  void swallowsOneWayAndResetsWhatIsTorn() throws IOException {
    try (Socket socket = connect()) {
      exchange(socket, new byte[] {1});
      proxy.blackHole(FaultProxy.Way.BACK);
      socket.getOutputStream().write(new byte[7]);
      await().atMost(Duration.ofSeconds(5)).until(() -> proxy.counts().swallowed() == 7);
      assertThat(echo.bytes()).isEqualTo(8);
      proxy.restore();
      assertThatThrownBy(() -> socket.getInputStream().read())
          .isInstanceOf(IOException.class)
          .isNotInstanceOf(SocketTimeoutException.class);
    }
    proxy.blackHole(FaultProxy.Way.THERE);
    try (Socket socket = connect()) {
      socket.getOutputStream().write(new byte[7]);
      await().atMost(Duration.ofSeconds(5)).until(() -> proxy.counts().swallowed() == 14);
      assertThat(echo.bytes()).isEqualTo(8);
    }
  }

  @Test
  void isGoneWhileItIsDown() throws IOException {
    proxy.takeDown();
    try (Socket socket = connect()) {
      assertThatThrownBy(
              () -> {
                if (socket.getInputStream().read() < 0) {
                  throw new IOException("closed");
                }
              })
          .isInstanceOf(IOException.class)
          .isNotInstanceOf(SocketTimeoutException.class);
    }
    assertThat(proxy.counts().refused()).isEqualTo(1);
    proxy.restore();
    try (Socket socket = connect()) {
      assertThat(exchange(socket, new byte[] {5})).containsExactly(5);
    }
  }

  /// Gives back what it gets.
  private static final class Echo implements AutoCloseable {
    private final ServerSocket server;
    private final java.util.concurrent.atomic.AtomicLong bytes =
        new java.util.concurrent.atomic.AtomicLong();

    Echo() {
      try {
        server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      Thread.ofVirtual().start(this::accept);
    }

    int port() {
      return server.getLocalPort();
    }

    long bytes() {
      return bytes.get();
    }

    private void accept() {
      try {
        while (true) {
          Socket socket = server.accept();
          Thread.ofVirtual().start(() -> echo(socket));
        }
      } catch (IOException closed) {
        return;
      }
    }

    private void echo(Socket socket) {
      byte[] buffer = new byte[8_192];
      try (socket) {
        for (int read = socket.getInputStream().read(buffer);
            read >= 0;
            read = socket.getInputStream().read(buffer)) {
          bytes.addAndGet(read);
          socket.getOutputStream().write(buffer, 0, read);
        }
      } catch (IOException gone) {
        return;
      }
    }

    @Override
    public void close() {
      try {
        server.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
