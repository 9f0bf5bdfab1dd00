package chat.magpie.conformance;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import chat.magpie.conformance.ApiOperations.Operation;
import chat.magpie.conformance.HostileRequests.Request;
import chat.magpie.conformance.client.Api;
import chat.magpie.conformance.server.MagpieProcess;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Requests for every operation that the server describes, wrong in every way that comes to mind:
/// each is answered, never with a 5xx, and what is refused gets a problem with a code that the
/// documentation lists and nothing of the server's insides.
///
/// The seed is always the same, unless `magpie.fuzz.seed` says otherwise, but ids are not; as many
/// rounds as fit into `magpie.fuzz.seconds`, else one of a few requests for each operation. All
/// operations, or those whose path begins as the pattern `magpie.fuzz.routes` says.
@Tag("C-16")
@Tag("B-14")
class ApiFuzzTest {
  private static final int REQUESTS_FOR_EACH = 12;
  private static final int ENOUGH = 200_000;
  private static final int MOST_WORDS = 300;
  private static final int MOST_WRONG = 20;
  private static final int LONGEST_TARGET = 8_000;
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final Pattern CODE = Pattern.compile("(?m)^\\| `([a-z_]+)` \\|");
  private static final Pattern INSIDES =
      Pattern.compile(
          "Exception|\\tat |chat\\.magpie|java\\.|jakarta\\.|org\\.jooq|jackson|SQLITE");

  private static final MagpieProcess server = MagpieProcess.start(Shared.NO_LIMITS);
  private static final HttpClient client = HttpClient.newHttpClient();

  private final Set<String> codes = codes();
  private final Api nobody = Api.anonymous(server.uri("/"));
  private final Map<String, Api> callers = new LinkedHashMap<>();
  private final List<String> words = new ArrayList<>(List.of("x", "support-en", "customer", "en"));
  private final List<String> wrong = new ArrayList<>();
  private final Set<String> kinds = new HashSet<>();
  private String adminId = "";

  @AfterAll
  static void end() {
    client.close();
    server.close();
  }

  private static Set<String> codes() {
    Path errors =
        Path.of(Objects.requireNonNull(System.getProperty("magpie.root")), "docs/errors.md");
    try {
      Set<String> codes = new TreeSet<>();
      for (Matcher code = CODE.matcher(Files.readString(errors)); code.find(); ) {
        codes.add(code.group(1));
      }
      return codes;
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Test
  void everyRequestIsAnsweredAndNoneBreaksTheServer() throws Exception {
    assertThat(codes).contains("bad_request", "invalid_field", "not_found");
    long seed = Long.getLong("magpie.fuzz.seed", 20_261_121L);
    long seconds = Long.getLong("magpie.fuzz.seconds", 0L);
    System.out.println("ApiFuzzTest: -Dmagpie.fuzz.seed=" + seed);
    Random random = new Random(seed);
    ApiOperations described = new ApiOperations(nobody.get("/openapi?format=json").body());
    assertThat(described.all()).hasSizeGreaterThan(80);
    Pattern routes = Pattern.compile(System.getProperty("magpie.fuzz.routes", ""));
    List<Operation> operations =
        described.all().stream()
            .filter(operation -> routes.matcher(operation.path()).lookingAt())
            .toList();
    assertThat(operations).isNotEmpty();
    HostileRequests requests = new HostileRequests(random, described, words);
    Api admin = Administrator.of(server);
    adminId = admin.get("/auth/me").body().path("user_id").asText();
    callers.put("admin", admin);
    callers.put("guest", Api.guest(server.uri("/")));
    callers.put("nobody", nobody);
    long until = System.nanoTime() + Duration.ofSeconds(seconds).toNanos();
    int sent = 0;
    do {
      for (Operation operation : operations) {
        for (int i = 0; i < REQUESTS_FOR_EACH; i++) {
          Request request = requests.next(operation);
          send(caller(request, random), request);
          sent++;
        }
        cutOff(requests.next(operation));
      }
    } while (System.nanoTime() < until && wrong.size() < MOST_WRONG);
    System.out.println(
        "ApiFuzzTest: " + sent + " requests for " + operations.size() + " operations");

    assertThat(wrong).as("seed %s", seed).isEmpty();
    assertThat(nobody.get("/health/readiness").status()).isEqualTo(200);
    assertThat(server.output()).doesNotContain("\tat ", " ERROR ");
  }

  /// An administrator, who gets furthest, but for what would end the own sign-in.
  private static String caller(Request request, Random random) {
    int chance = random.nextInt(10);
    if (request.target().startsWith("/auth/logout")) {
      return chance < 5 ? "guest" : "nobody";
    }
    return chance < 7 ? "admin" : chance < 9 ? "guest" : "nobody";
  }

  private void send(String who, Request request) throws InterruptedException {
    HttpRequest.Builder builder =
        Objects.requireNonNull(callers.get(who))
            .request(request.target())
            .timeout(PATIENCE)
            .method(request.method(), BodyPublishers.ofByteArray(request.body()));
    request.headers().forEach(builder::setHeader);
    try {
      HttpResponse<InputStream> response =
          client.send(builder.build(), HttpResponse.BodyHandlers.ofInputStream());
      String type = response.headers().firstValue("Content-Type").orElse("");
      try (InputStream body = response.body()) {
        String text =
            type.startsWith("text/event-stream") ? "" : new String(body.readNBytes(ENOUGH), UTF_8);
        judge(who, request, response.statusCode(), type, text);
      }
    } catch (IOException e) {
      complain(who, request, "no answer: " + e);
    }
  }

  private void judge(String who, Request request, int status, String type, String text) {
    if (request.target().length() > LONGEST_TARGET && (status == 414 || status == 431)) {
      return; // refused before anything of ours has seen it
    }
    boolean health = request.target().startsWith("/health");
    if (status >= 500 && !(health && status == 503)) {
      complain(who, request, status + " " + text);
    } else if (status >= 400 && !health) {
      JsonNode problem = Api.parse(text);
      if (!type.equals("application/problem+json")
          || problem.path("status").asInt() != status
          || !codes.contains(problem.path("code").asText())
          || problem.path("detail").asText().isBlank()
          || INSIDES.matcher(text).find()) {
        complain(who, request, status + " " + type + " " + text);
      }
      if (status == 401 && who.equals("admin") && !request.target().startsWith("/auth/")) {
        complain(who, request, "the administrator is locked out");
      }
    } else if (type.startsWith("application/json")) {
      JsonNode json = Api.parse(text);
      if (json.isMissingNode() && text.length() < ENOUGH) {
        complain(who, request, status + " is no JSON: " + text);
      }
      harvest(json);
    }
  }

  private void complain(String who, Request request, String why) {
    String kind = request.method() + " " + request.target().replaceAll("[?].*", "") + " " + why;
    if (kinds.add(kind.substring(0, Math.min(40, kind.length())))) {
      wrong.add(who + ": " + request + "\n  -> " + why);
    }
  }

  /// Ids that are there, for requests that get further; not those that the test lives by.
  private void harvest(JsonNode json) {
    json.properties()
        .forEach(field -> {
          String value = field.getValue().asText("");
          boolean id = field.getKey().equals("id") || field.getKey().endsWith("_id");
          if (id && !value.isEmpty() && !ours(value) && !words.contains(value)) {
            if (words.size() < MOST_WORDS) {
              words.add(value);
            } else {
              words.set(Math.floorMod(value.hashCode(), MOST_WORDS), value);
            }
          }
        });
    json.forEach(this::harvest);
  }

  private boolean ours(String id) {
    return id.equals("default") || id.equals(adminId);
  }

  /// A caller that goes in the middle of its body.
  private void cutOff(Request request) throws IOException {
    String head =
        request.method()
            + " "
            + request.target()
            + " HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nAuthorization: Bearer "
            + Objects.requireNonNull(callers.get("guest")).token().orElseThrow()
            + "\r\nContent-Length: "
            + (request.body().length + 10)
            + "\r\n\r\n";
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
      socket.getOutputStream().write(head.getBytes(ISO_8859_1));
      socket.getOutputStream().write(request.body());
      socket.getOutputStream().flush();
    } catch (IOException refused) {
      assertThat(server.runs()).isTrue();
    }
  }
}
