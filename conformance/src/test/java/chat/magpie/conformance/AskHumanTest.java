package chat.magpie.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import chat.magpie.conformance.client.Api;
import chat.magpie.conformance.client.SseReader;
import chat.magpie.conformance.client.SseReader.Event;
import chat.magpie.conformance.server.MagpieProcess;
import chat.magpie.conformance.upstream.Asked;
import chat.magpie.conformance.upstream.Upstream;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// A model that calls a human by the action that it is offered.
@Tag("C-11")
class AskHumanTest {
  private static final Upstream upstream = Upstream.start(0);
  private static final Queue<Asked> asked = new ConcurrentLinkedQueue<>();
  private static final MagpieProcess server = start();
  private static final Api admin = Administrator.of(server);

  private static MagpieProcess start() {
    upstream.listen(asked::add);
    Map<String, String> environment = new HashMap<>(Shared.NO_LIMITS);
    environment.put("MAGPIE_LLM_PROVIDERS_MINE_BASE_URL", upstream.baseUrl());
    environment.put("MAGPIE_LLM_PROVIDERS_MINE_MODEL", "test-model");
    environment.put("MAGPIE_LLM_PROVIDERS_MINE_TOOLS", "true");
    environment.put("MAGPIE_LLM_TRIES", "1");
    return MagpieProcess.start(environment);
  }

  @AfterAll
  static void end() {
    server.close();
    upstream.close();
  }

  @Test
  void itIsOfferedWhereThereIsADeskAndCallsWithoutMagicWords() {
    Api guest = Api.guest(server.uri("/"));
    JsonNode early = guest.chat(Map.of("message", "[[mode=tool]] before there is a desk"));
    assertThat(told(guest, early).getLast().name()).isEqualTo("error");
    assertThat(asked).allSatisfy(one -> assertThat(one.body().has("tools")).isFalse());

    assertThat(admin.put("/desk/presence", Map.of("presence", "away")).status()).isEqualTo(200);
    JsonNode words = guest.chat(Map.of("message", "[[text=ask_human(): ask_human]] hello"));
    assertThat(told(guest, words).getLast().name()).isEqualTo("done");
    assertThat(mode(guest, words)).isEqualTo("bot");

    JsonNode calls = guest.chat(Map.of("message", "[[mode=tool]] help"));
    List<Event> events = told(guest, calls);
    assertThat(events.getLast().name()).isEqualTo("done");
    assertThat(Api.fold(events)).contains("asked a colleague");
    assertThat(mode(guest, calls)).isEqualTo("waiting");
    assertThat(admin.get("/desk/queue").body().at("/items/0/reason").asText())
        .isEqualTo("character");
  }

  private static List<Event> told(Api guest, JsonNode sent) {
    try (SseReader reader = guest.stream(sent.path("stream_url").asText(), null)) {
      return reader.rest();
    }
  }

  private static String mode(Api guest, JsonNode sent) {
    return guest
        .get("/conversations/" + sent.path("conversation_id").asText())
        .body()
        .path("mode")
        .asText();
  }
}
