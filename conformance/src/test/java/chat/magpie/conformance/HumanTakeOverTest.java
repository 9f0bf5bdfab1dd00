package chat.magpie.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import chat.magpie.conformance.client.Api;
import chat.magpie.conformance.client.SseReader;
import chat.magpie.conformance.client.SseReader.Event;
import chat.magpie.conformance.faults.Deployment.Relay;
import chat.magpie.conformance.faults.Deployment.Shape;
import chat.magpie.conformance.faults.Deployment.Sql;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// Three nodes: the customer at the first, the agent at the second, a reader at the third.
class HumanTakeOverTest extends HumanTakeOver {
  HumanTakeOverTest() {
    super(new Shape(Sql.POSTGRES, Relay.VOLATILE, 3));
  }

  @Test
  void anOwnerThatDoesNotAnswerIsNotWaitedFor() {
    JsonNode sent = customer.chat(Map.of("message", SLOW + "a story of a frozen node"));
    String conversation = sent.path("conversation_id").asText();
    Api elsewhere = Api.anonymous(deployment.node(2).process().uri("/"));
    try (SseReader reader =
        elsewhere.withToken(customer.token().orElseThrow()).stream(
            sent.path("stream_url").asText(), null)) {
      List<Event> events = new ArrayList<>(reader.next(10));
      deployment.pause(0);
      Api.Response taken = agent.post("/desk/conversations/" + conversation + "/take", Map.of());
      assertThat(taken.status()).as(taken.text()).isEqualTo(200);
      assertThat(taken.body().path("mode").asText()).isEqualTo("human");
      events.addAll(reader.rest());
      assertThat(events.getLast().json().path("status").asText()).isEqualTo("stopped");
      deployment.resume(0);
      JsonNode messages =
          agent.get("/conversations/" + conversation + "/messages").body().path("items");
      assertThat(messages.path(messages.size() - 1).path("content").asText())
          .isEqualTo(Api.fold(events));
    }
  }
}
