package chat.magpie.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.magpie.conformance.client.Api;
import chat.magpie.conformance.server.MagpieProcess;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// What whoever starts the demo finds.
@Tag("C-04")
@Tag("M-10")
class DemoTest {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final Pattern PASSWORD = Pattern.compile("password +(demo-[0-9a-f]{16}) ");

  private static JsonNode ok(Api.Response response) {
    assertThat(response.status()).as(response.text()).isEqualTo(200);
    return response.body();
  }

  private static Api signedIn(MagpieProcess server, String login, String password) {
    Api nobody = Api.anonymous(server.uri("/"));
    Map<String, String> who = Map.of("login", login, "password", password);
    return nobody.withToken(ok(nobody.post("/auth/login", who)).path("access_token").asText());
  }

  @Test
  void thereIsADeskWithPeopleAndConversationsInTwoLanguages() {
    Map<String, String> environment = new HashMap<>(Shared.NO_LIMITS);
    environment.put("MAGPIE_DEMO_ENABLED", "true");
    environment.put("MAGPIE_REPLY_QUOTE_PACE", "1ms");
    environment.put("MAGPIE_KNOWLEDGE_OWN_DOCUMENTS", "never");
    Path root = Path.of(System.getProperty("magpie.root", "..")).toAbsolutePath().normalize();
    environment.put("MAGPIE_KNOWLEDGE_FOLDER", root.resolve("demo/knowledge").toString());
    try (MagpieProcess server = MagpieProcess.start(environment)) {
      await()
          .atMost(PATIENCE)
          .until(() -> server.output().contains("The demo has 7 conversations"));
      Matcher password = PASSWORD.matcher(server.output());
      assertThat(password.find()).isTrue();
      look(server, password.group(1));

      server.terminate();
      server.restart();
      await().atMost(PATIENCE).until(() -> server.output().contains("The demo is there already"));
      Api sara = signedIn(server, "sara@demo.example", password.group(1));
      assertThat(ok(sara.get("/sessions")).path("items")).hasSize(7);
    }
  }

  private static void look(MagpieProcess server, String password) {
    Api sara = signedIn(server, "sara@demo.example", password);
    JsonNode sessions = ok(sara.get("/sessions")).path("items");
    assertThat(sessions.findValuesAsText("title"))
        .hasSize(7)
        .contains("Parcel SO-4711 is late", "退款没有到账");
    assertThat(sessions.findValuesAsText("status")).contains("active", "ended");
    JsonNode queue = ok(sara.get("/desk/queue")).path("items");
    assertThat(queue.findValuesAsText("user_id")).startsWith("ben").contains("liu");
    assertThat(queue.path(0).path("priority").asInt()).isEqualTo(8);
    assertThat(ok(sara.get("/contacts?limit=100")).path("items").findValuesAsText("name"))
        .contains("Chloé Martin", "王芳");
    assertThat(ok(sara.get("/desk/canned-replies")).path("items")).hasSize(4);

    JsonNode returned =
        ok(
            sara.get(
                "/sessions?q="
                    + java.net.URLEncoder.encode("四十二天", java.nio.charset.StandardCharsets.UTF_8)));
    assertThat(returned.path("items").findValuesAsText("title")).contains("买的书可以退吗");

    Api tom = signedIn(server, "tom@demo.example", password);
    JsonNode mine = ok(tom.get("/desk/conversations")).path("items");
    assertThat(mine.findValuesAsText("user_id")).containsExactly("chloe");
    assertThat(tom.get("/admin/users").status()).isEqualTo(403);

    Api stranger = Api.guest(server.uri("/"));
    assertThat(ok(stranger.get("/sessions")).path("items")).isEmpty();
  }
}
