package chat.magpie.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.magpie.conformance.client.Api;
import chat.magpie.conformance.upstream.Upstream;
import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;

/// What a companion remembers of long ago, as seen from outside.
///
/// @param here a user at one node
/// @param there the same user at another node, where there is one
/// @param admin who may act for others
/// @param model what the nodes ask
record LongMemory(Api here, Api there, Api admin, Upstream model) {
  private static final String CHARACTER = "companion-en";

  private String path(String rest) {
    return "/memory/" + here.userId() + rest;
  }

  static JsonNode ok(Api.Response response) {
    assertThat(response.status()).as(response.text()).isEqualTo(200);
    return response.body();
  }

  private static void refused(Api.Response response, int status, String code) {
    assertThat(response.status()).as(response.text()).isEqualTo(status);
    assertThat(response.body().path("code").asText()).as(response.text()).isEqualTo(code);
  }

  private static Map<String, Object> turn(String id, Instant at, String text) {
    return Map.of("id", id, "speaker", "user", "at", at.toString(), "text", text);
  }

  private static Map<String, Object> body(List<Map<String, Object>> turns) {
    return Map.of(
        "character_id", CHARACTER, "sessions", List.of(Map.of("id", "old", "turns", turns)));
  }

  private Api.Response retrieve(Api user, String question) {
    return user.post(path("/retrieve"), Map.of("question", question, "character_id", CHARACTER));
  }

  /// The whole prompt that the model gets for a message; its answer repeats nothing of it.
  private String prompt(Api user, String message) {
    String question = "[[text=Well.]] " + message + " " + UUID.randomUUID();
    JsonNode accepted = user.chat(Map.of("message", question, "character_id", CHARACTER));
    try (var reader = user.stream(accepted.path("stream_url").asText(), null)) {
      assertThat(reader.rest().getLast().name()).isEqualTo("done");
    }
    return model.requests().stream()
        .filter(asked -> asked.question().contains(question))
        .map(asked -> asked.body().toString())
        .findFirst()
        .orElseThrow();
  }

  void aPreferenceFromThreeHundredTurnsAgoIsRecalledUntilItIsErased() {
    String dish = "gooseberry" + UUID.randomUUID().toString().substring(0, 8);
    Instant longAgo = Instant.now().minusSeconds(86_400L * 90);
    List<Map<String, Object>> turns = new ArrayList<>();
    turns.add(turn("first", longAgo, "For breakfast I like " + dish + " jam best of all"));
    for (int i = 1; i <= 300; i++) {
      turns.add(turn("t" + i, longAgo.plusSeconds(60L * i), "Number " + i + " of the small talk"));
    }
    JsonNode imported = ok(admin.post(path("/turns"), body(turns)));
    assertThat(imported.path("imported").asInt()).isEqualTo(301);
    JsonNode again = ok(admin.post(path("/turns"), body(turns)));
    assertThat(again.path("imported").asInt()).isZero();
    assertThat(again.path("skipped").asInt()).isEqualTo(301);

    String question = "Which jam do I like for breakfast?";
    assertThat(prompt(there, question))
        .contains(dish)
        .doesNotContain("Number 20 of the small talk", "Number 300 of the small talk");
    JsonNode best = ok(retrieve(here, question)).path("turns").path(0);
    assertThat(best.path("id").asText()).isEqualTo("first");
    assertThat(best.path("at").asText()).startsWith(longAgo.toString().substring(0, 19));

    JsonNode erased = ok(here.delete(path("/turns/first")));
    assertThat(erased.path("message_ids")).hasSize(1);

    for (Api user : List.of(here, there)) {
      assertThat(retrieve(user, question).text()).doesNotContain(dish);
      assertThat(prompt(user, question)).doesNotContain(dish);
    }
    assertThat(ok(admin.post(path("/turns"), body(turns))).path("imported").asInt()).isZero();
    assertThat(ok(here.delete(path("/turns/first"))).path("message_ids")).hasSize(1);
    ok(there.post("/profile/" + here.userId() + "/reset", Map.of()));
    for (Api user : List.of(here, there)) {
      assertThat(ok(retrieve(user, "Number 7 of the small talk")).path("turns")).isEmpty();
    }
    assertThat(
            here.get(
                    "/conversations/"
                        + best.path("conversation_id").asText()
                        + "/messages?limit=200")
                .text())
        .doesNotContain(dish);
  }

  void whatWasSaidInTheConversationIsErasedWithItsAnswer() {
    String word = "heliotrope" + UUID.randomUUID().toString().substring(0, 8);
    JsonNode accepted =
        here.chat(
            Map.of(
                "message",
                "[[text=So you like " + word + "]] I like " + word,
                "character_id",
                CHARACTER));
    try (var reader = here.stream(accepted.path("stream_url").asText(), null)) {
      assertThat(reader.rest().getLast().name()).isEqualTo("done");
    }
    String message = accepted.path("message_id").asText();
    String conversation = accepted.path("conversation_id").asText();

    assertThat(ok(there.delete(path("/turns/" + message))).path("message_ids")).hasSize(2);

    for (Api user : List.of(here, there)) {
      assertThat(user.get("/conversations/" + conversation + "/messages").text())
          .doesNotContain(word)
          .contains(message);
      assertThat(user.get("/replies/" + accepted.path("reply_id").asText()).text())
          .doesNotContain(word);
      assertThat(user.get(path("?character_id=" + CHARACTER)).text()).doesNotContain(word);
      assertThat(prompt(user, "What did I say?")).doesNotContain(word);
    }
  }

  void whatAPromptForAQuestionWouldRecallIsShown() {
    Instant then = Instant.now().minusSeconds(86_400);
    String jam = "For breakfast I like gooseberry jam best of all";
    Instant before = then.minusSeconds(86_400);
    ok(admin.post(path("/turns"), body(List.of(turn("jam", then, jam)))));
    ok(
        admin.post(
            path("/turns"),
            Map.of(
                "character_id",
                CHARACTER,
                "sessions",
                List.of(Map.of("id", "older", "turns", List.of(turn("hm", before, "Hm, hm")))))));
    String memory = path("?character_id=" + CHARACTER);
    assertThat(ok(here.get(memory)).has("recalled")).isFalse();
    for (Api user : List.of(here, there)) {
      JsonNode asked = ok(user.get(memory + "&question=Which+jam+do+I+like%3F"));
      assertThat(asked.path("recalled").findValuesAsText("text")).containsExactly(jam);
      assertThat(asked.path("messages")).isEmpty();
      assertThat(ok(user.get(memory + "&question=And+you%3F")).path("recalled")).isEmpty();
    }
    refused(here.get(memory + "&question=" + "x".repeat(4_001)), 400, "invalid_field");

    // What the window holds is not recalled as well.
    String said = "My jam of today is apricot " + UUID.randomUUID();
    prompt(here, said);
    JsonNode later = ok(here.get(memory + "&question=Which+jam%3F"));
    assertThat(later.path("messages").toString()).contains(said);
    assertThat(later.path("recalled").findValuesAsText("text")).containsExactly(jam);
  }

  void importsThatAreNotGoodStoreNothing() throws InterruptedException {
    Instant then = Instant.now().minusSeconds(3600);
    refused(here.post(path("/turns"), body(List.of(turn("x", then, "x")))), 403, "forbidden");
    List<Map<String, Object>> many =
        IntStream.rangeClosed(0, 1000).mapToObj(i -> turn("m" + i, then, "many")).toList();
    refused(admin.post(path("/turns"), body(many)), 400, "invalid_field");
    for (Map<String, Object> bad :
        List.of(
            turn("f", Instant.now().plusSeconds(86_400), "tomorrow"),
            turn("o", Instant.parse("1969-12-31T23:59:59Z"), "too old"),
            turn("b", then, " "),
            turn("h", then, "x".repeat(16_001)),
            turn("i".repeat(129), then, "id"),
            Map.<String, Object>of("id", "s", "speaker", "dog", "at", then.toString(), "text", "x"),
            Map.<String, Object>of("id", "a", "speaker", "user", "at", "yesterday", "text", "x"),
            Map.<String, Object>of("id", "n", "speaker", "user", "at", then.toString()))) {
      refused(
          admin.post(path("/turns"), body(List.of(turn("good", then, "good"), bad))),
          400,
          "invalid_field");
    }
    Map<String, Object> nowhere = new HashMap<>(body(List.of(turn("good", then, "good"))));
    nowhere.put("zone", "Mars/Olympus");
    refused(admin.post(path("/turns"), nowhere), 400, "invalid_field");
    nowhere.remove("zone");
    nowhere.put("character_id", "nobody-there");
    refused(admin.post(path("/turns"), nowhere), 404, "not_found");
    assertThat(here.get("/conversations").body().path("items")).isEmpty();
    assertThat(ok(retrieve(here, "good")).path("turns")).isEmpty();
    refused(here.delete(path("/turns/" + UUID.randomUUID())), 404, "not_found");
    refused(retrieve(here, " "), 400, "invalid_field");
    refused(
        here.post(path("/retrieve"), Map.of("question", "x", "limit", 501)), 400, "invalid_field");

    atTheSameTime(then);
  }

  private void atTheSameTime(Instant then) throws InterruptedException {
    List<Map<String, Object>> turns =
        IntStream.range(0, 50)
            .mapToObj(i -> turn("c" + i, then.plusSeconds(i), "Said once " + i))
            .toList();
    int imported = 0;
    try (var threads = Executors.newFixedThreadPool(4)) {
      List<Callable<Integer>> calls =
          IntStream.range(0, 4)
              .<Callable<Integer>>mapToObj(
                  _ -> () -> ok(admin.post(path("/turns"), body(turns))).path("imported").asInt())
              .toList();
      for (Future<Integer> done : threads.invokeAll(calls)) {
        imported += done.get();
      }
    } catch (ExecutionException e) {
      throw new AssertionError(e.getCause());
    }
    assertThat(imported).isEqualTo(50);
    assertThat(here.get("/conversations").body().path("items")).hasSize(1);
  }

  /// @param kill kills the node that `there` is at
  void anImportThatIsCutShortIsFinishedByTheSameCall(Runnable kill) throws InterruptedException {
    Instant then = Instant.now().minusSeconds(86_400);
    List<Map<String, Object>> sessions = new ArrayList<>();
    for (int s = 0; s < 50; s++) {
      List<Map<String, Object>> turns = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        turns.add(turn("s" + s + "t" + i, then.plusSeconds(60L * s + i), "Line " + i));
      }
      sessions.add(Map.of("id", "s" + s, "turns", turns));
    }
    Map<String, Object> all = Map.of("character_id", CHARACTER, "sessions", sessions);
    Api elsewhere = there.withToken(admin.token().orElseThrow());
    Thread cut =
        Thread.ofVirtual()
            .start(() -> {
              try {
                Api.Response response = elsewhere.post(path("/turns"), all);
                assertThat(response.status()).isEqualTo(200);
              } catch (RuntimeException gone) {
                assertThat(gone).isNotNull(); // it may have come to its end before, or not
              }
            });
    // As soon as something of it is stored.
    await()
        .atMost(Duration.ofSeconds(40))
        .pollInterval(Duration.ofMillis(5))
        .until(() -> !here.get("/conversations").body().path("items").isEmpty());
    kill.run();
    cut.join(Duration.ofSeconds(60));

    JsonNode rest = ok(admin.post(path("/turns"), all));
    assertThat(rest.path("imported").asInt() + rest.path("skipped").asInt()).isEqualTo(1_000);
    assertThat(ok(admin.post(path("/turns"), all)).path("imported").asInt()).isZero();
    List<JsonNode> conversations = new ArrayList<>();
    ok(here.get("/conversations?limit=200")).path("items").forEach(conversations::add);
    assertThat(conversations).hasSize(50);
    for (JsonNode conversation : conversations) {
      assertThat(Records.messages(here, conversation.path("id").asText()))
          .extracting(message -> message.path("content").asText())
          .containsExactlyElementsOf(IntStream.range(0, 20).mapToObj(i -> "Line " + i).toList());
    }
  }
}
