package chat.magpie.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.magpie.conformance.client.Api;
import chat.magpie.conformance.client.SseReader;
import chat.magpie.conformance.faults.Deployment;
import chat.magpie.conformance.faults.Deployment.Relay;
import chat.magpie.conformance.faults.Deployment.Shape;
import chat.magpie.conformance.faults.Deployment.Sql;
import chat.magpie.conformance.upstream.Asked;
import chat.magpie.conformance.upstream.Behaviour;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lettuce.core.Range;
import io.lettuce.core.api.sync.RedisCommands;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInstance;

/// Two nodes on which people talk and are learnt from, and what tests of that ask them.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class ProfileTalk {
  private static final ObjectMapper JSON = new ObjectMapper();
  final Deployment deployment;
  Api admin = Api.anonymous(URI.create("http://127.0.0.1/"));
  Api here = admin;
  Api there = admin;

  ProfileTalk() {
    Map<String, String> settings = new HashMap<>(Shared.NO_LIMITS);
    settings.put("MAGPIE_PROFILE_DELAY", "500ms");
    settings.put("MAGPIE_PROFILE_LEARNER", "model");
    deployment = Deployment.start(new Shape(Sql.POSTGRES, Relay.VOLATILE, 2), settings);
  }

  @BeforeAll
  void administrator() {
    admin = Administrator.of(deployment);
  }

  @AfterAll
  void end() {
    deployment.close();
  }

  @BeforeEach
  void people() {
    deployment.upstream().behave(Behaviour.DEFAULT.text("I see.").chunks(2).interval(1));
    here = Api.guest(at(0));
    there = asThere(here);
  }

  URI at(int node) {
    return deployment.node(node).process().uri("/");
  }

  Api asThere(Api who) {
    return Api.anonymous(at(1)).withToken(who.token().orElseThrow());
  }

  static ConditionFactory soon() {
    return await().atMost(Duration.ofSeconds(60)).pollInterval(Duration.ofMillis(100));
  }

  static JsonNode ok(Api.Response response) {
    assertThat(response.status()).as(response.text()).isBetween(200, 299);
    return response.body();
  }

  static byte[] bytes(Object body) {
    try {
      return JSON.writeValueAsBytes(body);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  static JsonNode say(Api who, String text) {
    JsonNode sent = who.chat(Map.of("message", text, "character_id", "companion-en"));
    try (SseReader reader = who.stream(sent.path("stream_url").asText(), null)) {
      assertThat(reader.rest().getLast().name()).isEqualTo("done");
    }
    return sent;
  }

  static JsonNode profile(Api who, Api of) {
    return ok(who.get("/profile/" + of.userId()));
  }

  static List<String> holding(JsonNode profile) {
    List<String> held = new ArrayList<>();
    for (JsonNode fact : profile.path("facts")) {
      if (fact.path("valid_to").isNull()) {
        held.add(fact.path("slot").asText() + " " + fact.path("value").asText());
      }
    }
    return held;
  }

  void learnt(Api who) {
    soon().until(() -> profile(who, who).path("pending").asLong() == 0);
  }

  /// The prompt that the model is given for a message.
  String prompt(Api who, String text) {
    String mark = "mark-" + UUID.randomUUID();
    say(who, text + " " + mark);
    return deployment.upstream().requests().stream()
        .map(Asked::body)
        .map(JsonNode::toString)
        .filter(body -> body.contains(mark))
        .findFirst()
        .orElseThrow();
  }

  /// Starts the second node anew, with this learner.
  void restart(String learner) {
    deployment.kill(1);
    deployment.node(1).process().restartWith(Map.of("MAGPIE_PROFILE_LEARNER", learner));
  }

  /// A conversation of its own in which this has been said, and learnt from by rules.
  String talk(String text) {
    String session =
        ok(here.post("/chat/session", Map.of("title", "talk"))).path("session_id").asText();
    tell(here, session, text);
    learnt(here);
    return session;
  }

  static void tell(Api who, String session, String text) {
    ok(who.post("/chat/message", Map.of("session_id", session, "message", text)));
  }

  static Map<String, Object> fact(String slot, String value, String source) {
    return Map.of("slot", slot, "value", value, "sources", List.of(source), "confidence", .9);
  }

  /// What the model answers from now on, whatever it is asked.
  @SafeVarargs
  final void modelFinds(Map<String, Object>... facts) {
    String answer = new String(bytes(Map.of("facts", facts)), StandardCharsets.UTF_8);
    deployment.upstream().behave(Behaviour.DEFAULT.text(answer).chunks(1).interval(1));
  }

  /// How often a model was asked what is to be learnt from messages with this word.
  long asked(String word) {
    return deployment.upstream().requests().stream()
        .map(Asked::question)
        .filter(question -> question.startsWith("[{\"id\":\"m1\"") && question.contains(word))
        .count();
  }

  static String canary() {
    String letters = UUID.randomUUID().toString().replaceAll("[^a-f]", "");
    return "kanari" + letters;
  }

  JsonNode contacts() {
    return ok(admin.get("/contacts?user_id=" + here.userId())).path("items");
  }

  String tables(String... names) {
    StringBuilder found = new StringBuilder();
    for (String table : deployment.everything().split("(?m)^== ", -1)) {
      if (List.of(names).contains(table.lines().findFirst().orElse(""))) {
        found.append(table);
      }
    }
    return found.toString();
  }

  String logs() {
    return deployment.node(0).process().output() + deployment.node(1).process().output();
  }

  String metrics() {
    return Api.anonymous(at(0)).get("/metrics").text()
        + Api.anonymous(at(1)).get("/metrics").text();
  }

  /// All that Redis holds.
  String redis() {
    return deployment
        .redis()
        .on(commands -> {
          StringBuilder all = new StringBuilder();
          for (String key : commands.keys("*")) {
            all.append(key).append(' ').append(value(commands, key)).append('\n');
          }
          return all.toString();
        });
  }

  static String value(RedisCommands<String, String> commands, String key) {
    return switch (commands.type(key)) {
      case "string" -> String.valueOf(commands.get(key));
      case "list" -> commands.lrange(key, 0, -1).toString();
      case "hash" -> commands.hgetall(key).toString();
      case "set" -> commands.smembers(key).toString();
      case "zset" -> commands.zrange(key, 0, -1).toString();
      case "stream" -> commands.xrange(key, Range.unbounded()).toString();
      default -> "";
    };
  }
}
