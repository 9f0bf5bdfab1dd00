package chat.magpie.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import chat.magpie.conformance.client.Api;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/// What is stored, as the API shows it.
final class Records {
  private Records() {}

  /// All messages of a conversation, oldest first.
  static List<JsonNode> messages(Api api, String conversationId) {
    List<JsonNode> messages = new ArrayList<>();
    String query = "?limit=100";
    while (true) {
      Api.Response page = api.get("/conversations/" + conversationId + "/messages" + query);
      assertThat(page.status()).as(page.text()).isEqualTo(200);
      page.body().path("items").forEach(messages::add);
      if (page.body().path("next_cursor").isNull()) {
        return messages;
      }
      query = "?limit=100&cursor=" + page.body().path("next_cursor").asText();
    }
  }

  /// The stored answer to the reply.
  static JsonNode answer(Api api, JsonNode accepted) {
    return reply(api, accepted).path("message");
  }

  static JsonNode reply(Api api, JsonNode accepted) {
    Api.Response reply = api.get("/replies/" + accepted.path("reply_id").asText());
    assertThat(reply.status()).as(reply.text()).isEqualTo(200);
    return reply.body();
  }
}
