package chat.magpie.conformance;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import chat.magpie.conformance.client.Api;
import chat.magpie.conformance.client.SocketClient;
import chat.magpie.conformance.client.SseReader;
import chat.magpie.conformance.server.MagpieProcess;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// A thousand users of two tenants each have a word of their own in all that they say and have.
/// Whatever users, the people of a desk, services and strangers ask for, and whatever streams bring
/// them, no word and no id comes from anybody whom they may not see. What can be asked for is read
/// from the OpenAPI document, so that a new route is asked too.
@Tag("C-02")
@Tag("C-25")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class UserWallsTest {
  private static final int USERS = 500;
  private static final int PAGES = 12;

  /// Leaks of one caller that are told.
  private static final int ENOUGH = 20;

  private static final String PASSWORD = "correct horse battery";
  private static final List<String> TENANTS = List.of("default", "other");

  private final MagpieProcess server = MagpieProcess.start(Shared.NO_LIMITS);
  private final ExecutorService threads = Executors.newFixedThreadPool(8);
  private final Canaries canaries = new Canaries();
  private final List<Crowd> crowds = new ArrayList<>();
  private JsonNode paths = Api.parse("{}");

  /// The users of a tenant, and who looks after them.
  private record Crowd(
      String tenant, Api boss, Api supervisor, Api agent, Api service, List<Canaries.User> users) {
    Canaries.User user(int i) {
      return users.get(i);
    }
  }

  @BeforeAll
  void plant() {
    Api operator = Administrator.of(server);
    paths = ok(operator.get("/openapi?format=json")).path("paths");
    String id =
        ok(operator.post("/admin/tenants", Map.of("id", TENANTS.get(1)))).path("id").asText();
    String entered =
        ok(operator.post("/admin/tenants/" + id + "/enter", Map.of()))
            .path("access_token")
            .asText();
    crowds.add(crowd(TENANTS.get(0), operator));
    crowds.add(crowd(TENANTS.get(1), operator.withToken(entered)));
  }

  @AfterAll
  void end() {
    threads.shutdownNow();
    server.close();
  }

  private static JsonNode ok(Api.Response response) {
    assertThat(response.status()).as(response.text()).isBetween(200, 299);
    return response.body();
  }

  private <T> List<T> together(List<Callable<T>> tasks) {
    try {
      List<T> results = new ArrayList<>();
      for (Future<T> task : threads.invokeAll(tasks)) {
        results.add(task.get());
      }
      return results;
    } catch (ExecutionException e) {
      throw new AssertionError(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private Crowd crowd(String tenant, Api boss) {
    Api supervisor = account(boss, tenant, "supervisor");
    Api agent = account(boss, tenant, "agent");
    String key = ok(boss.post("/admin/api-keys", Map.of("name", "k"))).path("secret").asText();
    for (Api human : List.of(supervisor, agent)) {
      ok(human.put("/desk/presence", Map.of("presence", "online")));
    }
    List<Canaries.User> users =
        together(
            IntStream.range(0, USERS)
                .<Callable<Canaries.User>>mapToObj(i -> () -> user(tenant, boss, i))
                .toList());
    return new Crowd(tenant, boss, supervisor, agent, boss.withToken(key), users);
  }

  private Api account(Api boss, String tenant, String role) {
    String login = role + "@" + tenant;
    ok(boss.post("/admin/users", Map.of("login", login, "password", PASSWORD, "role", role)));
    Api anybody = boss.withToken(null);
    return anybody.withToken(
        ok(anybody.post(
                "/auth/login", Map.of("tenant", tenant, "login", login, "password", PASSWORD)))
            .path("access_token")
            .asText());
  }

  /// Somebody who says their word; each tenth has it everywhere.
  private Canaries.User user(String tenant, Api boss, int number) {
    JsonNode token =
        ok(Api.anonymous(server.uri("/")).post("/auth/guest?tenant=" + tenant, Map.of()));
    Api api = boss.withToken(token.path("access_token").asText());
    Canaries.User user = canaries.user(tenant, token.path("user_id").asText(), api);
    String word = user.word();
    JsonNode sent = api.chat(Map.of("message", "I say " + word));
    String conversation = sent.path("conversation_id").asText();
    user.has("conversation", conversation);
    user.has("message", sent.path("message_id").asText());
    user.has("reply", sent.path("reply_id").asText());
    if (number % 10 == 0) {
      String change =
          "{\"title\":\"%1$s\",\"tags\":[\"%1$s\"],\"metadata\":{\"k\":\"%1$s\"}}".formatted(word);
      ok(api.send("PATCH", "/sessions/" + conversation, change.getBytes(UTF_8)));
      ok(
          api.put(
              "/conversations/" + conversation + "/rating", Map.of("stars", 4, "comment", word)));
      ok(api.post("/conversations/" + conversation + "/handover", Map.of()));
      String contact =
          ok(boss.get("/contacts?user_id=" + user.id())).path("items").path(0).path("id").asText();
      user.has("contact", contact);
      String known =
          "{\"name\":\"%1$s\",\"real_name\":\"%1$s\",\"email\":\"%1$s@example.com\",\"tags\":[\"%1$s\"]}"
              .formatted(word);
      ok(boss.send("PATCH", "/contacts/" + contact, known.getBytes(UTF_8)));
      ok(boss.post("/contacts/" + contact + "/notes", Map.of("text", word)));
      ok(
          boss.post(
              "/desk/conversations/" + conversation + "/notes", Map.of("text", "note " + word)));
    }
    return user;
  }

  /// Each route that reads, with the ids of these users in its path, and with them and their words
  /// in each of its parameters; streams only where the caller is refused.
  private List<String> questions(Canaries.Sight sight, List<Canaries.User> about, boolean deep) {
    Set<String> questions = new TreeSet<>();
    List<String> values = new ArrayList<>();
    about.forEach(user -> values.addAll(user.ids()));
    List<String> words = new ArrayList<>(values);
    about.forEach(user -> words.add(user.word()));
    words.add(Canaries.BEGINNING);
    paths
        .properties()
        .forEach(path -> {
          JsonNode get = path.getValue().path("get");
          if (get.isMissingNode()) {
            return;
          }
          boolean streams = get.toString().contains("text/event-stream");
          boolean named = path.getKey().contains("{");
          for (String value : named ? values : List.of("")) {
            if (!streams || canaries.foreign(value, sight)) {
              questions.add(path.getKey().replaceAll("\\{[^}]*}", value));
            }
          }
          if (streams || named || !deep) {
            return;
          }
          for (JsonNode parameter : get.path("parameters")) {
            if (parameter.path("in").asText().equals("query")) {
              String name = parameter.path("name").asText();
              words.forEach(word -> questions.add(path.getKey() + "?" + name + "=" + word));
            }
          }
        });
    return List.copyOf(questions);
  }

  /// Asks, and for every page that follows; all that is shown to somebody who may not see it.
  private List<String> leaks(String who, Api caller, Canaries.Sight sight, List<String> questions) {
    List<String> leaks = new ArrayList<>();
    for (String question : questions) {
      String next = question;
      for (int page = 0; page < PAGES && !next.isEmpty(); page++) {
        Api.Response answer = caller.get(next);
        if (!question.startsWith("/health")) {
          assertThat(answer.status()).as("%s: %s", next, answer).isLessThan(500);
        }
        Set<String> foreign = canaries.foreignIn(answer.text(), next, sight);
        if (!foreign.isEmpty() && leaks.size() < ENOUGH) {
          leaks.add(
              "%s is shown %d of others by %s, such as %s"
                  .formatted(who, foreign.size(), next, foreign.iterator().next()));
        }
        String cursor = answer.body().path("next_cursor").asText("");
        next =
            cursor.isEmpty()
                ? ""
                : question + (question.contains("?") ? "&" : "?") + "cursor=" + cursor;
      }
    }
    return leaks;
  }

  private Callable<List<String>> asked(
      String who, Api caller, Canaries.Sight sight, boolean deep, List<Canaries.User> about) {
    return () -> leaks(who, caller, sight, questions(sight, about, deep));
  }

  /// Users of both tenants: for each, who asks among them, and victims with everything.
  private List<Canaries.User> sample() {
    return List.of(crowds.get(0).user(0), crowds.get(1).user(10), crowds.get(0).user(123));
  }

  @Test
  void nobodyIsShownWhatIsAnothers() {
    List<Callable<List<String>>> tasks = new ArrayList<>();
    for (Crowd crowd : crowds) {
      for (int i : List.of(20, 77)) {
        Canaries.User user = crowd.user(i);
        List<Canaries.User> about = Stream.concat(Stream.of(user), sample().stream()).toList();
        tasks.add(asked("user " + i, user.api(), canaries.of(user), i == 20, about));
      }
      Canaries.Sight desk = canaries.ofTenant(crowd.tenant());
      tasks.add(asked("the boss", crowd.boss(), desk, true, sample()));
      tasks.add(asked("a supervisor", crowd.supervisor(), desk, false, sample()));
      tasks.add(asked("an agent", crowd.agent(), desk, false, sample()));
      tasks.add(asked("a service", crowd.service(), desk, false, sample()));
    }
    Api nobody = Api.anonymous(server.uri("/"));
    tasks.add(asked("nobody", nobody, canaries.ofNobody(), false, sample()));
    assertThat(together(tasks)).allSatisfy(leaks -> assertThat(leaks).isEmpty());
  }

  /// The routes that search by a body; another one has to be asked here too.
  @Test
  void searchesByBodyShowNothingOfAnothers() {
    List<String> searches = new ArrayList<>();
    paths
        .properties()
        .forEach(path -> {
          if (path.getKey().endsWith("/search")) {
            searches.add(path.getKey());
          }
        });
    assertThat(searches).containsExactlyInAnyOrder("/contacts/search", "/knowledge/search");
    for (Crowd crowd : crowds) {
      for (Canaries.User user : sample()) {
        for (String field : List.of("q", "user_id", "tag", "email")) {
          String value =
              switch (field) {
                case "user_id" -> user.id();
                case "email" -> user.word() + "@example.com";
                default -> user.word();
              };
          Api.Response found = crowd.agent().post("/contacts/search", Map.of(field, value));
          assertThat(canaries.foreignIn(found.text(), value, canaries.ofTenant(crowd.tenant())))
              .as(found.text())
              .isEmpty();
          Api.Response refused = user.api().post("/contacts/search", Map.of(field, value));
          assertThat(refused.status()).isEqualTo(403);
        }
        searchedByThemselves(user);
      }
    }
  }

  /// Nobody finds words of others in the knowledge base or in a memory, their own or another's.
  private void searchedByThemselves(Canaries.User user) {
    JsonNode own = ok(retrieve(user, user.id()));
    assertThat(own.path("turns").toString()).contains(user.word());
    Api.Response known =
        user.api().post("/knowledge/search", Map.of("question", "I say " + user.word()));
    for (String text : List.of(own.toString(), ok(known).toString())) {
      assertThat(canaries.foreignIn(text, "", canaries.of(user))).as(text).isEmpty();
    }
    for (Canaries.User other : sample()) {
      if (!other.id().equals(user.id())) {
        assertThat(retrieve(user, other.id()).status()).isEqualTo(403);
      }
    }
  }

  private static Api.Response retrieve(Canaries.User user, String of) {
    return user.api()
        .post("/memory/" + of + "/retrieve", Map.of("question", "What did I say? " + user.word()));
  }

  /// What the words are looked for in is what people see: each finds their own.
  @Test
  @Tag("M-08")
  void theMemoryOfEachIsTheirsAlone() {
    List<Callable<List<String>>> tasks = new ArrayList<>();
    for (Crowd crowd : crowds) {
      for (Canaries.User user : crowd.users()) {
        // What everybody said, and what somebody else did.
        for (String question : List.of("What did I say?", crowd.user(0).word())) {
          tasks.add(() -> {
            String found =
                ok(user.api()
                        .post("/memory/" + user.id() + "/retrieve", Map.of("question", question)))
                    .toString();
            assertThat(found).contains(user.word());
            return List.copyOf(canaries.foreignIn(found, "", canaries.of(user)));
          });
        }
      }
    }
    assertThat(together(tasks)).hasSize(4 * USERS).allMatch(List::isEmpty);
  }

  @Test
  void everybodyIsShownTheirOwn() {
    for (Crowd crowd : crowds) {
      Set<String> seen = new TreeSet<>();
      for (String start :
          List.of("/sessions?limit=200&archived=any", "/sessions?limit=200&q=I+say")) {
        String next = start;
        while (!next.isEmpty()) {
          JsonNode page = ok(crowd.agent().get(next));
          seen.addAll(Canaries.wordsIn(page.toString()));
          page.path("items").forEach(item -> seen.add(item.path("user_id").asText()));
          String cursor = page.path("next_cursor").asText("");
          next = cursor.isEmpty() ? "" : start + "&cursor=" + cursor;
        }
      }
      assertThat(seen).containsAll(crowd.users().stream().map(Canaries.User::id).toList());
      assertThat(seen).containsAll(crowd.users().stream().map(Canaries.User::word).toList());
      Canaries.User user = crowd.user(33);
      assertThat(user.api().get("/sessions?q=" + user.word()).text()).contains(user.id());
      assertThat(user.api().get("/chat/history/" + user.get("conversation")).text())
          .contains(user.word());
    }
  }

  @Test
  void streamsBringNothingOfAnothers() {
    List<SocketClient> desks = new ArrayList<>();
    List<SocketClient> chats = new ArrayList<>();
    try {
      for (Crowd crowd : crowds) {
        desks.add(socket("/ws/desk", crowd.agent()));
        desks
            .getLast()
            .send(
                Map.of("type", "subscribe", "conversation_id", crowd.user(40).get("conversation")));
        chats.add(socket("/ws/chat/" + crowd.user(40).get("conversation"), crowd.user(40).api()));
      }
      List<Callable<JsonNode>> speakers = new ArrayList<>();
      for (int i = 41; i < 60; i++) {
        for (Crowd crowd : crowds) {
          Canaries.User user = crowd.user(i);
          speakers.add(() -> say(user));
        }
      }
      together(speakers);
      for (Crowd crowd : crowds) {
        say(crowd.user(40));
        ok(
            crowd
                .user(41)
                .api()
                .post(
                    "/conversations/" + crowd.user(41).get("conversation") + "/handover",
                    Map.of()));
      }
      for (int i = 0; i < crowds.size(); i++) {
        Crowd crowd = crowds.get(i);
        String again = "again " + crowd.user(40).word();
        SocketClient desk = desks.get(i);
        chats.get(i).await(frame -> frame.path("message").path("content").asText().equals(again));
        desk.await(frame -> frame.path("message").path("content").asText().equals(again));
        String queued = crowd.user(41).get("conversation");
        desk.await(frame ->
            frame.path("type").asText().equals("queue") && frame.toString().contains(queued));
        assertThat(
                canaries.foreignIn(desk.frames().toString(), "", canaries.ofTenant(crowd.tenant())))
            .isEmpty();
        assertThat(
                canaries.foreignIn(
                    chats.get(i).frames().toString(), "", canaries.of(crowd.user(40))))
            .isEmpty();
      }
      for (Crowd crowd : crowds) {
        Canaries.User user = crowd.user(50);
        String stream = "/chat/stream/" + user.id() + "?reply_id=" + user.get("reply");
        try (SseReader reader = user.api().stream(stream, null)) {
          assertThat(canaries.foreignIn(reader.rest().toString(), stream, canaries.of(user)))
              .isEmpty();
        }
        String events = "/sessions/" + user.get("conversation") + "/events";
        try (SseReader reader = user.api().stream(events, null)) {
          String told = reader.next(1).toString();
          assertThat(told).contains(user.word());
          assertThat(canaries.foreignIn(told, events, canaries.of(user))).isEmpty();
        }
      }
    } finally {
      desks.forEach(SocketClient::close);
      chats.forEach(SocketClient::close);
    }
  }

  private SocketClient socket(String path, Api caller) {
    return SocketClient.open(
        server.uri(path), "Authorization", "Bearer " + caller.token().orElseThrow());
  }

  private static JsonNode say(Canaries.User user) {
    return user.api()
        .chat(
            Map.of("message", "again " + user.word(), "conversation_id", user.get("conversation")));
  }

  /// Whom log files name by their ids; what anybody said, nothing of it.
  @Test
  void figuresAndLogsHoldNothingOfAnybody() throws IOException {
    Api machine = Api.anonymous(server.uri("/"));
    String metrics = machine.get("/metrics").text();
    assertThat(metrics).contains("magpie_");
    assertThat(canaries.foreignIn(metrics, "", canaries.ofNobody())).isEmpty();
    List<Path> logs;
    try (Stream<Path> files = Files.walk(server.folder())) {
      logs =
          files
              .filter(file -> file.toString().contains(".log"))
              .filter(Files::isRegularFile)
              .toList();
    }
    assertThat(logs).anyMatch(file -> file.endsWith("access.log"));
    for (Path log : logs) {
      assertThat(Canaries.wordsIn(Files.readString(log))).as(log.toString()).isEmpty();
    }
    assertThat(Canaries.wordsIn(server.output())).isEmpty();
  }
}
