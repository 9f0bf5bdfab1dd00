package chat.magpie.llm.internal;

import static org.assertj.core.api.Assertions.assertThat;

import chat.magpie.llm.ModelRequest;
import chat.magpie.llm.PrefixMode;
import chat.magpie.llm.PromptMessage;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RequestBodyTest {
  private static final ModelRequest PLAIN =
      new ModelRequest(
          Optional.empty(),
          Optional.empty(),
          List.of(new PromptMessage(PromptMessage.Role.USER, "hello")),
          Map.of("tools", List.of("of the character")),
          "u1");

  private static JsonNode body(ModelRequest request, boolean tools) throws IOException {
    return new ObjectMapper()
        .readTree(RequestBody.of(request, "m", PrefixMode.PARTIAL, tools).getBytes());
  }

  @Test
  void aHumanIsOfferedWhereTheProviderTakesToolsAndTheAnswerIsNew() throws IOException {
    JsonNode offering = body(PLAIN.offeringHuman(true), true);
    assertThat(offering.path("tools")).hasSize(1);
    JsonNode function = offering.at("/tools/0/function");
    assertThat(function.path("name").asText()).isEqualTo("ask_human");
    assertThat(function.path("description").asText()).isNotEmpty();
    assertThat(function.at("/parameters/type").asText()).isEqualTo("object");
    for (JsonNode without :
        List.of(
            body(PLAIN.offeringHuman(true), false),
            body(PLAIN, true),
            body(PLAIN.offeringHuman(true).withPrefix("Hel"), true))) {
      assertThat(without.path("tools").toString()).isEqualTo("[\"of the character\"]");
    }
  }
}
