package chat.magpie.conformance;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.magpie.conformance.client.Api;
import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Every node's index is right without a restart, whatever was away while documents changed; an
/// import that loses its node ends on another one, and is seen whole or not at all.
@Tag("C-09")
@Tag("D-18")
@Tag("A-21")
class KnowledgeFaultsTest extends KnowledgeNodes {
  @AfterEach
  void heal() {
    if (deployment.redis().runs()) {
      deployment.redis().resume();
    } else {
      deployment.redis().restart();
    }
    deployment.healNodes();
  }

  private Api.Response patch(String change) {
    return keeper.send("PATCH", "/knowledge/documents/" + id, change.getBytes(UTF_8));
  }

  private String text(String opens) {
    return "# The %1$s\n\nThe %1$s opens at %2$s.\n".formatted(word, opens);
  }

  private static String passages(Api customer, String question) {
    return ok(customer.post("/knowledge/search", Map.of("question", question, "limit", 20)))
        .path("passages")
        .toString();
  }

  private void awaitPassage(Api customer, String text, String notAnyMore) {
    await()
        .atMost(SOON)
        .untilAsserted(
            () -> assertThat(passages(customer, word)).contains(text).doesNotContain(notAnyMore));
  }

  @Test
  void everyChangeAtOneNodeIsSearchedAtTheOther() {
    Api customer = Api.guest(elsewhere.uri("/"));
    ok(put("a.md", text("ten")));
    awaitPassage(customer, "opens at ten", "eleven");
    ok(put("a.md", text("eleven")));
    awaitPassage(customer, "opens at eleven", "at ten");
    ok(patch("{\"version\":1}"));
    awaitPassage(customer, "opens at ten", "eleven");
    ok(patch("{\"enabled\":false}"));
    awaitNotFound(customer, word);
    ok(patch("{\"enabled\":true}"));
    awaitFound(customer, word);
    ok(patch("{\"character_ids\":[\"support-zh\"]}"));
    awaitNotFound(customer, word);
    ok(patch("{\"character_ids\":[]}"));
    awaitFound(customer, word);
    ok(keeper.delete("/knowledge/documents/" + id));
    awaitNotFound(customer, word);
    ok(put("a.md", text("noon")));
    awaitPassage(customer, "opens at noon", "eleven");
  }

  @Test
  @Tag("D-11")
  void whileRedisStandsStillOrIsGoneNodesLookForThemselves() {
    Api customer = Api.guest(elsewhere.uri("/"));
    deployment.redis().pause();
    ok(put("a.md", text("ten")));
    awaitPassage(customer, "opens at ten", "eleven");
    deployment.redis().resume();
    ok(put("a.md", text("eleven")));
    awaitPassage(customer, "opens at eleven", "at ten");
    deployment.redis().kill();
    ok(put("a.md", text("twelve")));
    awaitPassage(customer, "opens at twelve", "eleven");
    ok(keeper.delete("/knowledge/documents/" + id));
    awaitNotFound(customer, word);
    deployment.redis().restart();
    ok(put("a.md", text("noon")));
    awaitPassage(customer, "opens at noon", "twelve");
  }

  @Test
  @Tag("D-11")
  void aNodeThatWasDownKnowsWhatHasChanged() {
    Api customer = Api.guest(elsewhere.uri("/"));
    String changed = id;
    ok(put("a.md", text("ten")));
    awaitFound(customer, word);
    String removed = "d" + UUID.randomUUID();
    id = removed;
    ok(put("a.md", text("two")));
    awaitFound(customer, word);
    String disabled = "d" + UUID.randomUUID();
    id = disabled;
    ok(put("a.md", text("three")));
    awaitFound(customer, word);

    deployment.terminate(1);
    ok(patch("{\"enabled\":false}"));
    ok(keeper.delete("/knowledge/documents/" + removed));
    String added = "d" + UUID.randomUUID();
    id = added;
    ok(put("a.md", text("four")));
    id = changed;
    ok(put("a.md", text("eleven")));
    deployment.restart(1);

    Api again = Api.guest(deployment.node(1).process().uri("/"));
    elsewhere = Api.anonymous(again.uri("/")).withToken(keeper.token().orElseThrow());
    assertThat(found(again, word)).containsExactlyInAnyOrder(changed, added);
    assertThat(passages(again, word)).contains("eleven", "four").doesNotContain("ten", "two");
  }

  @Test
  @Tag("D-11")
  void anUploadWhoseNodeDiesIsThereWhollyOrFailsWithAReasonOnTheOther() {
    List<String> pages =
        IntStream.range(0, 4_000).mapToObj(i -> "The " + word + " opens at " + i).toList();
    Api.Response taken =
        Api.send(
            elsewhere
                .request("/knowledge/documents/" + id + "?name=a.pdf")
                .PUT(BodyPublishers.ofByteArray(pdf(pages)))
                .build());
    assertThat(taken.status()).as(taken.text()).isEqualTo(202);
    String job = "/knowledge/jobs/" + taken.body().path("id").asText();
    await()
        .atMost(SOON)
        .until(() -> !ok(keeper.get(job)).path("status").asText().equals("waiting"));
    deployment.kill(1);
    Api customer = Api.guest(keeper.uri("/"));
    await()
        .atMost(SOON)
        .untilAsserted(() -> {
          boolean nothing = found(customer, word).isEmpty();
          JsonNode now = ok(keeper.get(job));
          if (now.path("status").asText().equals("failed")) {
            assertThat(now.path("failure").asText()).contains("Hand it in again");
            assertThat(keeper.get("/knowledge/documents/" + id).status()).isEqualTo(404);
            assertThat(nothing).isTrue();
          } else {
            // what had been committed before the node died, all of it
            assertThat(now.path("status").asText()).isEqualTo("done");
            assertThat(ok(keeper.get("/knowledge/documents/" + id + "/text")).path("text").asText())
                .contains("opens at 0", "opens at 3999");
          }
        });
    restarted();
    ok(put("a.md", text("noon")));
    awaitFound(Api.guest(elsewhere.uri("/")), word);
  }

  private void restarted() {
    deployment.restart(1);
    elsewhere =
        Api.anonymous(deployment.node(1).process().uri("/"))
            .withToken(keeper.token().orElseThrow());
  }

  @Test
  @Tag("D-11")
  void aFetchWhoseNodeDiesGoesOnAtTheOther() throws InterruptedException {
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch answer = new CountDownLatch(1);
    site.createContext(
        "/slow",
        exchange -> {
          boolean first = asked.getCount() > 0;
          asked.countDown();
          if (first) {
            answerWhen(answer);
          }
          byte[] body = ("# Slow\n\n" + text("dawn")).getBytes(UTF_8);
          exchange.getResponseHeaders().add("Content-Type", "text/markdown; charset=utf-8");
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    String url = "http://localhost:" + site.getAddress().getPort() + "/slow";
    JsonNode job = ok(elsewhere.post("/knowledge/urls", Map.of("url", url, "id", id)));
    asked.await();
    assertThat(keeper.get("/knowledge/documents/" + id).status()).isEqualTo(404);
    deployment.kill(1);
    JsonNode done = awaitJob(keeper, job, "done");
    answer.countDown();
    assertThat(done.path("version").asLong()).isEqualTo(1);
    awaitPassage(Api.guest(keeper.uri("/")), "opens at dawn", "noon");
    restarted();
    awaitPassage(Api.guest(elsewhere.uri("/")), "opens at dawn", "noon");
    assertThat(ok(elsewhere.get("/knowledge/documents/" + id)).path("version").asLong())
        .isEqualTo(1);
  }

  private static void answerWhen(CountDownLatch open) {
    try {
      open.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
