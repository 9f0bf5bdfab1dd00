package chat.magpie.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.magpie.conformance.client.Api;
import chat.magpie.conformance.client.SseReader;
import chat.magpie.conformance.faults.Deployment;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The state that a reader began with and the events since are the state as it is now, for the
/// customer and for the desk, whatever was done.
@Tag("C-06")
@Tag("M-02")
abstract class LiveStates extends Live {
  LiveStates(Deployment.Shape shape) {
    super(shape, Map.of("MAGPIE_SESSION_SWEEP_INTERVAL", "200ms"));
  }

  /// What people do with a conversation; much of it is refused where it stands.
  private enum Act {
    SAY,
    ASK,
    URGE,
    NOTE,
    TAKE,
    SPEAK,
    READ,
    REQUEUE,
    TAKE_AGAIN,
    HAND_BACK,
    ASK_AGAIN,
    LEAVE,
    TITLE,
    TAGS,
    ARCHIVE,
    METADATA,
    TITLE_AWAY,
    RATE,
    ERASE
  }

  /// What takes a character with a team; [Teamwork] compares states across it.
  private static final Set<String> OF_TEAMS = Set.of("character.changed");

  /// What nobody can be told who knows the conversation.
  private static final Set<String> BEFORE_ANY_STATE = Set.of("conversation.created");

  @Test
  void everyKindOfEventLeadsToTheNextState() {
    String session = conversation("[[chunks=3]] first");
    Watch mine = new Watch(customer, session);
    Watch desk = new Watch(agent, session);
    Random fixed = new Random(0);
    for (Act act : Act.values()) {
      assertThat(run(act, session, fixed).status()).as(act.name()).isBetween(200, 299);
      mine.compare(act.name());
      desk.compare(act.name());
    }
    end(session);
    mine.compare("end");
    desk.compare("end");
    assertThat(mine.kinds)
        .contains(
            "message.created",
            "message.erased",
            "reply.started",
            "reply.ended",
            "mode.changed",
            "receipt.read",
            "conversation.updated",
            "conversation.ended")
        .noneMatch(kind -> kind.startsWith("desk."));
    assertThat(desk.kinds).containsAll(mine.kinds);

    Set<String> all = new TreeSet<>(desk.kinds);
    all.addAll(kindsThatTimeBrings());
    all.addAll(BEFORE_ANY_STATE);
    all.addAll(OF_TEAMS);
    assertThat(all).containsAll(kinds());
  }

  /// All kinds of events, as the schema of the frames lists them.
  private Set<String> kinds() {
    Set<String> kinds = new TreeSet<>();
    ok(Api.anonymous(at(0)).get("/ws/schema.json"))
        .path("$defs")
        .properties()
        .forEach(frame -> {
          JsonNode fields = frame.getValue().path("properties");
          String kind = fields.path("type").path("const").asText();
          if (fields.has("seq") && fields.has("created_at") && !kind.isEmpty()) {
            kinds.add(kind);
          }
        });
    assertThat(kinds).hasSizeGreaterThan(10);
    return kinds;
  }

  /// A target that is missed, and the end of what nobody comes back to.
  private Set<String> kindsThatTimeBrings() {
    ok(at(0, agent).put("/desk/settings", Map.of("first_response_seconds", 1)));
    ok(at(0, agent).put("/desk/presence", Map.of("presence", "online")));
    String session = conversation("[[chunks=3]] first");
    Watch mine = new Watch(customer, session);
    Watch desk = new Watch(agent, session);
    ok(customer.post("/conversations/" + session + "/handover", Map.of()));
    desk.hearUntil("desk.sla.breached");
    mine.compare("missed");
    desk.compare("missed");
    deployment.makeOlder(session, Duration.ofDays(90));
    desk.hearUntil("conversation.expired");
    mine.compare("expired");
    desk.compare("expired");
    assertThat(mine.kinds).contains("conversation.expired").doesNotContain("desk.sla.breached");
    return desk.kinds;
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void whateverIsDone(long seed) {
    Random random = new Random(seed);
    String session = conversation("[[chunks=3]] first");
    Watch mine = new Watch(customer, session);
    Watch desk = new Watch(agent, session);
    StringBuilder story = new StringBuilder("seed " + seed);
    for (int i = 0; i < 40; i++) {
      Act act = Act.values()[random.nextInt(Act.values().length)];
      Api.Response response = run(act, session, random);
      story.append(' ').append(act).append('=').append(response.status());
      assertThat(response.status()).as(story + response.text()).isLessThan(500);
      if (random.nextInt(3) == 0) {
        mine.compare(story.toString());
      }
      if (random.nextInt(3) == 0) {
        desk.compare(story.toString());
      }
    }
    end(session);
    mine.compare(story + " end");
    desk.compare(story + " end");
  }

  private void end(String session) {
    assertThat(customer.post("/sessions/" + session + "/end", Map.of()).status())
        .isBetween(200, 299);
  }

  private Api.Response run(Act act, String session, Random random) {
    int node = random.nextInt(2);
    Api user = at(node, customer);
    Api desk = at(1 - node, agent);
    String path = "/desk/conversations/" + session;
    return switch (act) {
      case SAY -> say(user, session);
      case ASK, ASK_AGAIN -> user.post("/conversations/" + session + "/handover", Map.of());
      case LEAVE -> user.delete("/conversations/" + session + "/handover");
      case URGE -> desk.put(path + "/priority", Map.of("priority", random.nextInt(-10, 11)));
      case NOTE -> desk.post(path + "/notes", Map.of("text", "note " + random.nextInt(100)));
      case TAKE, TAKE_AGAIN -> desk.post(path + "/take", Map.of());
      case SPEAK -> desk.post(path + "/messages", Map.of("text", "says " + random.nextInt(100)));
      case READ -> read(user, session);
      case REQUEUE ->
          desk.post(
              path + "/requeue",
              Map.of("priority", random.nextInt(0, 10), "skill", "skill" + random.nextInt(3)));
      case RATE ->
          user.put("/conversations/" + session + "/rating", Map.of("stars", random.nextInt(1, 6)));
      case ERASE -> eraseFirst(user, session);
      case HAND_BACK -> desk.post(path + "/hand-back", Map.of());
      case TITLE -> patch(user, session, "{\"title\":\"title " + random.nextInt(100) + "\"}");
      case TITLE_AWAY -> patch(user, session, "{\"title\":\"\"}");
      case TAGS -> patch(user, session, "{\"tags\":[\"t" + random.nextInt(5) + "\",\"旅行\"]}");
      case ARCHIVE -> patch(user, session, "{\"archived\":" + random.nextBoolean() + "}");
      case METADATA ->
          patch(
              user,
              session,
              "{\"metadata\":{\"n\":" + random.nextInt(100) + ",\"deep\":[1,null]}}");
    };
  }

  private static Api.Response patch(Api user, String session, String json) {
    return user.send("PATCH", "/sessions/" + session, json.getBytes(StandardCharsets.UTF_8));
  }

  private static Api.Response say(Api user, String session) {
    Api.Response sent =
        user.post("/chat", Map.of("message", "[[chunks=3]] more", "conversation_id", session));
    JsonNode stream = sent.body().path("stream_url");
    if (sent.status() == 202 && stream.isTextual()) {
      try (SseReader reader = user.stream(stream.asText(), null)) {
        reader.rest();
      }
    }
    return sent;
  }

  private static Api.Response eraseFirst(Api user, String session) {
    JsonNode state = ok(user.get("/sessions/" + session + "/snapshot")).path("conversation");
    JsonNode first = ok(user.get("/conversations/" + session + "/messages")).path("items").path(0);
    return user.delete(
        "/memory/" + state.path("user_id").asText() + "/turns/" + first.path("id").asText());
  }

  /// Says over a socket that the newest message was read, and waits until that is known.
  private Api.Response read(Api user, String session) {
    long seq =
        ok(user.get("/sessions/" + session + "/snapshot"))
            .path("conversation")
            .path("message_count")
            .asLong();
    try (var socket = chat(0, user, session, null)) {
      socket.await("reset");
      socket.send(Map.of("type", "read", "seq", seq));
      socket.send(Map.of("type", "ping", "id", "behind"));
      socket.await("pong");
    }
    return user.get("/sessions/" + session + "/snapshot");
  }

  /// One reader, who polls on one node and looks at fresh states on the other.
  private final class Watch {
    private final Api who;
    private final String session;
    private final Told told;
    private final Set<String> kinds = new HashSet<>();
    private int turn;

    Watch(Api who, String session) {
      this.who = who;
      this.session = session;
      this.told = new Told(snapshot());
    }

    private JsonNode snapshot() {
      return ok(at(turn++, who).get("/sessions/" + session + "/snapshot"));
    }

    void hearUntil(String kind) {
      await()
          .atMost(Duration.ofMinutes(2))
          .until(() -> {
            hear();
            return kinds.contains(kind);
          });
    }

    void compare(String story) {
      hear();
      told.assertSame(snapshot(), story);
    }

    private void hear() {
      for (JsonNode frame : paged(at(turn, who), session, told.cursor())) {
        kinds.add(frame.path("type").asText());
        told.hear(frame);
      }
    }
  }

  /// What somebody knows who began with a snapshot and heard everything since.
  private static final class Told {
    private final Map<String, Object> known;
    private String cursor;

    Told(JsonNode reset) {
      known = State.of(reset);
      cursor = reset.path("cursor").asText();
    }

    String cursor() {
      return cursor;
    }

    void hear(JsonNode frame) {
      State.hear(known, frame);
      cursor = frame.path("cursor").asText();
    }

    void assertSame(JsonNode reset, String story) {
      assertThat(known).as(story).isEqualTo(State.of(reset));
    }
  }
}
