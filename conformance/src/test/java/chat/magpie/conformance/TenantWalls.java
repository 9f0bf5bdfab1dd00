package chat.magpie.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import chat.magpie.conformance.client.Api;
import chat.magpie.conformance.client.SocketClient;
import chat.magpie.conformance.client.SseReader;
import chat.magpie.conformance.faults.Deployment;
import com.fasterxml.jackson.databind.JsonNode;
import io.lettuce.core.Range;
import io.lettuce.core.api.sync.RedisCommands;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// A word of its own is planted in every field of one tenant that takes text. Nobody of another
/// tenant, and nobody of the deployment, is shown one of them, whatever they ask for; the tenant
/// itself is shown all. What can be asked for is read from the OpenAPI document, so that a new
/// route is asked too.
@Tag("C-25")
abstract class TenantWalls extends TenantCanaries {
  TenantWalls(Deployment.Shape shape) {
    super(shape);
  }

  /// What to ask for beyond the ids in paths.
  private enum Depth {
    /// The parameters of each route, and streams.
    STRANGER,
    /// The same without streams, which go on for those who may read them.
    OWNER,
    /// Nothing.
    PATHS
  }

  /// Each route that reads, with each id in its path, and with each id and what the words begin
  /// with in each of its parameters.
  private List<String> questions(Depth depth) {
    List<String> values = new ArrayList<>(ids.values());
    values.add(USER);
    values.add(WORD);
    Set<String> questions = new LinkedHashSet<>();
    paths
        .properties()
        .forEach(path -> {
          JsonNode get = path.getValue().path("get");
          boolean named = path.getKey().contains("{");
          boolean streams = get.toString().contains("text/event-stream");
          if (get.isMissingNode() || (streams && (!named || depth == Depth.OWNER))) {
            return;
          }
          for (String value : named ? values : List.of("")) {
            if (!streams || !value.equals(id(OTHER))) {
              questions.add(with(path.getKey(), value));
            }
          }
          if (streams || depth == Depth.PATHS) {
            return;
          }
          List<String> words = named ? List.of(WORD, USER) : values;
          List<String> starts =
              named
                  ? List.of(
                      with(path.getKey(), id("session")),
                      with(path.getKey(), id("conversation")),
                      with(path.getKey(), id(OTHER)))
                  : List.of(path.getKey());
          for (JsonNode parameter : get.path("parameters")) {
            if (parameter.path("in").asText().equals("query")) {
              for (String start : starts) {
                for (String word : words) {
                  questions.add(
                      start + "?" + parameter.path("name").asText() + "=" + encoded(word));
                }
              }
            }
          }
        });
    return List.copyOf(questions);
  }

  private static String with(String path, String id) {
    return path.replaceAll("\\{[^}]*}", encoded(id));
  }

  private static String encoded(String value) {
    return URLEncoder.encode(value, StandardCharsets.UTF_8).replace("+", "%20");
  }

  /// The planted words and ids that an answer shows, but for those that the question names.
  private Set<String> shown(String question, String answer, Set<String> known) {
    Set<String> found = new TreeSet<>();
    Set<String> secrets = new LinkedHashSet<>(planted);
    ids.forEach((what, id) -> {
      if (!what.equals(OTHER)) {
        secrets.add(id);
      }
    });
    for (String secret : secrets) {
      if (answer.contains(secret) && !question.contains(secret) && !known.contains(secret)) {
        found.add(secret);
      }
    }
    return found;
  }

  private static Map<String, String> askAll(Api caller, List<String> questions) {
    Map<String, String> answers = new LinkedHashMap<>();
    for (String question : questions) {
      Api.Response answer = caller.get(question);
      if (!question.startsWith("/health")) {
        assertThat(answer.status()).as("%s: %s", question, answer.text()).isLessThan(500);
      }
      answers.put(question, answer.text());
    }
    return answers;
  }

  private void isShownNothing(String who, Api caller, Depth depth, Set<String> known) {
    askAll(caller, questions(depth))
        .forEach((question, answer) ->
            assertThat(shown(question, answer, known))
                .as("what %s is shown by %s: %s", who, question, answer)
                .isEmpty());
  }

  @Test
  void nobodyOfAnotherTenantIsShownAnything() {
    assertThat(questions(Depth.STRANGER)).hasSizeGreaterThan(300);
    Api guest =
        elsewhere.withToken(
            ok(elsewhere.post("/auth/guest?tenant=" + other.id(), Map.of()))
                .path("access_token")
                .asText());
    isShownNothing("the boss", other.boss(), Depth.STRANGER, Set.of());
    isShownNothing("a service", other.service(), Depth.STRANGER, Set.of());
    isShownNothing("a guest", guest, Depth.PATHS, Set.of());
    isShownNothing("nobody", elsewhere, Depth.PATHS, Set.of());
    Api supervisor = person(other, "super", "supervisor");
    isShownNothing("a supervisor", supervisor, Depth.PATHS, Set.of());
    Api far = elsewhere.withToken(other.boss().token().orElseThrow());
    isShownNothing("the boss elsewhere", far, Depth.PATHS, Set.of());
  }

  @Test
  void whatOneTenantHasWrittenAnotherNeverFinds() {
    List<String> words =
        planted.stream().filter(word -> word.matches(WORD + "(new|answer|question).*")).toList();
    assertThat(words).hasSize(3);
    for (String word : words) {
      for (Api finder :
          List.of(one.boss(), elsewhere.withToken(one.boss().token().orElseThrow()))) {
        await()
            .atMost(Duration.ofSeconds(60))
            .untilAsserted(() ->
                assertThat(search(finder, word).findValuesAsText("document_id"))
                    .containsAnyOf(id("document"), id("entry")));
      }
      for (Api stranger : List.of(other.boss(), other.service(), operator, Api.guest(at(0)))) {
        assertThat(shown(word, search(stranger, word).toString(), Set.of())).isEmpty();
      }
    }
  }

  private static JsonNode search(Api who, String word) {
    return ok(who.post("/knowledge/search", Map.of("question", word, "limit", 50)));
  }

  @Test
  void whoRunsTheDeploymentIsShownTheTenantAndNothingOfIt() {
    Set<String> known = new HashSet<>(Set.of(one.id()));
    planted.stream().filter(word -> word.startsWith(WORD + "tenant")).forEach(known::add);
    isShownNothing("the operator", operator, Depth.STRANGER, known);
  }

  @Test
  void theTenantItselfIsShownAll() {
    Set<String> missing = new TreeSet<>(planted);
    missing.removeAll(hidden);
    missing.removeIf(word -> word.startsWith(WORD + "tenant"));
    askAll(one.boss(), questions(Depth.OWNER))
        .forEach((question, answer) -> missing.removeAll(shown(question, answer, Set.of())));
    assertThat(missing).isEmpty();
  }

  @Test
  void socketsShowNothingOfAnother() {
    URI far = at(deployment.nodes() - 1);
    String token = "Bearer " + other.boss().token().orElseThrow();
    try (SocketClient desk = SocketClient.open(far.resolve("/ws/desk"), "Authorization", token)) {
      desk.await("queue");
      String hiddenId = waiting(one, hiddenWord("queued"));
      String own = waiting(other, "mine");
      desk.await(
          frame -> frame.path("type").asText().equals("queue") && frame.toString().contains(own));
      String frames = desk.frames().toString();
      assertThat(frames).doesNotContain(hiddenId);
      assertThat(shown("", frames, Set.of())).isEmpty();
    }
    for (String session : List.of(id("session"), id("conversation"))) {
      URI address = far.resolve("/ws/chat/" + session);
      assertThatThrownBy(() -> SocketClient.open(address, "Authorization", token))
          .isInstanceOfSatisfying(
              SocketClient.Refused.class, refused -> assertThat(refused.status()).isEqualTo(404));
    }
  }

  /// The id of a new conversation of the tenant that waits for a human.
  private static String waiting(Tenant tenant, String text) {
    String user = "somebody " + UUID.randomUUID();
    JsonNode sent = tenant.service().chat(Map.of("user_id", user, "message", text));
    try (SseReader reader = tenant.service().stream(sent.path("stream_url").asText(), null)) {
      assertThat(reader.rest().getLast().name()).isEqualTo("done");
    }
    String conversation = sent.path("conversation_id").asText();
    ok(tenant.service().post("/conversations/" + conversation + "/handover", Map.of()));
    return conversation;
  }

  @Test
  void whatIsAnothersCannotBeChanged() {
    List<String> own =
        List.of(
            "/sessions/" + id("session"),
            "/conversations/" + id("conversation"),
            "/conversations/" + id("conversation") + "/messages",
            "/characters/" + id("character"),
            "/desk/canned-replies/" + id("canned"),
            "/desk/settings",
            "/admin/roles",
            "/admin/api-keys",
            "/admin/users/" + id("user"),
            "/contacts/" + id("contact"),
            "/contacts/" + id("contact") + "/notes",
            "/knowledge/documents",
            "/knowledge/documents/" + id("document") + "/text",
            "/knowledge/documents/" + id("document") + "/versions",
            "/knowledge/faq/" + id("entry"),
            "/knowledge/gaps",
            "/memory/" + encoded(USER));
    Map<String, String> before = askAll(one.boss(), own);
    own.forEach(path -> ok(one.boss().get(path)));
    // Of a tenant of its own, whose audit log then names what was tried.
    Api intruder = tenant("Intruder").boss();
    Set<String> tried = new TreeSet<>();
    paths
        .properties()
        .forEach(path -> {
          if (!path.getKey().contains("{") || path.getKey().contains("{role}")) {
            return;
          }
          for (String method : List.of("post", "put", "patch", "delete")) {
            if (!path.getValue().has(method)) {
              continue;
            }
            for (String id : ids.values()) {
              if (id.equals(id(OTHER))) {
                continue;
              }
              String target = with(path.getKey(), id);
              Api.Response answer =
                  intruder.send(
                      method.toUpperCase(Locale.ROOT),
                      target,
                      "{}".getBytes(StandardCharsets.UTF_8));
              assertThat(answer.status()).as("%s %s: %s", method, target, answer).isLessThan(500);
              assertThat(shown(target, answer.text(), Set.of())).as(target).isEmpty();
              tried.add(method + " " + path.getKey());
            }
          }
        });
    assertThat(tried).hasSizeGreaterThan(15);
    JsonNode batch =
        ok(
            intruder.post(
                "/sessions/batch",
                Map.of(
                    "action",
                    "delete",
                    "session_ids",
                    List.of(id("session"), id("conversation")))));
    assertThat(batch.path("failed").asInt()).isEqualTo(2);
    assertThat(batch.findValuesAsText("code")).containsOnly("not_found");

    assertThat(askAll(one.boss(), own)).isEqualTo(before);
  }

  /// Keys tell whose they are: by the tenant, or by the id of a reply, which is of one tenant.
  final void keysTellWhoseTheyAre(RedisCommands<String, String> redis) {
    Set<String> seen = new TreeSet<>();
    for (String key : redis.keys("*")) {
      String all = key + " " + content(redis, key);
      boolean own =
          key.startsWith("tenant:" + one.id() + ":") || replies.stream().anyMatch(key::endsWith);
      if (planted.stream().anyMatch(all::contains)) {
        assertThat(own).as(all).isTrue();
        seen.add(key.substring(0, key.indexOf(':')));
      }
      assertThat(key.startsWith("chat:")).as("a key of the default tenant: %s", key).isFalse();
    }
    assertThat(seen).contains("tenant", "reply");
  }

  private static String content(RedisCommands<String, String> redis, String key) {
    return switch (redis.type(key)) {
      case "string" -> String.valueOf(redis.get(key));
      case "list" -> redis.lrange(key, 0, -1).toString();
      case "hash" -> redis.hgetall(key).toString();
      case "set" -> redis.smembers(key).toString();
      case "zset" -> redis.zrange(key, 0, -1).toString();
      case "stream" -> redis.xrange(key, Range.unbounded()).toString();
      default -> "";
    };
  }

  final Deployment deployment() {
    return deployment;
  }
}
