package chat.magpie.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import chat.magpie.conformance.client.Api;
import chat.magpie.conformance.client.SseReader;
import chat.magpie.conformance.faults.Deployment.Relay;
import chat.magpie.conformance.faults.Deployment.Shape;
import chat.magpie.conformance.faults.Deployment.Sql;
import chat.magpie.conformance.faults.Stored;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Two nodes on one PostgreSQL and one Redis: what the user does at the first shows at the second.
class SessionTalkTest extends SessionTalk {
  SessionTalkTest() {
    super(new Shape(Sql.POSTGRES, Relay.VOLATILE, 2));
  }

  private List<String> storedReplies() {
    return deployment.stored().replies().stream().map(Stored.Reply::id).toList();
  }

  private List<String> keys() {
    return deployment.redis().on(redis -> redis.keys("*"));
  }

  @Test
  @Tag("A-05")
  @Tag("M-07")
  @Tag("M-08")
  void anErasedTurnIsNowhere() {
    new ErasedTurn(here, there, longMemory().admin(), deployment).isNowhere();
  }

  @Test
  @Tag("B-08")
  void nothingOfADeletedSessionStaysInRedis() {
    String session = open(here);
    JsonNode first = answered(here, session, "[[text=Kept]] first");
    String memory = "chat:" + here.userId() + ":" + session + ":messages";
    assertThat(keys())
        .contains(memory)
        .anyMatch(key -> key.endsWith(first.path("reply_id").asText()));
    try (SseReader reader =
        here.postStream(
            "/chat/message/stream", Map.of("session_id", session, "message", ENDLESS))) {
      String running = String.valueOf(reader.next().orElseThrow().id()).split(":", 2)[0];
      assertThat(there.delete("/sessions/" + session).status()).isEqualTo(204);
      assertThat(keys()).doesNotContain(memory);
      for (String reply : List.of(first.path("reply_id").asText(), running)) {
        assertThat(keys())
            .filteredOn(key -> key.endsWith(reply))
            .allMatch(key ->
                deployment.redis().on(redis -> redis.xlen(key)) == 0
                    && deployment.redis().on(redis -> redis.pttl(key)) > 0);
      }
      assertThat(reader.rest()).noneMatch(event -> event.name().equals("done"));
    }
    assertThat(stored(session)).isEmpty();
  }

  @Test
  @Tag("B-08")
  void aDeletionThatItsNodeDidNotFinishIsFinishedByTheOther() {
    String session = open(there);
    List<String> replies =
        IntStream.range(0, 3)
            .mapToObj(i -> answered(there, session, "[[text=t" + i + "]] message " + i))
            .map(answer -> answer.path("reply_id").asText())
            .toList();
    String memory = "chat:" + here.userId() + ":" + session + ":messages";
    assertThat(keys()).contains(memory);
    // Redis is away, so the logs of the replies cannot be erased yet.
    deployment.redisLink().takeDown();
    Api.Response deleted = there.delete("/sessions/" + session);
    assertThat(deleted.status()).as(deleted.text()).isEqualTo(202);
    assertThat(deleted.body().path("status").asText()).isEqualTo("deleting");
    assertThat(here.get("/sessions/" + session).status()).isEqualTo(404);
    assertThat(there.get("/chat/history/" + session).status()).isEqualTo(404);
    assertThat(there.delete("/sessions/" + session).status()).isEqualTo(404);
    assertThat(stored(session)).isEmpty();
    assertThat(storedReplies()).containsAll(replies);
    deployment.kill(1);
    deployment.redisLink().restore();
    awaitTrue(() -> storedReplies().stream().noneMatch(replies::contains));
    awaitTrue(() -> !keys().contains(memory));
    assertThat(keys())
        .filteredOn(key -> replies.stream().anyMatch(key::endsWith))
        .allMatch(key -> deployment.redis().on(redis -> redis.xlen(key)) == 0);
  }

  @Test
  @Tag("A-06")
  void anImportWhoseNodeIsKilledIsFinishedByTheSameCall() throws InterruptedException {
    longMemory().anImportThatIsCutShortIsFinishedByTheSameCall(() -> deployment.kill(1));
  }

  @Test
  @Tag("D-18")
  void theLastMessagesComeBackFromTheDatabaseWhenRedisHasLostThem() {
    String session = open(here);
    var _ = answered(here, session, "[[text=Noted]] the tide is at nine");
    deployment
        .redis()
        .on(redis -> redis.del("chat:" + here.userId() + ":" + session + ":messages"));
    String prompt =
        answered(there, session, "[[mode=echo]] when is the tide?").path("content").asText();
    assertThat(prompt).contains("the tide is at nine", "Noted");
    assertThat(metric("magpie_memory_window_total{result=\"rebuilt\"")).isPositive();
  }

  /// What the nodes count together.
  private double metric(String name) {
    double sum = 0;
    for (int i = 0; i < deployment.nodes(); i++) {
      String page = Api.anonymous(deployment.node(i).process().uri("/")).get("/metrics").text();
      sum +=
          page.lines()
              .filter(line -> line.startsWith(name))
              .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
              .sum();
    }
    return sum;
  }
}
