package chat.magpie.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.magpie.conformance.client.Api;
import chat.magpie.conformance.client.SseReader;
import chat.magpie.conformance.faults.Deployment;
import chat.magpie.conformance.server.MagpieProcess;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// What the desk knows about customers, how they rate it and what is counted, each asked for at
/// another node than the one where it happened, where there are several.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class Contacts {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String SOON = "100ms";

  private final Deployment deployment;
  private String adminToken = "";

  private Api customer;
  private Api desk;

  @SuppressWarnings("NullAway.Init") // customer and desk are set before each test
  Contacts(Deployment.Shape shape) {
    Map<String, String> settings = new HashMap<>(Shared.NO_LIMITS);
    settings.put("MAGPIE_INSIGHT_INTERVAL", SOON);
    settings.put("MAGPIE_INSIGHT_ASSESSOR", "model");
    settings.put("MAGPIE_CONTACT_ENCRYPTION_SWEEP", "1s");
    deployment = Deployment.start(shape, settings);
  }

  @BeforeAll
  void administrator() {
    MagpieProcess first =
        IntStream.range(0, deployment.nodes())
            .mapToObj(i -> deployment.node(i).process())
            .filter(node -> node.output().contains("shown only"))
            .findFirst()
            .orElseThrow();
    adminToken = Administrator.of(first).token().orElseThrow();
  }

  @AfterAll
  void end() {
    deployment.close();
  }

  @BeforeEach
  void people() {
    customer = Api.guest(at(0));
    desk = admin(1);
  }

  private Api admin(int node) {
    return Api.anonymous(at(node)).withToken(adminToken);
  }

  private URI at(int node) {
    return deployment.node(node % deployment.nodes()).process().uri("/");
  }

  /// What happens behind the requests, on a machine that may have much else to do.
  private static ConditionFactory soon() {
    return await().atMost(Duration.ofMinutes(1));
  }

  private static JsonNode ok(Api.Response response) {
    assertThat(response.status()).as(response.text()).isBetween(200, 299);
    return response.body();
  }

  private static Api.Response patch(Api caller, String path, Object body) {
    try {
      return caller.send("PATCH", path, JSON.writeValueAsBytes(body));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Map<String, Object> nothing(String field) {
    Map<String, Object> body = new HashMap<>();
    body.put(field, null);
    return body;
  }

  /// Says something and waits for the answer; the id of the conversation.
  private String talk(Api who, String text) {
    JsonNode sent = who.chat(Map.of("message", text));
    try (SseReader reader = who.stream(sent.path("stream_url").asText(), null)) {
      assertThat(reader.rest().getLast().name()).isEqualTo("done");
    }
    return sent.path("conversation_id").asText();
  }

  private JsonNode contactOf(Api who) {
    JsonNode found = ok(desk.get("/contacts?user_id=" + encoded(who.userId()))).path("items");
    assertThat(found).hasSize(1);
    return found.path(0);
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private static List<String> ids(JsonNode list) {
    return list.path("items").findValuesAsText("id");
  }

  @Test
  @Tag("C-13")
  void whoeverTalksBecomesAContactThatTheDeskKeeps() {
    String conversation = talk(customer, "hello");
    soon().until(() -> ok(desk.get("/contacts?limit=200")).toString().contains(customer.userId()));
    JsonNode contact = contactOf(customer);
    String path = "/contacts/" + contact.path("id").asText();
    assertThat(contact.path("name").isNull()).isTrue();
    assertThat(contact.path("user_ids").path(0).asText()).isEqualTo(customer.userId());

    String plan = "gold-" + UUID.randomUUID();
    JsonNode changed =
        ok(
            patch(
                desk,
                path,
                Map.of(
                    "name",
                    "小明 " + plan,
                    "attributes",
                    Map.of("plan", plan, "orders", 3, "vip", true),
                    "tags",
                    List.of("b", "a"),
                    "version",
                    contact.path("version").asLong())));
    assertThat(changed.path("attributes").path("orders").isIntegralNumber()).isTrue();
    assertThat(changed.path("tags").toString()).isEqualTo("[\"a\",\"b\"]");
    for (String query :
        List.of(
            "q=" + encoded(plan.toUpperCase(java.util.Locale.ROOT)),
            "attribute=plan&value=" + plan)) {
      assertThat(ids(ok(admin(0).get("/contacts?" + query))))
          .containsExactly(contact.path("id").asText());
    }
    assertThat(patch(desk, path, Map.of("name", "x", "version", 1)).status()).isEqualTo(409);
    JsonNode less = ok(patch(desk, path, Map.of("attributes", nothing("vip"))));
    assertThat(less.path("attributes").has("vip")).isFalse();
    assertThat(less.path("attributes").path("plan").asText()).isEqualTo(plan);

    JsonNode history = ok(admin(0).get(path + "/conversations")).path("items");
    assertThat(history.findValuesAsText("conversation_id")).containsExactly(conversation);
    assertThat(history.path(0).path("message_count").asInt()).isEqualTo(2);
    JsonNode note = ok(desk.post(path + "/notes", Map.of("text", "calls on Mondays")));
    assertThat(ids(ok(admin(0).get(path + "/notes")))).containsExactly(note.path("id").asText());

    assertThat(desk.delete(path).status()).isEqualTo(204);
    assertThat(admin(0).get(path).status()).isEqualTo(404);
    assertThat(ok(desk.get("/contacts?user_id=" + encoded(customer.userId()))).path("items"))
        .isEmpty();
  }

  @Test
  @Tag("M-08")
  void aContactGoesWithOrWithoutItsConversations() {
    Api other = Api.guest(at(1));
    String kept = talk(customer, "hello");
    String gone = talk(other, "hello again");
    String without = "/contacts/" + contactOf(customer).path("id").asText();
    String with = "/contacts/" + contactOf(other).path("id").asText();
    assertThat(desk.delete(without).status()).isEqualTo(204);
    assertThat(desk.delete(with + "?conversations=true").status()).isEqualTo(204);
    for (int node : List.of(0, 1)) {
      assertThat(ok(admin(node).get("/sessions/" + kept)).path("status").asText())
          .isEqualTo("ended");
      assertThat(admin(node).get("/sessions/" + gone).status()).isEqualTo(404);
    }
    assertThat(other.get("/conversations/" + gone + "/messages").status()).isEqualTo(404);
  }

  @Test
  @Tag("C-13")
  void twoContactsBecomeOne() {
    Api other = Api.guest(at(1));
    String first = talk(customer, "hello");
    String second = talk(other, "hello again");
    String into = contactOf(customer).path("id").asText();
    String from = contactOf(other).path("id").asText();
    ok(patch(desk, "/contacts/" + from, Map.of("email", "moved@example.com")));

    JsonNode one = ok(desk.post("/contacts/" + into + "/merge", Map.of("from_id", from)));
    assertThat(one.path("user_ids")).hasSize(2);
    assertThat(one.path("email").asText()).isEqualTo("moved@example.com");
    assertThat(ok(desk.post("/contacts/" + into + "/merge", Map.of("from_id", from))))
        .isEqualTo(one);
    assertThat(ok(admin(0).get("/contacts/" + from))).isEqualTo(one);
    assertThat(
            ok(admin(0).get("/contacts/" + from + "/conversations"))
                .path("items")
                .findValuesAsText("conversation_id"))
        .containsExactly(second, first);
    assertThat(desk.post("/contacts/" + into + "/merge", Map.of("from_id", into)).status())
        .isEqualTo(400);
    JsonNode merges = ok(admin(1).get("/admin/audit?action=contact.merged&target_id=" + into));
    assertThat(merges.path("items")).hasSize(1);
    assertThat(merges.toString()).contains(from).doesNotContain("moved@example.com");
  }

  @Test
  @Tag("C-17")
  void sensitiveFieldsAreFoundByTheDeskThroughARotationAndAreInNoLog() {
    String canary = "canary." + UUID.randomUUID() + "@example.com";
    JsonNode made =
        ok(
            desk.post(
                "/contacts",
                Map.of(
                    "user_id",
                    "crm/" + canary.hashCode(),
                    "real_name",
                    "Canary Person",
                    "email",
                    canary,
                    "phone",
                    "+44 20 7946 0000")));
    String id = made.path("id").asText();
    Map<String, String> search = Map.of("email", canary.toUpperCase(java.util.Locale.ROOT));
    assertThat(ids(ok(admin(0).post("/contacts/search", search)))).containsExactly(id);
    String before = ok(desk.get("/admin/encryption")).path("current").asText();

    JsonNode rotated = ok(admin(0).post("/admin/encryption/rotate", Map.of()));
    assertThat(rotated.path("current").asText()).isNotEqualTo(before);
    assertThat(ids(ok(admin(1).post("/contacts/search", search)))).containsExactly(id);
    soon().until(() -> ok(admin(1).get("/admin/encryption")).path("waiting").asInt() == 0);
    JsonNode after = ok(admin(0).get("/contacts/" + id));
    assertThat(after.path("email").asText()).isEqualTo(canary);
    assertThat(after.path("phone").asText()).isEqualTo("+44 20 7946 0000");
    assertThat(after.path("unreadable")).isEmpty();
    assertThat(ids(ok(admin(1).post("/contacts/search", search)))).containsExactly(id);

    for (int i = 0; i < deployment.nodes(); i++) {
      assertThat(deployment.node(i).process().output()).doesNotContainIgnoringCase(canary);
      assertThat(Api.anonymous(at(i)).get("/metrics").text()).doesNotContainIgnoringCase(canary);
    }
  }

  @Test
  @Tag("C-13")
  void othersSeeNothingAndHostileInputIsRefused() {
    talk(customer, "hello");
    String path = "/contacts/" + contactOf(customer).path("id").asText();
    for (String route :
        List.of(
            "/contacts",
            path,
            path + "/notes",
            path + "/conversations",
            "/admin/encryption",
            "/statistics",
            "/statistics/agents",
            "/statistics/export")) {
      assertThat(customer.get(route).status()).as(route).isEqualTo(403);
      assertThat(Api.anonymous(at(0)).get(route).status()).as(route).isEqualTo(401);
    }
    assertThat(customer.post("/contacts/search", Map.of("q", "a")).status()).isEqualTo(403);
    assertThat(customer.post("/admin/encryption/rotate", Map.of()).status()).isEqualTo(403);
    assertThat(patch(customer, path, Map.of("name", "me")).status()).isEqualTo(403);
    assertThat(customer.delete(path).status()).isEqualTo(403);
    Map<String, Integer> many = new HashMap<>();
    IntStream.range(0, 51).forEach(i -> many.put("a" + i, i));
    for (Object bad :
        List.of(
            List.of(),
            Map.of("email", 5),
            Map.of("email", "nowhere"),
            Map.of("phone", "x"),
            Map.of("name", List.of("x")),
            Map.of("name", " "),
            Map.of("name", "n".repeat(201)),
            Map.of("tags", "x"),
            Map.of("tags", List.of(7)),
            Map.of("attributes", List.of()),
            Map.of("attributes", Map.of("a", List.of("b"))),
            Map.of("attributes", Map.of("a", Map.of("b", "c"))),
            Map.of("attributes", many),
            Map.of("user_id", "somebody"),
            Map.of("version", "1"),
            Map.of("something", "else"))) {
      Api.Response refused = patch(desk, path, bad);
      assertThat(refused.status()).as(refused.text()).isEqualTo(400);
      assertThat(refused.header("Content-Type")).startsWith("application/problem+json");
    }
    for (String query :
        List.of("limit=0", "limit=201", "limit=x", "cursor=x", "attribute=a", "value=a", "q=%20")) {
      assertThat(desk.get("/contacts?" + query).status()).as(query).isEqualTo(400);
    }
    for (String query :
        List.of(
            "zone=Mars",
            "bucket=week",
            "from=yesterday",
            "from=2026-01-02&to=2026-01-01",
            "from=2020-01-01&to=2026-01-01",
            "from=-999999999-01-01&to=2026-01-01",
            "from=2026-01-01&to=2026-03-01&bucket=hour")) {
      assertThat(desk.get("/statistics?" + query).status()).as(query).isEqualTo(400);
    }
    assertThat(desk.get("/contacts/nothing").status()).isEqualTo(404);
    assertThat(desk.get("/statistics/export?of=everything").status()).isEqualTo(400);
    assertThat(ok(desk.get(path)).path("version").asInt()).isEqualTo(1);
  }

  @Test
  @Tag("A-18")
  @Tag("B-10")
  @Tag("C-04")
  void whatCustomersSayIsKeptAndCounted() {
    String today = LocalDate.now(ZoneOffset.UTC).minusDays(1).toString();
    String range = "from=" + today + "&zone=Asia/Shanghai";
    String conversation = talk(customer, "is it good");
    String path = "/conversations/" + conversation + "/rating";
    assertThat(customer.get(path).status()).isEqualTo(404);
    ok(customer.put(path, Map.of("stars", 2, "comment", "slow")));
    assertThat(ok(customer.put(path, Map.of("stars", 4))).path("number").asInt()).isEqualTo(2);
    assertThat(ok(customer.put(path, Map.of("stars", 4))).path("number").asInt()).isEqualTo(2);
    assertThat(ok(desk.get(path)).path("stars").asInt()).isEqualTo(4);
    assertThat(ids(ok(desk.get(path + "/history")))).hasSize(2);
    for (Object bad :
        List.of(
            Map.of(),
            Map.of("stars", 0),
            Map.of("stars", 6),
            Map.of("stars", "5"),
            Map.of("stars", 4.5),
            Map.of("stars", 5, "comment", "x".repeat(2001)))) {
      assertThat(customer.put(path, bad).status()).as(bad.toString()).isEqualTo(400);
    }
    assertThat(Api.guest(at(1)).put(path, Map.of("stars", 1)).status()).isEqualTo(404);
    assertThat(customer.get(path + "/assessment").status()).isEqualTo(403);

    assertThat(
            customer
                .delete("/api/v1/chat/history?character_id=" + characterOf(conversation))
                .status())
        .isBetween(200, 299);
    soon().until(() -> desk.get(path + "/assessment").status() == 200);
    JsonNode assessment = ok(admin(0).get(path + "/assessment"));
    // The model behind the server answers in prose, which is no assessment.
    assertThat(assessment.path("method").asText()).isEqualTo("rules");
    assertThat(assessment.path("score").asInt()).isBetween(0, 100);

    String stats = "/sessions/user/" + encoded(customer.userId()) + "/stats";
    soon()
        .until(() -> ok(desk.get(stats)).path("service").path("average_rating").asDouble() == 4.0);
    JsonNode own = ok(customer.get(stats));
    assertThat(own.path("total_sessions").asInt()).isEqualTo(1);
    assertThat(own.path("service").path("ratings").asInt()).isEqualTo(1);
    assertThat(own.path("service").path("handovers").asInt()).isZero();
    assertThat(Api.guest(at(0)).get(stats).status()).isEqualTo(403);
    soon()
        .until(() ->
            ok(desk.get("/statistics?" + range))
                    .path("total")
                    .path("ratings")
                    .path("distribution")
                    .path(3)
                    .asInt()
                >= 1);
    JsonNode statistics = ok(desk.get("/statistics?" + range));
    assertThat(statistics.path("zone").asText()).isEqualTo("Asia/Shanghai");
    assertThat(statistics.path("total").path("ratings").path("distribution").path(3).asInt())
        .isGreaterThanOrEqualTo(1);
    assertThat(statistics.path("total").path("first_response_millis").isNumber()).isTrue();
    assertThat(statistics.path("points").path(0).path("from").asText()).contains("+08:00");

    Api.Response csv = desk.get("/statistics/export?bom=true&" + range);
    assertThat(csv.status()).isEqualTo(200);
    assertThat(csv.header("Content-Type")).startsWith("text/csv");
    assertThat(csv.header("Content-Disposition")).contains("attachment");
    assertThat(csv.text()).startsWith("\uFEFFfrom,conversations,ended");
    List<String> lines = new ArrayList<>(csv.text().lines().toList());
    assertThat(lines).hasSize(1 + statistics.path("points").size());
  }

  @Test
  @Tag("A-18")
  @Tag("B-08")
  void erasingAConversationErasesHowItWasRated() {
    String conversation = talk(customer, "was it good");
    String path = "/conversations/" + conversation + "/rating";
    String stats = "/sessions/user/" + encoded(customer.userId()) + "/stats";
    ok(customer.put(path, Map.of("stars", 1, "comment", "canary")));
    soon().until(() -> ok(desk.get(stats)).path("service").path("ratings").asInt() == 1);
    assertThat(customer.delete("/sessions/" + conversation).status()).isIn(202, 204);
    assertThat(desk.get(path).status()).isEqualTo(404);
    assertThat(desk.get(path + "/history").status()).isEqualTo(404);
    assertThat(desk.get(path + "/assessment").status()).isEqualTo(404);
    soon().until(() -> ok(desk.get(stats)).path("service").path("ratings").asInt() == 0);
  }

  private String characterOf(String conversation) {
    return ok(customer.get("/conversations/" + conversation)).path("character_id").asText();
  }

  @Test
  @Tag("A-18")
  @Tag("C-04")
  void whatAnAgentDoesIsCountedForTheAgent() {
    String conversation = talk(customer, "I need a person");
    ok(customer.post("/conversations/" + conversation + "/handover", Map.of()));
    String taken = "/desk/conversations/" + conversation;
    String agent = ok(desk.post(taken + "/take", Map.of())).path("assignee_id").asText();
    ok(desk.post(taken + "/messages", Map.of("text", "here I am")));
    ok(desk.post(taken + "/hand-back", Map.of()));

    String path = "/statistics/agents/" + encoded(agent);
    soon().until(() -> ok(admin(0).get(path)).path("total").path("handled").asInt() >= 1);
    JsonNode total = ok(admin(0).get(path)).path("total");
    assertThat(total.path("human_messages").asInt()).isGreaterThanOrEqualTo(1);
    assertThat(total.path("handling_millis").isNumber()).isTrue();
    assertThat(total.path("human_response_millis").isNumber()).isTrue();
    assertThat(ok(desk.get("/statistics/agents")).path("items").findValuesAsText("agent_id"))
        .contains(agent);
    assertThat(desk.get("/statistics/export?of=agents").text()).contains(agent);
  }
}
