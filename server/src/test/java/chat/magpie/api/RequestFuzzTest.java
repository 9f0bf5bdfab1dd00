package chat.magpie.api;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import chat.magpie.kernel.ErrorCode;
import chat.magpie.kernel.MagpieException;
import chat.magpie.kernel.Problem;
import chat.magpie.kernel.WellFormed;
import chat.magpie.live.ChatStreamResource;
import com.code_intelligence.jazzer.junit.FuzzTest;
import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import java.io.IOException;
import java.net.URLDecoder;
import java.util.List;

/// What comes in over HTTP: bodies and addresses.
class RequestFuzzTest {
  private static final List<Class<?>> BODIES =
      List.of(
          ChatResource.ChatRequest.class,
          ChatStreamResource.CompanionMessage.class,
          CharactersResource.CharacterRequest.class);
  private static final ObjectMapper MAPPER = mapper();

  private static ObjectMapper mapper() {
    ObjectMapper mapper =
        new ObjectMapper().registerModule(new JavaTimeModule()).registerModule(new Jdk8Module());
    new JsonRules().customize(mapper);
    return mapper;
  }

  /// A body is refused with a problem of the caller's, which is clean and short, or becomes an
  /// object that holds clean text only and is the same when it is written and read again.
  @FuzzTest
  void bodies(byte[] body) throws IOException {
    for (Class<?> type : BODIES) {
      Object read;
      try {
        StrictText.checkJson(body);
        read = MAPPER.readValue(body, type);
        if (read instanceof CharactersResource.CharacterRequest character) {
          character.draft("id");
        }
      } catch (JacksonException e) {
        problem(JsonErrors.explain(e));
        continue;
      } catch (MagpieException e) {
        problem(e);
        continue;
      }
      if (read != null) {
        JsonNode tree = MAPPER.valueToTree(read);
        clean(tree);
        assertThat(MAPPER.readValue(MAPPER.writeValueAsBytes(read), type)).isEqualTo(read);
      }
    }
  }

  private static void problem(MagpieException e) throws IOException {
    assertThat(e.code()).isIn(ErrorCode.BAD_REQUEST, ErrorCode.INVALID_FIELD);
    assertThat(WellFormed.test(e.detail())).as(e.detail()).isTrue();
    assertThat(e.detail().length()).isLessThan(1_000);
    JsonNode json = MAPPER.readTree(Problem.of(e, null, null).json());
    assertThat(json.path("detail").textValue()).isEqualTo(e.detail());
  }

  private static void clean(JsonNode node) {
    if (node.isTextual()) {
      assertThat(WellFormed.test(node.textValue())).isTrue();
    }
    node.properties()
        .forEach(field -> {
          assertThat(WellFormed.test(field.getKey())).isTrue();
          clean(field.getValue());
        });
    if (node.isArray()) {
      node.forEach(RequestFuzzTest::clean);
    }
  }

  /// An address that passes decodes to text without NUL and without what is no UTF-8.
  @FuzzTest
  void addresses(byte[] data) {
    String address = new String(data, ISO_8859_1);
    if (StrictText.isCleanUri(address)) {
      String raw = new String(address.getBytes(ISO_8859_1), UTF_8);
      String decoded = URLDecoder.decode(address.replace("+", "%2B"), UTF_8);
      assertThat(decoded).doesNotContain("\0");
      if (raw.equals(address)) {
        assertThat(new String(decoded.getBytes(UTF_8), UTF_8)).isEqualTo(decoded);
        assertThat(decoded.indexOf('\uFFFD') >= 0)
            .isEqualTo(address.toUpperCase(java.util.Locale.ROOT).contains("%EF%BF%BD"));
      }
    }
  }
}
