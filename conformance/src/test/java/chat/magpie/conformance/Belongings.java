package chat.magpie.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.magpie.conformance.client.Api;
import chat.magpie.conformance.client.SseReader;
import chat.magpie.conformance.server.MagpieProcess;
import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Callers of every kind on one server, and what one of them, the owner, has: things that requests
/// can be made about. What a request has changed is made anew for the next.
final class Belongings {
  /// In what the owner says, and so in nothing that a stranger may see.
  static final String CANARY = "canary" + UUID.randomUUID().toString().replace("-", "");

  private static final String PASSWORD = "correct horse battery";
  private static final Pattern NAME = Pattern.compile("\\{([a-z_]+)}");

  private final Api anybody;
  private final Map<String, Api> callers = new LinkedHashMap<>();
  private final Map<String, String> made = new HashMap<>();
  private final Set<String> used = new HashSet<>();
  private final String ownerId;
  private final String agentId;
  private final String supervisorId;

  Belongings(MagpieProcess server) {
    anybody = Api.anonymous(server.uri("/"));
    Api first = Administrator.of(server);
    callers.put("nobody", anybody);
    callers.put("guest", Api.guest(server.uri("/")));
    callers.put("other", account(first, "customer"));
    callers.put("owner", account(first, "customer"));
    callers.put("agent", account(first, "agent"));
    callers.put("supervisor", account(first, "supervisor"));
    callers.put("admin", first);
    callers.put(
        "service",
        anybody.withToken(
            ok(first.post("/admin/api-keys", Map.of("name", "matrix"))).path("secret").asText()));
    String tenant = ok(first.post("/admin/tenants", Map.of("id", name()))).path("id").asText();
    Api inside =
        anybody.withToken(
            ok(first.post("/admin/tenants/" + tenant + "/enter", Map.of()))
                .path("access_token")
                .asText());
    callers.put("foreign", account(inside, "admin", tenant));
    ownerId = id("owner");
    agentId = id("agent");
    supervisorId = id("supervisor");
    for (String agent : List.of("agent", "supervisor")) {
      ok(caller(agent).put("/desk/presence", Map.of("presence", "online")));
    }
  }

  Api caller(String name) {
    return Objects.requireNonNull(callers.get(name), name);
  }

  /// Tokens that were an administrator's or a service's, or look like it, and are good for nothing
  /// any more.
  Map<String, String> spoilt() {
    Api admin = caller("admin");
    String token = admin.token().orElseThrow();
    int middleOfSignature = token.lastIndexOf('.') + (token.length() - token.lastIndexOf('.')) / 2;
    char other = token.charAt(middleOfSignature) == 'A' ? 'B' : 'A';
    JsonNode key = ok(admin.post("/admin/api-keys", Map.of("name", "revoked")));
    ok(admin.delete("/admin/api-keys/" + key.path("id").asText()));
    Api gone = account(admin, "admin");
    ok(gone.post("/auth/logout", Map.of()));
    Api deleted = account(admin, "admin");
    ok(admin.delete("/admin/users/" + ok(deleted.get("/auth/me")).path("user_id").asText()));
    Map<String, String> spoilt = new LinkedHashMap<>();
    spoilt.put(
        "forged",
        token.substring(0, middleOfSignature) + other + token.substring(middleOfSignature + 1));
    spoilt.put("unsigned", token.substring(0, token.lastIndexOf('.') + 1));
    spoilt.put("revoked", key.path("secret").asText());
    spoilt.put("signed out", gone.token().orElseThrow());
    spoilt.put("deleted", deleted.token().orElseThrow());
    return spoilt;
  }

  private String id(String caller) {
    return ok(caller(caller).get("/auth/me")).path("user_id").asText();
  }

  private Api account(Api admin, String role) {
    return account(admin, role, "default");
  }

  private Api account(Api admin, String role, String tenant) {
    String login = user(admin, role);
    JsonNode tokens =
        ok(
            anybody.post(
                "/auth/login", Map.of("tenant", tenant, "login", login, "password", PASSWORD)));
    return anybody.withToken(tokens.path("access_token").asText());
  }

  private static String user(Api admin, String role) {
    String login = name();
    ok(admin.post("/admin/users", Map.of("login", login, "password", PASSWORD, "role", role)));
    return login;
  }

  private static JsonNode ok(Api.Response response) {
    assertThat(response.status()).as(response.text()).isBetween(200, 299);
    return response.body();
  }

  private static String name() {
    return "n" + UUID.randomUUID().toString().substring(0, 13);
  }

  /// The text with everything in it that is to be made.
  String fill(String text) {
    return NAME.matcher(text)
        .replaceAll(name -> {
          used.add(name.group(1));
          return Matcher.quoteReplacement(thing(name.group(1)));
        });
  }

  /// What was filled in since the last time may have been changed, and conversations with anything
  /// of the owner's.
  void changed() {
    used.forEach(made::remove);
    made.keySet().removeAll(Set.of("conversation", "queued", "taken", "ended", "rated"));
    used.clear();
  }

  /// Nothing has come of what was filled in.
  void unchanged() {
    used.clear();
  }

  private String thing(String name) {
    return switch (name) {
      case "owner" -> ownerId;
      case "agent" -> agentId;
      case "supervisor" -> supervisorId;
      case "name" -> name();
      case "canary" -> CANARY;
      case "settings" -> ok(caller("supervisor").get("/desk/settings")).toString();
      default -> {
        String known = made.get(name);
        String thing = known == null ? make(name) : known;
        made.put(name, thing);
        yield thing;
      }
    };
  }

  private String make(String name) {
    return switch (name) {
      case "login" -> user(caller("admin"), "customer");
      case "conversation" -> conversation();
      case "queued" -> queued();
      case "taken" -> {
        String id = queued();
        ok(caller("agent").post("/desk/conversations/" + id + "/take", Map.of()));
        yield id;
      }
      case "reply" -> {
        JsonNode accepted = caller("owner").chat(Map.of("message", "what is magpie? " + CANARY));
        try (SseReader reader =
            caller("owner").stream(accepted.path("stream_url").asText(), null)) {
          assertThat(reader.rest().getLast().name()).isEqualTo("done");
        }
        yield accepted.path("reply_id").asText();
      }
      case "message" ->
          ok(caller("owner").get("/conversations/" + ended() + "/messages"))
              .path("items")
              .path(0)
              .path("id")
              .asText();
      case "ended" -> ended();
      case "rated" -> {
        String id = ended();
        ok(
            caller("owner")
                .put("/conversations/" + id + "/rating", Map.of("stars", 4, "comment", CANARY)));
        yield id;
      }
      case "assessed" -> {
        String id = ended();
        await()
            .atMost(Duration.ofMinutes(2))
            .until(() ->
                caller("admin").get("/conversations/" + id + "/rating/assessment").status() == 200);
        yield id;
      }
      case "contact", "contact_b" ->
          ok(caller("agent").post("/contacts", Map.of("user_id", name(), "name", CANARY)))
              .path("id")
              .asText();
      case "note", "agents_note" ->
          ok(caller(name.equals("note") ? "supervisor" : "agent")
                  .post("/contacts/" + thing("contact") + "/notes", Map.of("text", CANARY)))
              .path("id")
              .asText();
      case "character" ->
          ok(caller("admin")
                  .post(
                      "/characters",
                      Map.of("id", name(), "name", "x", "prompt", "x", "locale", "en")))
              .path("id")
              .asText();
      case "canned" ->
          ok(caller("supervisor")
                  .post(
                      "/desk/canned-replies",
                      Map.of("shortcut", name(), "title", CANARY, "content", "x", "locale", "en")))
              .path("id")
              .asText();
      case "document" ->
          ok(caller("supervisor")
                  .put("/knowledge/documents/" + name() + "?name=a.md", Map.of("text", CANARY)))
              .path("id")
              .asText();
      case "faq" -> {
        String id = name();
        ok(
            caller("supervisor")
                .put(
                    "/knowledge/faq/" + id,
                    Map.of("questions", List.of(CANARY), "answer", CANARY)));
        yield id;
      }
      case "job" ->
          ok(caller("supervisor")
                  .post("/knowledge/urls", Map.of("url", "http://127.0.0.1:9009/" + CANARY)))
              .path("id")
              .asText();
      case "gap" -> gap();
      case "key" ->
          ok(caller("admin").post("/admin/api-keys", Map.of("name", CANARY))).path("id").asText();
      case "tenant" ->
          ok(caller("admin").post("/admin/tenants", Map.of("id", name()))).path("id").asText();
      case "user" ->
          ok(caller("admin")
                  .post(
                      "/admin/users",
                      Map.of(
                          "login",
                          name(),
                          "password",
                          PASSWORD,
                          "role",
                          "customer",
                          "display_name",
                          CANARY)))
              .path("id")
              .asText();
      default -> throw new IllegalArgumentException("nobody makes a {" + name + "}");
    };
  }

  /// A question that nobody can answer, as the desk sees it.
  private String gap() {
    String question = "xylophon quaggas " + name();
    ok(
        caller("owner")
            .post("/chat", Map.of("message", question, "conversation_id", conversation())));
    return await()
        .atMost(Duration.ofMinutes(2))
        .until(
            () -> {
              for (JsonNode gap : ok(caller("supervisor").get("/knowledge/gaps")).path("items")) {
                if (gap.path("question").asText().equals(question)) {
                  return gap.path("id").asText();
                }
              }
              return "";
            },
            id -> !id.isEmpty());
  }

  private String conversation() {
    JsonNode opened = ok(caller("owner").post("/chat/session", Map.of("title", CANARY)));
    return opened.path("session_id").asText(opened.path("id").asText());
  }

  private String ended() {
    String id = conversation();
    ok(
        caller("owner")
            .post("/chat/message", Map.of("session_id", id, "message", "what is magpie?")));
    ok(caller("owner").post("/sessions/" + id + "/end", Map.of()));
    return id;
  }

  private String queued() {
    String id = conversation();
    ok(caller("owner").post("/conversations/" + id + "/handover", Map.of()));
    return id;
  }
}
