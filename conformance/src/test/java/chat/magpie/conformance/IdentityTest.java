package chat.magpie.conformance;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import chat.magpie.conformance.client.Api;
import chat.magpie.conformance.client.SseReader;
import chat.magpie.conformance.server.MagpieProcess;
import com.fasterxml.jackson.databind.JsonNode;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Who is who, and what nobody can do in another's name. The server answers from its knowledge
/// base.
@Tag("C-01")
class IdentityTest {
  private static final MagpieProcess server = MagpieProcess.start(Shared.NO_LIMITS);
  private static final String printed = Administrator.oneTimePassword(server);
  private static final Api anonymous = Api.anonymous(server.uri("/"));
  private static final boolean publishedWorks =
      Administrator.login(anonymous, "admin123456").status() == 200;
  private static final JsonNode mustChange = Administrator.login(anonymous, printed).body();
  private static final Api restricted =
      anonymous.withToken(mustChange.path("access_token").asText());
  private static final Api.Response early =
      restricted.post("/admin/api-keys", Map.of("name", "too early"));
  private static final Api.Response earlyChat = restricted.post("/chat", Map.of("message", "x"));
  private static final Api admin = Administrator.of(server);

  private final Api guest = Api.guest(server.uri("/"));
  private final Api other = Api.guest(server.uri("/"));

  @AfterAll
  static void end() {
    server.close();
    assertThat(server.output()).doesNotContain(Administrator.PASSWORD);
  }

  private static String base64(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  private static String part(String token, int index) {
    return token.split("\\.", -1)[index];
  }

  private static String payload(String token) {
    return new String(Base64.getUrlDecoder().decode(part(token, 1)), UTF_8);
  }

  private static String signed(String header, String payload, byte[] key)
      throws GeneralSecurityException {
    String text = base64(header.getBytes(UTF_8)) + "." + base64(payload.getBytes(UTF_8));
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(key, "HmacSHA256"));
    return text + "." + base64(mac.doFinal(text.getBytes(UTF_8)));
  }

  @Test
  void aGuestIsSomebodyOfTheirOwn() {
    assertThat(guest.userId()).isNotEmpty().isNotEqualTo(other.userId());
    JsonNode me = guest.get("/auth/me").body();
    assertThat(me.path("user_id").asText()).isEqualTo(guest.userId());
    assertThat(me.path("role").asText()).isEqualTo("guest");
    JsonNode again = anonymous.post("/auth/guest", Map.of()).body();
    assertThat(again.path("token_type").asText()).isEqualTo("Bearer");
    assertThat(again.path("expires_in").asLong()).isPositive();
  }

  @Test
  void tokensThatAreNotOursAreRefusedAlike() throws Exception {
    String mine = guest.token().orElseThrow();
    String header = new String(Base64.getUrlDecoder().decode(part(mine, 0)), UTF_8);
    long past = Instant.now().getEpochSecond() - 3_600;
    byte[] wrongKey = "this is not the key of the server, however long".getBytes(UTF_8);
    Map<String, String> tokens = new LinkedHashMap<>();
    tokens.put("none", "");
    tokens.put("nonsense", "nonsense");
    tokens.put("dots", "..");
    tokens.put("huge", "x".repeat(6_000));
    tokens.put("cut", mine.substring(0, mine.length() - 5));
    tokens.put("no signature", part(mine, 0) + "." + part(mine, 1) + ".");
    tokens.put("wrong key", signed(header, payload(mine), wrongKey));
    tokens.put("empty-ish key", signed(header, payload(mine), new byte[] {0}));
    tokens.put(
        "another's name",
        part(mine, 0)
            + "."
            + base64(payload(mine).replace(guest.userId(), other.userId()).getBytes(UTF_8))
            + "."
            + part(mine, 2));
    tokens.put(
        "promoted", signed(header, payload(mine).replace("\"guest\"", "\"admin\""), wrongKey));
    tokens.put(
        "expired",
        signed(header, payload(mine).replaceAll("\"exp\":\\d+", "\"exp\":" + past), wrongKey));
    for (String none : new String[] {"none", "None", "NONE", "nOnE"}) {
      String head = base64(("{\"alg\":\"" + none + "\",\"typ\":\"JWT\"}").getBytes(UTF_8));
      tokens.put("alg " + none, head + "." + part(mine, 1) + ".");
      tokens.put("alg " + none + " signed", head + "." + part(mine, 1) + "." + part(mine, 2));
    }
    tokens.put(
        "kid of a file",
        signed("{\"alg\":\"HS256\",\"kid\":\"../../../dev/null\"}", payload(mine), new byte[] {0}));
    tokens.put("key secret", "mgp_0123456789abcdef0123456789abcdef");
    String first = "";
    for (Map.Entry<String, String> token : tokens.entrySet()) {
      Api.Response refused = anonymous.withToken(token.getValue()).get("/auth/me");
      assertThat(refused.status()).as(token.getKey()).isEqualTo(401);
      assertThat(refused.header("content-type")).startsWith("application/problem+json");
      assertThat(refused.body().path("code").asText()).isEqualTo("unauthenticated");
      String said = refused.body().path("detail").asText();
      first = first.isEmpty() ? said : first;
      assertThat(said).as(token.getKey()).isEqualTo(first);
      assertThat(
              anonymous.withToken(token.getValue()).post("/chat", Map.of("message", "hi")).status())
          .as(token.getKey())
          .isEqualTo(401);
    }
    assertThat(guest.get("/auth/me").status()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/auth/me",
        "/characters",
        "/conversations",
        "/status",
        "/knowledge",
        "/admin/api-keys",
        "/chat/stream/x",
        "/profile/x",
        "/memory/x",
        "/replies/x",
        "/replies/x/context"
      })
  void whatIsNotPublicNeedsAToken(String path) {
    Api.Response refused = anonymous.get(path);
    assertThat(refused.status()).isEqualTo(401);
    assertThat(refused.body().path("code").asText()).isEqualTo("unauthenticated");
  }

  @Test
  void anAuthorizationOfAnotherKindIsNone() {
    for (String value : new String[] {"Basic YTpi", "Bearer", "bearer ", "Token x", ","}) {
      assertThat(
              Api.send(anonymous.request("/auth/me").header("Authorization", value).GET().build())
                  .status())
          .as(value)
          .isEqualTo(401);
    }
  }

  @Test
  void nobodyActsInAnothersName() {
    JsonNode mine = guest.chat(Map.of("message", "what is magpie", "user_id", guest.userId()));
    String me = guest.userId();
    assertForbidden(other.post("/chat", Map.of("message", "hi", "user_id", me)));
    assertForbidden(other.post("/chat/stop/" + me, Map.of()));
    assertForbidden(other.get("/chat/stream/" + me));
    assertForbidden(other.get(mine.path("stream_url").asText()));
    assertForbidden(other.get("/profile/" + me));
    assertForbidden(other.post("/profile/" + me + "/reset", Map.of()));
    assertForbidden(other.get("/memory/" + me));
    assertForbidden(other.get("/conversations?user_id=" + me));
    assertForbidden(other.get("/profile/nobody-at-all"));
    String conversation = mine.path("conversation_id").asText();
    String reply = mine.path("reply_id").asText();
    for (String path :
        new String[] {
          "/conversations/" + conversation,
          "/conversations/" + conversation + "/messages",
          "/replies/" + reply,
          "/replies/" + reply + "/context",
          "/conversations/0190aaaa-0000-7000-8000-000000000000"
        }) {
      Api.Response absent = other.get(path);
      assertThat(absent.status()).as(path).isEqualTo(404);
      assertThat(absent.body().path("code").asText()).isEqualTo("not_found");
    }
    assertThat(
            other.post("/chat", Map.of("message", "hi", "conversation_id", conversation)).status())
        .isEqualTo(404);
    assertForbidden(guest.get("/knowledge"));
    assertForbidden(guest.get("/admin/api-keys"));
    assertForbidden(guest.post("/admin/api-keys", Map.of("name", "mine")));
    assertForbidden(guest.delete("/characters/support-en"));
    assertThat(guest.get("/characters/support-en").body().has("prompt")).isFalse();
    assertThat(Records.messages(guest, conversation).getFirst().path("content").asText())
        .isEqualTo("what is magpie");
  }

  private static void assertForbidden(Api.Response response) {
    assertThat(response.status()).as(response.text()).isEqualTo(403);
    assertThat(response.body().path("code").asText()).isEqualTo("forbidden");
  }

  @Test
  @Tag("C-19")
  void thePasswordOfTheFirstStartIsGoodForNothingButItsReplacement() {
    assertThat(publishedWorks).isFalse();
    assertThat(printed).hasSizeGreaterThanOrEqualTo(12).isNotEqualTo("admin123456");
    assertThat(mustChange.path("must_change_password").asBoolean()).isTrue();
    assertForbidden(early);
    assertForbidden(earlyChat);
    assertThat(Administrator.login(anonymous, printed).status()).isEqualTo(401);
    assertThat(Administrator.login(anonymous, "admin123456").status()).isEqualTo(401);
    Api.Response published =
        admin.post(
            "/auth/password",
            Map.of("current_password", Administrator.PASSWORD, "new_password", "admin123456"));
    assertThat(published.status()).as(published.text()).isEqualTo(400);
    assertThat(admin.get("/auth/me").body().path("role").asText()).isEqualTo("admin");
    assertThat(server.output().split(java.util.regex.Pattern.quote(printed), -1).length - 1)
        .isEqualTo(1);
  }

  @Test
  @Tag("C-02")
  @Tag("B-07")
  void anAdministratorMakesCharacters() {
    Api.Response made =
        admin.post(
            "/characters",
            Map.of("id", "parrot", "name", "Parrot", "prompt", "Repeat.", "locale", "en"));
    assertThat(made.status()).as(made.text()).isEqualTo(201);
    assertThat(guest.get("/characters/parrot").body().path("name").asText()).isEqualTo("Parrot");
    assertThat(guest.chat(Map.of("message", "hi", "character_id", "parrot")).has("reply_id"))
        .isTrue();
    assertThat(admin.delete("/characters/parrot").status()).isEqualTo(204);
    assertThat(guest.get("/characters/parrot").status()).isEqualTo(404);
    assertThat(guest.post("/chat", Map.of("message", "hi", "character_id", "parrot")).status())
        .isEqualTo(404);
  }

  @Test
  void aServiceActsForUsersUntilItsKeyIsRevoked() {
    Api.Response made = admin.post("/admin/api-keys", Map.of("name", "shop"));
    assertThat(made.status()).as(made.text()).isEqualTo(201);
    String secret = made.body().path("secret").asText();
    assertThat(secret).isNotEmpty();
    assertThat(admin.get("/admin/api-keys").text()).contains("shop").doesNotContain(secret);
    Api service = anonymous.withToken(secret);
    JsonNode accepted = service.chat(Map.of("message", "what is magpie", "user_id", "customer:7"));
    assertThat(accepted.path("user_id").asText()).isEqualTo("customer:7");
    try (SseReader reader = service.stream(accepted.path("stream_url").asText(), null)) {
      assertThat(reader.status()).isEqualTo(200);
      assertThat(reader.rest().getLast().name()).isEqualTo("done");
    }
    assertThat(service.get("/memory/customer:7").body().path("messages")).hasSize(2);
    assertForbidden(service.get("/admin/api-keys"));
    String id = made.body().path("id").asText();
    assertForbidden(service.delete("/admin/api-keys/" + id));
    assertThat(admin.delete("/admin/api-keys/" + id).status()).isEqualTo(204);
    assertThat(service.get("/auth/me").status()).isEqualTo(401);
    assertThat(anonymous.withToken(secret + "x").get("/auth/me").status()).isEqualTo(401);
    assertThat(server.output()).doesNotContain(secret);
  }
}
