package chat.magpie.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import chat.magpie.conformance.client.Api;
import chat.magpie.conformance.client.SseReader;
import chat.magpie.conformance.faults.Deployment;
import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;

/// Two tenants; a word of its own is planted in every field of one of them that takes text.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class TenantCanaries {
  static final String GOOD = "correct horse battery";

  /// What all planted words begin with, so that it can be searched for.
  static final String WORD = "kanari";

  /// In both tenants.
  static final String USER = "customer:7";

  /// The one id that the other tenant has.
  static final String OTHER = "other_conversation";

  final Deployment deployment;
  final Set<String> planted = new LinkedHashSet<>();

  /// Those that their tenant is not shown either, or in streams alone.
  final Set<String> hidden = new HashSet<>();

  /// Of what the one tenant has; each stands for a thing.
  final Map<String, String> ids = new LinkedHashMap<>();

  final Set<String> replies = new TreeSet<>();
  Api operator;
  Tenant one;
  Tenant other;
  Api elsewhere;
  JsonNode paths;

  TenantCanaries(Deployment.Shape shape) {
    deployment = Deployment.start(shape, Shared.NO_LIMITS);
    operator = Api.anonymous(at(0));
    elsewhere = Api.anonymous(at(deployment.nodes() - 1));
    paths = Api.parse("{}");
    one = new Tenant("", operator, operator);
    other = one;
  }

  @BeforeAll
  void plant() {
    operator = Administrator.of(deployment);
    paths = ok(operator.get("/openapi?format=json")).path("paths");
    one = tenant(word("tenant"));
    other = tenant("Other");
    ids.put("tenant", one.id());
    plantPeople();
    plantCharacter();
    plantDesk();
    plantSession();
    plantHandover();
    plantContact();
    plantKnowledge();
    liveElsewhere();
  }

  @AfterAll
  void end() {
    for (int i = 0; i < deployment.nodes(); i++) {
      String log = deployment.node(i).process().output();
      assertThat(planted.stream().filter(word -> !ids.containsValue(word)).filter(log::contains))
          .isEmpty();
    }
    deployment.close();
  }

  URI at(int node) {
    return deployment.node(node).process().uri("/");
  }

  static JsonNode ok(Api.Response response) {
    assertThat(response.status()).as(response.text()).isBetween(200, 299);
    return response.body();
  }

  static Api.Response patch(Api caller, String path, String json) {
    return caller.send("PATCH", path, json.getBytes(StandardCharsets.UTF_8));
  }

  /// A new word, which nothing else holds.
  String word(String place) {
    String word = WORD + place + UUID.randomUUID().toString().substring(0, 8);
    planted.add(word);
    return word;
  }

  String hiddenWord(String place) {
    String word = word(place);
    hidden.add(word);
    return word;
  }

  /// @param boss its administrator
  /// @param service a service of it
  record Tenant(String id, Api boss, Api service) {}

  Tenant tenant(String name) {
    String id = "t" + UUID.randomUUID().toString().substring(0, 8);
    Api anybody = Api.anonymous(at(0));
    String once =
        ok(operator.post("/admin/tenants", Map.of("id", id, "name", name, "admin_login", "boss")))
            .path("one_time_password")
            .asText();
    Api beginner = as(Map.of("tenant", id, "login", "boss", "password", once));
    Api boss =
        anybody.withToken(
            ok(beginner.post(
                    "/auth/password", Map.of("current_password", once, "new_password", GOOD)))
                .path("access_token")
                .asText());
    String key = ok(boss.post("/admin/api-keys", Map.of("name", "k"))).path("secret").asText();
    return new Tenant(id, boss, anybody.withToken(key));
  }

  Api as(Map<String, Object> login) {
    Api anybody = Api.anonymous(at(0));
    return anybody.withToken(ok(anybody.post("/auth/login", login)).path("access_token").asText());
  }

  Api person(Tenant tenant, String login, String role) {
    ok(tenant.boss().post("/admin/users", Map.of("login", login, "password", GOOD, "role", role)));
    return as(Map.of("tenant", tenant.id(), "login", login, "password", GOOD));
  }

  void plantPeople() {
    JsonNode user =
        ok(
            one.boss()
                .post(
                    "/admin/users",
                    Map.of("login", word("login"), "role", "agent", "display_name", word("name"))));
    ids.put("user", user.path("id").asText());
    ok(patch(one.boss(), "/auth/me", "{\"display_name\":\"" + word("me") + "\"}"));
    ids.put("boss", ok(one.boss().get("/auth/me")).path("user_id").asText());
    ids.put(
        "key",
        ok(one.boss().post("/admin/api-keys", Map.of("name", word("key")))).path("id").asText());
    Api.Response registered =
        Api.anonymous(at(0))
            .post(
                "/auth/register",
                Map.of(
                    "tenant",
                    one.id(),
                    "login",
                    word("customer"),
                    "password",
                    GOOD,
                    "display_name",
                    word("customername")));
    assertThat(registered.status()).isEqualTo(202);
  }

  void plantCharacter() {
    String id = word("character");
    ids.put("character", id);
    ok(
        one.boss()
            .post(
                "/characters",
                Map.of(
                    "id",
                    id,
                    "name",
                    word("persona"),
                    "locale",
                    "en",
                    "description",
                    word("description"),
                    "greeting",
                    word("greeting"),
                    "prompt",
                    word("prompt"))));
  }

  void plantDesk() {
    ok(
        one.boss()
            .put(
                "/desk/settings",
                Map.of(
                    "keywords",
                    List.of(Map.of("words", word("words"), "skill", word("ruleskill"))))));
    ok(one.boss().put("/desk/presence", Map.of("presence", "online")));
    ok(one.boss().put("/desk/agents/" + id("boss"), Map.of("skills", List.of(word("agentskill")))));
    ids.put(
        "canned",
        ok(one.boss()
                .post(
                    "/desk/canned-replies",
                    Map.of(
                        "shortcut",
                        "/" + word("shortcut"),
                        "title",
                        word("cannedtitle"),
                        "content",
                        word("canned"),
                        "tags",
                        List.of(word("cannedtag")))))
            .path("id")
            .asText());
  }

  void plantSession() {
    String user = word("user");
    ids.put("session_user", user);
    String session =
        ok(one.service()
                .post(
                    "/chat/session",
                    Map.of(
                        "user_id",
                        user,
                        "title",
                        word("title"),
                        "tags",
                        List.of(word("tag")),
                        "metadata",
                        Map.of(word("metakey"), word("metavalue")))))
            .path("session_id")
            .asText();
    ids.put("session", session);
    JsonNode answered =
        ok(
            one.service()
                .post(
                    "/chat/message",
                    Map.of(
                        "session_id",
                        session,
                        "message",
                        "I say " + word("said"),
                        "client_msg_id",
                        hiddenWord("client"))));
    // It waits in the queue for somebody with a skill.
    ok(one.boss().post("/desk/conversations/" + session + "/take", Map.of()));
    ok(
        one.boss()
            .post("/desk/conversations/" + session + "/requeue", Map.of("skill", word("skill"))));
    replies.add(answered.path("reply_id").asText());
    ids.put("session_reply", answered.path("reply_id").asText());
  }

  void plantHandover() {
    JsonNode sent =
        one.service()
            .chat(Map.of("user_id", USER, "message", "[[mode=echo chunks=1]] " + word("asked")));
    replies.add(sent.path("reply_id").asText());
    ids.put("reply", sent.path("reply_id").asText());
    try (SseReader reader = one.service().stream(sent.path("stream_url").asText(), null)) {
      assertThat(reader.rest().getLast().name()).isEqualTo("done");
    }
    String conversation = sent.path("conversation_id").asText();
    ids.put("conversation", conversation);
    ok(one.service().post("/conversations/" + conversation + "/handover", Map.of()));
    ok(one.boss().post("/desk/conversations/" + conversation + "/take", Map.of()));
    ok(
        one.boss()
            .post(
                "/desk/conversations/" + conversation + "/messages",
                Map.of("text", word("human"))));
    ok(
        one.boss()
            .post(
                "/desk/conversations/" + conversation + "/notes",
                Map.of("text", hiddenWord("note"))));
  }

  void plantContact() {
    JsonNode contact =
        ok(
            one.boss()
                .post(
                    "/contacts",
                    Map.of(
                        "user_id",
                        word("contactuser"),
                        "name",
                        word("contactname"),
                        "real_name",
                        word("realname"),
                        "email",
                        word("email") + "@example.com",
                        "attributes",
                        Map.of("plan", word("attribute")),
                        "tags",
                        List.of(word("contacttag")))));
    ids.put("contact", contact.path("id").asText());
    ok(one.boss().post("/contacts/" + id("contact") + "/notes", Map.of("text", word("remark"))));
    ok(
        one.service()
            .put(
                "/conversations/" + id("conversation") + "/rating",
                Map.of("stars", 4, "comment", word("comment"))));
  }

  /// The other tenant has things of its own, with the same user and character.
  void liveElsewhere() {
    JsonNode sent = other.service().chat(Map.of("user_id", USER, "message", "hello"));
    try (SseReader reader = other.service().stream(sent.path("stream_url").asText(), null)) {
      assertThat(reader.rest().getLast().name()).isEqualTo("done");
    }
    ok(other.boss().put("/desk/presence", Map.of("presence", "online")));
    ok(other.service().post("/chat/session", Map.of("user_id", "somebody", "title", "mine")));
    ids.put(OTHER, sent.path("conversation_id").asText());
  }

  String id(String what) {
    return Objects.requireNonNull(ids.get(what), what);
  }

  private void plantKnowledge() {
    String document = "d" + UUID.randomUUID();
    ids.put("document", document);
    String title = word("documenttitle");
    for (String text : List.of(hiddenWord("old"), word("new"))) {
      ok(
          Api.send(
              one.boss()
                  .request(
                      "/knowledge/documents/"
                          + document
                          + "?name="
                          + word("file")
                          + ".md&title="
                          + title)
                  .PUT(
                      HttpRequest.BodyPublishers.ofString(
                          "# Help\n\n## %1$s\n\nThe %1$s.\n".formatted(text)))
                  .build()));
    }
    String entry = "f" + UUID.randomUUID();
    ids.put("entry", entry);
    ok(
        one.boss()
            .put(
                "/knowledge/faq/" + entry,
                Map.of(
                    "questions",
                    List.of(word("question"), word("phrasing")),
                    "answer",
                    word("answer"))));
    ids.put(
        "job",
        ok(one.boss()
                .post("/knowledge/urls", Map.of("url", "http://127.0.0.1:9009/" + word("address"))))
            .path("id")
            .asText());
  }
}
