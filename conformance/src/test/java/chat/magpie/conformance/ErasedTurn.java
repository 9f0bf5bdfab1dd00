package chat.magpie.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.magpie.conformance.client.Api;
import chat.magpie.conformance.faults.Deployment;
import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/// A word that stands wherever a turn can leave one, and then nowhere.
///
/// @param here a user at one node
/// @param there the same user at the other
/// @param admin who may see everything of the tenant
record ErasedTurn(Api here, Api there, Api admin, Deployment deployment) {
  private static final String CHARACTER = "companion-en";
  private static final Duration SOON = Duration.ofSeconds(30);

  /// So many turns later it has left the window, and only a digest or recall brings it back.
  private static final int LATER = 26;

  private JsonNode say(Api user, String message) {
    JsonNode accepted = user.chat(Map.of("message", message, "character_id", CHARACTER));
    try (var reader = user.stream(accepted.path("stream_url").asText(), null)) {
      assertThat(reader.rest().getLast().name()).isEqualTo("done");
    }
    return accepted;
  }

  /// The prompt that a model gets for a message that does not have the word.
  private String prompt(Api user, String message) {
    String question = "[[text=Well.]] " + message + " " + UUID.randomUUID();
    say(user, question);
    return deployment.upstream().requests().stream()
        .filter(asked -> asked.question().contains(question))
        .map(asked -> asked.body().toString())
        .findFirst()
        .orElseThrow();
  }

  private static String text(Api.Response response) {
    assertThat(response.status()).as(response.text()).isBetween(200, 299);
    return response.text();
  }

  /// All keys of Redis with what they hold.
  private String redis() {
    return deployment
        .redis()
        .on(redis -> {
          StringBuilder all = new StringBuilder();
          for (String key : redis.keys("*")) {
            all.append(key).append(' ');
            switch (redis.type(key)) {
              case "string" -> all.append(redis.get(key));
              case "list" -> all.append(redis.lrange(key, 0, -1));
              case "hash" -> all.append(redis.hgetall(key));
              case "set" -> all.append(redis.smembers(key));
              case "zset" -> all.append(redis.zrange(key, 0, -1));
              case "stream" -> all.append(redis.xrange(key, io.lettuce.core.Range.unbounded()));
              case "none" -> {} // has run out meanwhile
              default -> throw new AssertionError(key + " is a " + redis.type(key));
            }
            all.append('\n');
          }
          return all.toString();
        });
  }

  private String logs() {
    return IntStream.range(0, deployment.nodes())
        .mapToObj(node -> deployment.node(node).process().output())
        .reduce("", String::concat);
  }

  /// Where it can be, by what it is called.
  private Map<String, Supplier<String>> places(JsonNode turn, String word) {
    String conversation = turn.path("conversation_id").asText();
    String reply = "/replies/" + turn.path("reply_id").asText();
    String memory = "/memory/" + here.userId();
    Map<String, Supplier<String>> places = new TreeMap<>();
    for (Map.Entry<String, Api> node : Map.of("here", here, "there", there).entrySet()) {
      Api user = node.getValue();
      Map<String, Supplier<String>> at =
          Map.of(
              "prompt by its words",
              () -> prompt(user, "What is it that I am allergic to?"),
              "prompt about something else",
              () -> prompt(user, "Tell me a joke"),
              "retrieve",
              () ->
                  text(
                      user.post(
                          memory + "/retrieve",
                          Map.of("question", "allergic", "character_id", CHARACTER))),
              "recalled",
              () ->
                  text(
                      user.get(
                          memory
                              + "?character_id="
                              + CHARACTER
                              + "&question=What+am+I+allergic+to")),
              "profile",
              () -> text(user.get("/profile/" + here.userId())),
              "messages",
              () -> text(user.get("/conversations/" + conversation + "/messages?limit=200")),
              "reply",
              () -> text(user.get(reply)),
              "events",
              () -> text(user.get("/sessions/" + conversation + "/events?cursor=0")));
      at.forEach((what, place) -> places.put(what + " " + node.getKey(), place));
    }
    places.put(
        "search",
        () -> {
          JsonNode found = Api.parse(text(admin.get("/sessions?q=" + word)));
          return found.path("items").isEmpty() ? "" : word;
        });
    places.put("database", deployment::everything);
    places.put("redis", this::redis);
    places.put("logs", this::logs);
    return places;
  }

  void isNowhere() {
    // Of letters, as names of food are.
    StringBuilder letters = new StringBuilder("kumquat");
    UUID.randomUUID()
        .toString()
        .substring(0, 8)
        .chars()
        .forEach(c -> letters.append((char) (c % 26 + 'a')));
    String word = letters.toString();
    JsonNode turn = say(here, "I'm allergic to " + word + ". [[text=So no " + word + " for you.]]");
    for (int i = 0; i < LATER; i++) {
      say(i % 2 == 0 ? here : there, "[[text=Noted.]] and so on");
    }
    await()
        .atMost(SOON)
        .untilAsserted(
            () -> assertThat(text(there.get("/profile/" + here.userId()))).contains(word));

    // What cannot hold it would prove nothing. Logs must not; the model's other prompt need not.
    Map<String, Supplier<String>> places = places(turn, word);
    places.forEach((place, text) -> {
      if (place.equals("logs")) {
        assertThat(text.get()).as(place).doesNotContain(word);
      } else if (!place.startsWith("prompt about something else")) {
        assertThat(text.get()).as(place).contains(word);
      }
    });

    String session = "/sessions/" + turn.path("conversation_id").asText();
    String cursor = Api.parse(text(here.get(session + "/snapshot"))).path("cursor").asText();
    assertThat(
            there
                .delete("/memory/" + here.userId() + "/turns/" + turn.path("message_id").asText())
                .status())
        .isEqualTo(200);
    JsonNode heard = Api.parse(text(here.get(session + "/events?wait=10s&cursor=" + cursor)));
    assertThat(heard.path("items").findValuesAsText("type"))
        .containsExactly("message.erased", "message.erased");

    places.forEach((place, text) -> assertThat(text.get()).as(place).doesNotContain(word));
  }
}
