package chat.magpie.conformance;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.magpie.conformance.client.Api;
import chat.magpie.conformance.server.MagpieProcess;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Callers that go in the middle of a request.
@Tag("A-19")
class AbortedRequestTest {
  @Test
  void whoGoesInTheMiddleOfABodyIsNoErrorOfTheServer() throws Exception {
    Map<String, String> settings = new HashMap<>(Shared.NO_LIMITS);
    settings.put("MAGPIE_LOG_LEVEL", "debug");
    try (MagpieProcess server = MagpieProcess.start(settings)) {
      Api guest = Api.guest(server.uri("/"));
      String head =
          "POST /chat HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
              + "Content-Length: 1000\r\nExpect: 100-continue\r\nAuthorization: Bearer "
              + guest.token().orElseThrow()
              + "\r\n\r\n";
      try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
        socket.setSoTimeout(15_000);
        socket.getOutputStream().write(head.getBytes(ISO_8859_1));
        // The server asks for the body when it begins to read it.
        byte[] go = socket.getInputStream().readNBytes("HTTP/1.1 100".length());
        assertThat(new String(go, ISO_8859_1)).isEqualTo("HTTP/1.1 100");
        socket.getOutputStream().write("{\"message\": \"half of".getBytes(ISO_8859_1));
      }
      await()
          .atMost(Duration.ofSeconds(15))
          .until(() -> server.output().contains("POST /chat: the caller has gone"));
      assertThat(server.output().lines())
          .filteredOn(line -> line.contains(" ERROR ") || line.contains(" WARN "))
          .noneMatch(line -> line.contains("/chat"));
    }
  }
}
