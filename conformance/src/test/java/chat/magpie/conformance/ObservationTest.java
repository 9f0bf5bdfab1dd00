package chat.magpie.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.magpie.conformance.client.Api;
import chat.magpie.conformance.client.SseReader;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What an observer sees: live state, metrics, and the headers of every response.
class ObservationTest {
  private final Api anonymous = Api.anonymous(Shared.base());

  @Test
  @Tag("A-07")
  void theStatusCountsWhatIsLive() {
    Api guest = Shared.guest();
    JsonNode accepted = guest.chat(Map.of("message", "[[chunks=2000 interval=10]] long"));
    try (SseReader reader = guest.stream(accepted.path("stream_url").asText(), null)) {
      reader.next(2);
      JsonNode status = guest.get("/status").body();
      assertThat(status.path("state").asText()).isEqualTo("running");
      assertThat(status.path("nodes").asInt()).isEqualTo(1);
      assertThat(status.path("replies").path("running").asInt()).isPositive();
      assertThat(status.path("readers").asInt()).isPositive();
      assertThat(status.path("connections").asInt()).isPositive();
      assertThat(status.path("uptime_seconds").isNumber()).isTrue();
      guest.post("/chat/stop/" + guest.userId(), Map.of());
      reader.rest();
    }
    await().until(() -> guest.get("/status").body().path("readers").asInt() == 0);
  }

  @Test
  @Tag("A-07")
  @Tag("A-08")
  @Tag("C-15")
  @Tag("D-14")
  void metricsHaveTheirNames() {
    Api guest = Shared.guest();
    JsonNode accepted = guest.chat(Map.of("message", "[[chunks=2]] hi"));
    try (SseReader reader = guest.stream(accepted.path("stream_url").asText(), null)) {
      reader.rest();
    }
    Api.Response metrics =
        Api.send(anonymous.request("/metrics").header("Accept", "text/plain").GET().build());
    assertThat(metrics.status()).isEqualTo(200);
    assertThat(metrics.header("content-type")).startsWith("text/plain");
    assertThat(metrics.text())
        .contains("short_memory_operations_total{", "operation=\"get\"", "status=\"success\"")
        .contains("short_memory_latency_seconds_bucket{")
        .contains("short_memory_degradation_total{")
        .contains("short_memory_message_count")
        .contains("http_server_requests_seconds_count{")
        .contains("load_profile", "generate", "store_profile")
        .doesNotContain(guest.userId(), accepted.path("reply_id").asText());
    for (String le : new String[] {"0.001", "0.005", "0.01", "0.1", "0.5", "1.0"}) {
      assertThat(metrics.text())
          .containsPattern("short_memory_latency_seconds_bucket\\{[^}]*le=\"" + le + "\"");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/docs/", "/health", "/characters", "/nothing-here", "/openapi"})
  @Tag("C-16")
  void everyResponseProtectsTheBrowser(String path) {
    Api.Response response = anonymous.get(path);
    assertThat(response.header("x-content-type-options")).isEqualTo("nosniff");
    assertThat(response.header("x-frame-options")).isEqualTo("DENY");
    assertThat(response.header("referrer-policy")).isEqualTo("no-referrer");
    assertThat(response.header("content-security-policy"))
        .contains("default-src 'self'", "object-src 'none'", "frame-ancestors 'none'");
    assertThat(response.header("server")).isEmpty();
  }

  @Test
  @Tag("C-16")
  void everyResponseNamesItsRequest() {
    Api.Response one = anonymous.get("/health");
    Api.Response two = anonymous.get("/health");
    assertThat(one.header("x-request-id")).isNotEmpty().isNotEqualTo(two.header("x-request-id"));
    assertThat(withId("my-Request_1.2")).isEqualTo("my-Request_1.2");
    assertThat(withId("x".repeat(64))).isEqualTo("x".repeat(64));
    for (String bad : new String[] {"x".repeat(65), "with space", "<script>", "a;b"}) {
      assertThat(withId(bad)).isNotEmpty().isNotEqualTo(bad);
    }
    Api.Response refused =
        Api.send(anonymous.request("/characters").header("X-Request-Id", "trace-me").GET().build());
    assertThat(refused.status()).isEqualTo(401);
    assertThat(refused.body().path("request_id").asText()).isEqualTo("trace-me");
  }

  private String withId(String id) {
    return Api.send(anonymous.request("/health").header("X-Request-Id", id).GET().build())
        .header("x-request-id");
  }
}
