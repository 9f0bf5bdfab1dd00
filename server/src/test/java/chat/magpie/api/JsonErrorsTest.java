package chat.magpie.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import chat.magpie.kernel.MagpieException;
import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JsonErrorsTest {
  private final ObjectMapper mapper =
      new ObjectMapper().registerModule(new JavaTimeModule()).registerModule(new Jdk8Module());

  JsonErrorsTest() {
    new JsonRules().customize(mapper);
  }

  enum Colour {
    RED,
    DARK_BLUE
  }

  record Inner(@Nullable String name) {}

  record Body(
      @Nullable String someText,
      int count,
      boolean flag,
      double ratio,
      @Nullable Instant at,
      @Nullable Colour colour,
      @Nullable List<Inner> inners,
      @Nullable Map<String, Object> anything) {}

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"some_text\":1} | invalid_field | The field 'some_text' must be a string.",
        "{\"some_text\":true} | invalid_field | The field 'some_text' must be a string.",
        "{\"some_text\":{}} | invalid_field | The field 'some_text' must be a string.",
        "{\"count\":\"1\"} | invalid_field | The field 'count' must be a whole number within range.",
        "{\"count\":1.5} | invalid_field | The field 'count' must be a whole number within range.",
        "{\"count\":null} | invalid_field | The field 'count' must be a whole number within range.",
        "{\"flag\":1} | invalid_field | The field 'flag' must be true or false.",
        "{\"flag\":\"true\"} | invalid_field | The field 'flag' must be true or false.",
        "{\"ratio\":\"1\"} | invalid_field | The field 'ratio' must be a number.",
        "{\"at\":\"yesterday\"} | invalid_field | The field 'at' must be a time such as"
            + " 2026-01-31T12:00:00Z.",
        "{\"colour\":0} | invalid_field | The field 'colour' must be one of red, dark_blue.",
        "{\"inners\":{}} | invalid_field | The field 'inners' must be a list.",
        "{\"inners\":[{},{\"name\":5}]} | invalid_field | The field 'inners[1].name' must be a"
            + " string.",
        "{\"inners\":[{\"nme\":\"x\"}]} | invalid_field | There is no field 'inners[0].nme'; the"
            + " fields are name.",
        "[] | bad_request | The body must be an object.",
        "\"x\" | bad_request | The body must be an object."
      })
  void namesTheFieldAndWhatItHasToBe(String json, String code, String detail) {
    MagpieException explained = explain(json);

    assertThat(explained.code().id()).isEqualTo(code);
    assertThat(explained.detail()).isEqualTo(detail);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{",
        "{\"some_text\":\"a\"",
        "{\"some_text\":\"a\"} {}",
        "{\"count\":1,\"count\":2}",
        "{'count':1}",
        "{\"count\":NaN}",
        "nonsense"
      })
  void whatIsNoJsonIsABadRequest(String json) {
    MagpieException explained = explain(json);

    assertThat(explained.code().status()).isEqualTo(400);
    assertThat(explained.detail()).doesNotContain("nonsense");
  }

  @Test
  void whatIsTooDeepIsRefusedWithoutRecursion() {
    assertThat(explain("{\"anything\":{\"a\":" + "[".repeat(100_000)).code().status())
        .isEqualTo(400);
  }

  @Test
  void theNameOfAnUnknownFieldIsShownHarmlessly() {
    assertThat(explain("{\"inners\":[{\"<script>\\n" + "x".repeat(200) + "\":1}]}").detail())
        .contains("?script??xxx")
        .hasSizeLessThan(250);
  }

  @Test
  void writesSnakeCaseAndIsoTimes() throws JacksonException {
    record Out(Instant createdAt, Optional<String> nextCursor) {}

    assertThat(mapper.writeValueAsString(new Out(Instant.ofEpochSecond(0), Optional.empty())))
        .isEqualTo("{\"created_at\":\"1970-01-01T00:00:00Z\",\"next_cursor\":null}");
  }

  private MagpieException explain(String json) {
    return JsonErrors.explain(
        catchThrowableOfType(JacksonException.class, () -> mapper.readValue(json, Body.class)));
  }
}
