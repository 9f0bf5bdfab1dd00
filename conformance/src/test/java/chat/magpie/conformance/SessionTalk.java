package chat.magpie.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.magpie.conformance.client.Api;
import chat.magpie.conformance.client.SseReader;
import chat.magpie.conformance.client.SseReader.Event;
import chat.magpie.conformance.faults.Deployment;
import chat.magpie.conformance.faults.Stored;
import chat.magpie.conformance.server.MagpieProcess;
import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// Sessions as a chat product's backend uses them. Where there are two nodes, a user is at one and
/// looks from the other.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class SessionTalk {
  static final String ENDLESS = "[[chunks=3000 interval=10]] endless";

  final Deployment deployment;

  private String adminToken = "";

  Api here;
  Api there;

  SessionTalk(Deployment.Shape shape) {
    Map<String, String> settings = new HashMap<>(Shared.NO_LIMITS);
    settings.put("MAGPIE_SESSION_ANSWER_TIMEOUT", "8s");
    settings.put("MAGPIE_SESSION_SWEEP_INTERVAL", "500ms");
    deployment = Deployment.start(shape, settings);
    here = guest();
    there = at(1, here);
  }

  @AfterAll
  void end() {
    deployment.close();
  }

  @BeforeEach
  void somebody() {
    here = guest();
    there = at(1, here);
  }

  @AfterEach
  void heal() {
    deployment.healNodes();
  }

  private URI uri(int node) {
    return deployment.node(node % deployment.nodes()).process().uri("/");
  }

  private Api guest() {
    return Api.guest(uri(0));
  }

  private Api at(int node, Api user) {
    return Api.anonymous(uri(node)).withToken(user.token().orElseThrow());
  }

  static JsonNode ok(Api.Response response, int status) {
    assertThat(response.status()).as(response.text()).isEqualTo(status);
    return response.body();
  }

  private static void refused(Api.Response response, int status, String code) {
    assertThat(response.status()).as(response.text()).isEqualTo(status);
    assertThat(response.body().path("code").asText()).as(response.text()).isEqualTo(code);
  }

  static void awaitTrue(Callable<Boolean> condition) {
    await().atMost(Duration.ofSeconds(40)).pollInterval(Duration.ofMillis(100)).until(condition);
  }

  static String open(Api user) {
    return ok(user.post("/chat/session", Map.of()), 201).path("session_id").asText();
  }

  static JsonNode answered(Api user, String session, String message) {
    return ok(user.post("/chat/message", Map.of("session_id", session, "message", message)), 200);
  }

  private static Api.Response patch(Api user, String session, Object change) {
    return user.send(
        "PATCH", "/sessions/" + session, change.toString().getBytes(StandardCharsets.UTF_8));
  }

  private static String query(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  /// All items of a list, by its cursors.
  private static List<JsonNode> items(Api user, String path) {
    List<JsonNode> items = new ArrayList<>();
    String cursor = "";
    do {
      JsonNode page = ok(user.get(path + cursor), 200);
      page.path("items").forEach(items::add);
      cursor =
          page.path("next_cursor").isNull()
              ? ""
              : (path.contains("?") ? "&" : "?") + "cursor=" + page.path("next_cursor").asText();
    } while (!cursor.isEmpty());
    return items;
  }

  private static List<String> ids(Api user, String path) {
    return items(user, path).stream().map(item -> item.path("session_id").asText()).toList();
  }

  private static List<String> contents(Api user, String path) {
    return items(user, path).stream().map(item -> item.path("content").asText()).toList();
  }

  /// What the database has of a conversation.
  List<String> stored(String conversation) {
    Stored stored = deployment.stored();
    List<String> found = new ArrayList<>();
    stored.conversations().stream()
        .filter(c -> c.id().equals(conversation))
        .forEach(c -> found.add("conversation"));
    stored.messages().stream()
        .filter(m -> m.conversation().equals(conversation))
        .forEach(m -> found.add("message"));
    stored.turns().stream()
        .filter(turn -> turn.conversation().equals(conversation))
        .forEach(turn -> found.add("turn"));
    stored.events().stream()
        .filter(e -> e.conversation().equals(conversation))
        .forEach(e -> found.add(e.type()));
    return found;
  }

  @Test
  @Tag("B-02")
  @Tag("C-03")
  void aSessionIsOpenedWithWhatTheApplicationKeepsWithIt() {
    JsonNode opened =
        ok(
            here.post(
                "/chat/session",
                Map.of(
                    "agent_id",
                    "companion-zh",
                    "title",
                    "旅行计划",
                    "tags",
                    List.of("travel", "2026"),
                    "metadata",
                    Map.of("source", "app", "n", List.of(1, 2)))),
            201);
    String id = opened.path("session_id").asText();
    assertThat(opened.path("user_id").asText()).isEqualTo(here.userId());
    assertThat(opened.path("character_id").asText()).isEqualTo("companion-zh");
    assertThat(opened.path("status").asText()).isEqualTo("active");
    assertThat(opened.path("tags").toString()).isEqualTo("[\"2026\",\"travel\"]");
    assertThat(opened.path("metadata").path("n").size()).isEqualTo(2);
    assertThat(ok(there.get("/sessions/" + id), 200)).isEqualTo(opened);
    assertThat(open(here)).isNotEqualTo(id);
    refused(here.post("/chat/session", Map.of("agent_id", "nobody")), 404, "not_found");
    refused(here.post("/chat/session", Map.of("user_id", "somebody")), 403, "forbidden");
    refused(
        here.post("/chat/session", Map.of("agent_id", "a", "character_id", "b")),
        400,
        "invalid_field");
    refused(here.post("/chat/session", Map.of("title", "x".repeat(201))), 400, "invalid_field");
    refused(here.post("/chat/session", Map.of("tags", List.of(""))), 400, "invalid_field");
    refused(here.post("/chat/session", Map.of("tags", "a")), 400, "invalid_field");
    refused(here.post("/chat/session", Map.of("metadata", List.of())), 400, "invalid_field");
    refused(
        here.post("/chat/session", Map.of("metadata", Map.of("k", "x".repeat(16_000)))),
        400,
        "invalid_field");
    refused(Api.anonymous(uri(0)).post("/chat/session", Map.of()), 401, "unauthenticated");
  }

  @Test
  @Tag("B-03")
  void aMessageWaitsForItsWholeAnswer() {
    String session = open(here);
    JsonNode first = answered(here, session, "[[text=Hello]] one");
    assertThat(first.path("content").asText()).isEqualTo("Hello");
    assertThat(first.path("status").asText()).isEqualTo("done");
    assertThat(first.path("message").path("seq").asInt()).isEqualTo(2);
    assertThat(first.path("session_id").asText()).isEqualTo(session);
    // The other node waits for what it generates, and its memory is the session's.
    JsonNode prompt =
        Api.parse(answered(there, session, "[[mode=echo]] two").path("content").asText());
    assertThat(prompt.findValuesAsText("content"))
        .endsWith("[[text=Hello]] one", "Hello", "[[mode=echo]] two");
    String other = open(here);
    assertThat(
            Api.parse(answered(here, other, "[[mode=echo]] alone").path("content").asText())
                .findValuesAsText("content"))
        .doesNotContain("Hello")
        .endsWith("[[mode=echo]] alone");
    refused(here.post("/chat/message", Map.of("session_id", session)), 400, "invalid_field");
    refused(here.post("/chat/message", Map.of("message", "x")), 400, "invalid_field");
    refused(
        here.post("/chat/message", Map.of("session_id", session, "message", " ")),
        400,
        "invalid_field");
    refused(
        guest().post("/chat/message", Map.of("session_id", session, "message", "x")),
        404,
        "not_found");
    refused(
        here.post("/chat/message", Map.of("session_id", "x", "message", "x")), 404, "not_found");
  }

  @Test
  @Tag("B-03")
  void anAnswerThatTakesTooLongIsNotLost() {
    String session = open(here);
    Map<String, Object> slow =
        Map.of(
            "session_id",
            session,
            "message",
            "[[chunks=500 interval=20]] slow",
            "client_msg_id",
            "k");
    JsonNode pending = ok(here.post("/chat/message", slow), 202);
    assertThat(pending.path("status").asText()).isEqualTo("running");
    // Sending it again is waiting for the same answer, at the other node too.
    JsonNode again = ok(there.post("/chat/message", slow), 200);
    assertThat(again.path("reply_id")).isEqualTo(pending.path("reply_id"));
    try (SseReader reader = there.stream(pending.path("stream_url").asText(), null)) {
      assertThat(Api.fold(reader.rest())).isEqualTo(again.path("content").asText());
    }
    assertThat(contents(here, "/chat/history/" + session)).hasSize(2);
    refused(
        here.post(
            "/chat/message",
            Map.of("session_id", session, "message", "other", "client_msg_id", "k")),
        422,
        "idempotency_mismatch");
  }

  @Test
  @Tag("B-03")
  void aModelThatFailsIsAClearProblem() {
    String session = open(here);
    Api.Response failed =
        here.post("/chat/message", Map.of("session_id", session, "message", "[[status=400]] x"));
    refused(failed, 502, "model_failed");
    assertThat(failed.body().path("detail").asText()).contains("reply");
  }

  @Test
  @Tag("B-04")
  @Tag("C-08")
  void aMessageIsStreamedAndResumed() {
    String session = open(here);
    Map<String, Object> message =
        Map.of("session_id", session, "message", "[[chunks=20 interval=10]] stream");
    List<Event> events;
    try (SseReader reader =
        here.postStream("/chat/message/stream", message, "Idempotency-Key", "key")) {
      assertThat(reader.status()).isEqualTo(200);
      assertThat(reader.header("content-type")).startsWith("text/event-stream");
      events = reader.rest();
    }
    assertThat(events).hasSize(21);
    assertThat(events.getLast().name()).isEqualTo("done");
    assertThat(contents(there, "/chat/history/" + session).getLast()).isEqualTo(Api.fold(events));
    try (SseReader reader =
        there.postStream(
            "/chat/message/stream",
            message,
            "Idempotency-Key",
            "key",
            "Last-Event-ID",
            String.valueOf(events.get(4).id()))) {
      assertThat(reader.rest()).isEqualTo(events.subList(5, 21));
    }
    try (SseReader reader =
        guest().postStream("/chat/message/stream", Map.of("session_id", session, "message", "x"))) {
      assertThat(reader.status()).isEqualTo(404);
    }
    try (SseReader reader = here.postStream("/chat/message/stream", Map.of("message", "x"))) {
      assertThat(reader.status()).isEqualTo(400);
      assertThat(reader.problem().path("code").asText()).isEqualTo("invalid_field");
    }
  }

  @Test
  @Tag("B-06")
  @Tag("M-10")
  void theHistoryIsWholePagedAndSearched() {
    String session = open(here);
    List<String> said = new ArrayList<>();
    for (String text : List.of("我想退货", "ÄRGER 100%", "Plain words")) {
      said.add("[[text=回答OK]] " + text);
      answered(here, session, said.getLast());
      said.add("回答OK");
    }
    assertThat(contents(there, "/chat/history/" + session + "?limit=1")).isEqualTo(said);
    String search = "/chat/history/" + session + "?limit=1&q=";
    assertThat(contents(there, search + query("退"))).containsExactly(said.get(0));
    assertThat(contents(there, search + query("退货"))).containsExactly(said.get(0));
    assertThat(contents(there, search + query("ärger"))).containsExactly(said.get(2));
    assertThat(contents(there, search + query("0%"))).containsExactly(said.get(2));
    assertThat(contents(there, search + query("_"))).isEmpty();
    assertThat(contents(there, search + query("回答ok"))).hasSize(6);
    assertThat(items(there, search + query("plain")).getFirst().path("reply_id").asText())
        .isNotEmpty();
    refused(here.get(search + query(" ")), 400, "invalid_field");
    refused(here.get(search + "x".repeat(201)), 400, "invalid_field");
    refused(here.get(search + "x&cursor=nonsense"), 400, "bad_cursor");
    refused(here.get("/chat/history/" + session + "?limit=0"), 400, "invalid_field");
    refused(guest().get("/chat/history/" + session), 404, "not_found");
    assertThat(ids(there, "/sessions?q=" + query("退货"))).containsExactly(session);
    assertThat(
            items(there, "/sessions?q=" + query("plain"))
                .getFirst()
                .path("match")
                .path("seq")
                .asInt())
        .isEqualTo(5);
    assertThat(ids(there, "/sessions?q=nowhere")).isEmpty();
    assertThat(ids(guest(), "/sessions?q=" + query("退货"))).isEmpty();
  }

  @Test
  @Tag("B-07")
  void agentsAreTheCharacters() {
    JsonNode agents = ok(here.get("/chat/agents"), 200);
    assertThat(agents.path("items").findValuesAsText("agent_id"))
        .contains("companion-zh", agents.path("default_agent_id").asText())
        .isSorted();
    assertThat(agents.path("items").path(0).has("prompt")).isFalse();
    assertThat(
            items(here, "/chat/agents?limit=1").stream()
                .map(item -> item.path("agent_id").asText())
                .toList())
        .isEqualTo(agents.path("items").findValuesAsText("agent_id"));
  }

  @Test
  @Tag("B-08")
  void sessionsAreListedFilteredAndChanged() {
    String one = open(here);
    String two = open(here);
    String three = open(there);
    assertThat(ids(there, "/sessions?limit=1")).containsExactly(three, two, one);
    JsonNode changed =
        ok(patch(there, one, "{\"title\":\"neu\",\"tags\":[\"a\"],\"metadata\":{\"k\":1}}"), 200);
    assertThat(changed.path("title").asText()).isEqualTo("neu");
    assertThat(ids(here, "/sessions?tag=a")).containsExactly(one);
    ok(patch(here, two, "{\"archived\":true}"), 200);
    assertThat(ids(there, "/sessions")).containsExactly(three, one);
    assertThat(ids(there, "/sessions?archived=true")).containsExactly(two);
    assertThat(ids(there, "/sessions?archived=any")).containsExactly(three, two, one);
    assertThat(ok(there.post("/sessions/" + three + "/end", Map.of()), 200).path("status").asText())
        .isEqualTo("ended");
    ok(here.post("/sessions/" + three + "/end", Map.of()), 200);
    assertThat(ids(here, "/sessions?status=ended")).containsExactly(three);
    refused(
        here.post("/chat/message", Map.of("session_id", three, "message", "x")),
        409,
        "conversation_ended");
    refused(here.get("/sessions?status=dead"), 400, "invalid_field");
    refused(here.get("/sessions?archived=perhaps"), 400, "invalid_field");
    refused(here.get("/sessions?limit=201"), 400, "invalid_field");
    refused(here.get("/sessions?user_id=somebody"), 403, "forbidden");
    refused(patch(here, one, "{\"titel\":\"x\"}"), 400, "invalid_field");
    refused(patch(here, one, "{\"tags\":[\" x\"]}"), 400, "invalid_field");
    Api stranger = guest();
    refused(patch(stranger, one, "{\"title\":\"x\"}"), 404, "not_found");
    refused(stranger.get("/sessions/" + one), 404, "not_found");
    refused(stranger.delete("/sessions/" + one), 404, "not_found");
    refused(stranger.post("/sessions/" + one + "/end", Map.of()), 404, "not_found");
    assertThat(ids(stranger, "/sessions")).isEmpty();
  }

  @Test
  @Tag("B-08")
  void aDeletedSessionIsGoneEverywhere() {
    String session = open(here);
    JsonNode first = answered(here, session, "[[text=secret]] one");
    JsonNode running = here.chat(Map.of("message", ENDLESS, "conversation_id", session));
    String queued =
        here.chat(Map.of("message", "two", "conversation_id", session)).path("reply_id").asText();
    try (SseReader reader = here.stream(running.path("stream_url").asText(), null)) {
      assertThat(reader.next(3)).hasSize(3);
      assertThat(there.delete("/sessions/" + session).status()).isEqualTo(204);
      assertThat(reader.rest()).noneMatch(event -> event.name().equals("done"));
    }
    assertThat(stored(session)).isEmpty();
    for (Api user : List.of(here, there)) {
      refused(user.get("/sessions/" + session), 404, "not_found");
      refused(user.get("/chat/history/" + session), 404, "not_found");
      refused(user.get("/conversations/" + session), 404, "not_found");
      refused(user.get("/conversations/" + session + "/messages"), 404, "not_found");
      refused(user.delete("/sessions/" + session), 404, "not_found");
      refused(
          user.post("/chat/message", Map.of("session_id", session, "message", "x")),
          404,
          "not_found");
      for (String reply :
          List.of(first.path("reply_id").asText(), running.path("reply_id").asText(), queued)) {
        refused(user.get("/replies/" + reply), 404, "not_found");
        refused(user.get("/chat/stream/" + here.userId() + "?reply_id=" + reply), 404, "not_found");
      }
      assertThat(ids(user, "/sessions?archived=any")).doesNotContain(session);
      assertThat(ids(user, "/sessions?archived=any&q=secret")).isEmpty();
    }
    awaitTrue(() -> deployment.upstream().active() == 0);
    assertThat(stored(session)).isEmpty();
  }

  @Test
  @Tag("B-09")
  void aBatchHasAResultForEach() {
    List<String> own = IntStream.range(0, 3).mapToObj(i -> open(here)).toList();
    String foreign = open(guest());
    List<String> all = List.of(own.get(0), foreign, own.get(1), "nonsense", own.get(0));
    JsonNode tagged = batch(here, "tag", all, "x");
    assertThat(tagged.path("succeeded").asInt()).isEqualTo(3);
    assertThat(tagged.path("failed").asInt()).isEqualTo(2);
    assertThat(tagged.path("results").findValuesAsText("session_id")).isEqualTo(all);
    assertThat(tagged.path("results").findValuesAsText("status"))
        .containsExactly("ok", "failed", "ok", "failed", "ok");
    assertThat(tagged.path("results").findValuesAsText("code"))
        .containsExactly("not_found", "not_found");
    assertThat(batch(there, "tag", all, "x")).isEqualTo(tagged);
    assertThat(ids(there, "/sessions?tag=x")).containsExactly(own.get(1), own.get(0));
    batch(there, "untag", List.of(own.get(1)), "x");
    assertThat(ids(here, "/sessions?tag=x")).containsExactly(own.get(0));
    batch(there, "archive", own);
    assertThat(ids(here, "/sessions")).isEmpty();
    batch(there, "unarchive", own.subList(0, 1));
    assertThat(ids(here, "/sessions")).containsExactly(own.get(0));
    batch(there, "end", own);
    assertThat(batch(here, "end", own).path("succeeded").asInt()).isEqualTo(3);
    assertThat(ids(here, "/sessions?status=ended&archived=any")).hasSize(3);
    assertThat(batch(there, "delete", own.subList(0, 2)).path("succeeded").asInt()).isEqualTo(2);
    assertThat(batch(here, "delete", own).path("results").findValuesAsText("status"))
        .containsExactly("failed", "failed", "ok");
    assertThat(ids(here, "/sessions?archived=any")).isEmpty();
    for (Map<String, Object> hostile :
        List.<Map<String, Object>>of(
            Map.of(),
            Map.of("action", "delete"),
            Map.of("action", "delete", "session_ids", List.of()),
            Map.of("action", "drop", "session_ids", own),
            Map.of("action", "tag", "session_ids", own),
            Map.of("action", "end", "session_ids", own, "tags", "x"),
            Map.of(
                "action",
                "end",
                "session_ids",
                IntStream.range(0, 101).mapToObj(Integer::toString).toList()))) {
      refused(here.post("/sessions/batch", hostile), 400, "invalid_field");
    }
    refused(
        here.send(
            "POST",
            "/sessions/batch",
            "{\"action\":\"end\",\"session_ids\":[null]}".getBytes(StandardCharsets.UTF_8)),
        400,
        "invalid_field");
    refused(
        here.post("/sessions/batch", Map.of("action", "end", "session_ids", "all")),
        400,
        "invalid_field");
  }

  private static JsonNode batch(Api user, String action, List<String> ids, String... tags) {
    Map<String, Object> request = new HashMap<>(Map.of("action", action, "session_ids", ids));
    if (tags.length > 0) {
      request.put("tags", List.of(tags));
    }
    return ok(user.post("/sessions/batch", request), 200);
  }

  @Test
  @Tag("B-09")
  void batchesAtTheSameTimeDoEverythingOnce() throws Exception {
    List<String> own = IntStream.range(0, 10).mapToObj(i -> open(here)).toList();
    List<JsonNode> results = new ArrayList<>();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<JsonNode>> running =
          IntStream.range(0, 4)
              .mapToObj(i -> threads.submit(() -> batch(i % 2 == 0 ? here : there, "delete", own)))
              .toList();
      for (Future<JsonNode> batch : running) {
        results.add(batch.get());
      }
    }
    assertThat(results.stream().mapToInt(result -> result.path("succeeded").asInt()).sum())
        .isEqualTo(10);
    assertThat(ids(here, "/sessions?archived=any")).isEmpty();
  }

  @Test
  @Tag("B-10")
  void statisticsTellHowMuchAUserHasTalked() {
    String path = "/sessions/user/" + here.userId() + "/stats";
    JsonNode none = ok(there.get(path), 200);
    assertThat(none.path("total_sessions").asInt()).isZero();
    assertThat(none.path("first_at").isNull()).isTrue();
    String session = open(here);
    open(here);
    answered(here, session, "[[text=a]] one");
    answered(here, session, "[[text=b]] two");
    here.post("/sessions/" + session + "/end", Map.of());
    JsonNode stats = ok(there.get(path), 200);
    assertThat(stats.path("total_sessions").asInt()).isEqualTo(2);
    assertThat(stats.path("sessions_by_status").path("ended").asInt()).isEqualTo(1);
    assertThat(stats.path("sessions_by_status").path("active").asInt()).isEqualTo(1);
    assertThat(stats.path("sessions_by_status").path("expired").asInt()).isZero();
    assertThat(stats.path("total_messages").asInt()).isEqualTo(4);
    assertThat(stats.path("messages_per_session").asDouble()).isEqualTo(2.0);
    assertThat(stats.path("replies_by_status").path("done").asInt()).isEqualTo(2);
    assertThat(stats.path("output_tokens").asInt()).isPositive();
    refused(guest().get(path), 403, "forbidden");
    refused(here.get("/sessions/user/%20/stats"), 400, "invalid_field");
  }

  @Test
  @Tag("B-08")
  @Tag("C-03")
  void whoMaySeesAndManagesEverybodys() {
    Api admin = admin();
    String own = open(here);
    String other = open(guest());
    answered(here, own, "[[text=ok]] a question about parcels");
    assertThat(ids(admin, "/sessions?limit=200")).contains(own, other);
    String whose = "/sessions?user_id=" + here.userId();
    assertThat(ids(admin, whose)).containsExactly(own);
    assertThat(ids(admin, whose + "&q=PARCELS")).containsExactly(own);
    assertThat(contents(admin, "/chat/history/" + own)).hasSize(2);
    assertThat(
            ok(admin.get("/sessions/user/" + here.userId() + "/stats"), 200)
                .path("total_sessions")
                .asInt())
        .isEqualTo(1);
    String opened =
        ok(
                admin.post(
                    "/chat/session", Map.of("user_id", here.userId(), "title", "from the desk")),
                201)
            .path("session_id")
            .asText();
    assertThat(ids(there, "/sessions")).containsExactly(opened, own);
    String key =
        ok(admin.post("/admin/api-keys", Map.of("name", "shop")), 201).path("secret").asText();
    Api service = Api.anonymous(uri(1)).withToken(key);
    assertThat(answered(service, opened, "[[text=served]] hi").path("content").asText())
        .isEqualTo("served");
    assertThat(items(here, "/chat/history/" + opened).getFirst().path("author_id").asText())
        .isEqualTo(here.userId());
    ok(patch(admin, own, "{\"tags\":[\"vip\"]}"), 200);
    assertThat(ids(admin, "/sessions?tag=vip")).contains(own);
    ok(admin.post("/sessions/" + own + "/end", Map.of()), 200);
    assertThat(ids(here, "/sessions?status=ended")).containsExactly(own);
    assertThat(admin.delete("/sessions/" + own).status()).isEqualTo(204);
    assertThat(ids(there, "/sessions")).containsExactly(opened);
  }

  private Api admin() {
    if (adminToken.isEmpty()) {
      MagpieProcess first =
          IntStream.range(0, deployment.nodes())
              .mapToObj(i -> deployment.node(i).process())
              .filter(node -> node.output().contains("shown only"))
              .findFirst()
              .orElseThrow();
      adminToken = Administrator.of(first).token().orElseThrow();
    }
    return Api.anonymous(uri(0)).withToken(adminToken);
  }

  @Test
  @Tag("A-05")
  @Tag("A-06")
  void aSessionsMemoryIsSeenAndReset() {
    String session = open(here);
    answered(here, session, "[[text=remembered]] one");
    String memory = "/memory/" + here.userId() + "?session_id=";
    assertThat(ok(there.get(memory + session), 200).path("messages").findValuesAsText("content"))
        .containsExactly("[[text=remembered]] one", "remembered");
    refused(guest().get(memory + session), 403, "forbidden");
    refused(here.get(memory + open(guest())), 404, "not_found");
    ok(there.post("/profile/" + here.userId() + "/reset", Map.of()), 200);
    assertThat(ok(here.get(memory + session), 200).path("messages")).isEmpty();
    assertThat(ok(here.get("/sessions/" + session), 200).path("status").asText())
        .isEqualTo("ended");
  }

  LongMemory longMemory() {
    return new LongMemory(here, there, admin(), deployment.upstream());
  }

  @Test
  @Tag("A-06")
  @Tag("M-08")
  void aPreferenceFromThreeHundredTurnsAgoIsRecalledUntilItIsErased() {
    longMemory().aPreferenceFromThreeHundredTurnsAgoIsRecalledUntilItIsErased();
  }

  @Test
  @Tag("M-08")
  void whatWasSaidInTheConversationIsErasedWithItsAnswer() {
    longMemory().whatWasSaidInTheConversationIsErasedWithItsAnswer();
  }

  @Test
  @Tag("A-06")
  void whatAPromptForAQuestionWouldRecallIsShown() {
    longMemory().whatAPromptForAQuestionWouldRecallIsShown();
  }

  @Test
  @Tag("A-06")
  void importsThatAreNotGoodStoreNothing() throws InterruptedException {
    longMemory().importsThatAreNotGoodStoreNothing();
  }
}
