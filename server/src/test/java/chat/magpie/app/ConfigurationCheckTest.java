package chat.magpie.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.StringReader;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigurationCheckTest {
  @Test
  void acceptsWhatTheDocumentationShows() {
    assertThat(
            problems(
                """
                server:
                  port: 9000
                database:
                  pool_size: 5
                  url:
                llm:
                  providers:
                    local:
                      base_url: http://127.0.0.1:1234/v1
                reply:
                  busy_policy: interrupt
                """,
                Map.of(
                    "MAGPIE_API_BURST", "5",
                    "MAGPIE_CONFIG", "x.yaml",
                    "MAGPIE_DATABASE_URL", "",
                    "MAGPIE_LLM_PROVIDERS_LOCAL_MODEL", "m",
                    "MAGPIE_SERVICE_HOST", "10.0.0.1",
                    "MAGPIE_PORT_8000_TCP_ADDR", "10.0.0.1",
                    "PATH", "/bin")))
        .isEmpty();
  }

  @Test
  void namesEverythingThatIsWrongAtOnce() {
    List<String> problems =
        problems(
            """
            server:
              port: 70000
            database:
              pol_size: 5
            surver:
              host: x
            memori:
            reply:
            """,
            Map.of(
                "MAGPIE_DATABSE_POOL_SIZE", "1",
                "MAGPIE_MEMORY_TTL", "soon",
                "MAGPIE_REDIS_URL", "redis://:secret@x"));

    assertThat(problems)
        .containsExactly(
            "test.yaml line 2: server.port must be a whole number between 0 and 65535, not '70000'",
            "test.yaml line 4: there is no setting 'database.pol_size'; did you mean"
                + " 'database.pool_size'?",
            "test.yaml line 6: there is no setting 'surver.host'; did you mean 'server.host'?",
            "test.yaml line 7: there is no setting 'memori'",
            "there is no setting for the environment variable 'MAGPIE_DATABSE_POOL_SIZE'; did you"
                + " mean 'MAGPIE_DATABASE_POOL_SIZE'?",
            "MAGPIE_MEMORY_TTL must be a time such as 500ms, 15s, 5m, 24h or 30d, not 'soon'");
  }

  @Test
  void aTimeMayHaveALeast() {
    assertThat(problems("live: {reader_patience: 99ms, reader_buffer: 1023}", Map.of()))
        .containsExactly(
            "test.yaml line 1: live.reader_patience must be a time such as 500ms, 15s, 5m, 24h or"
                + " 30d of at least 100ms, not '99ms'",
            "test.yaml line 1: live.reader_buffer must be a whole number between 1024 and"
                + " 1073741824, not '1023'");
    assertThat(problems("live: {reader_patience: 100ms, reader_buffer: 1024}", Map.of())).isEmpty();
  }

  @Test
  void aProviderNeedsItsAddressSomewhere() {
    String yaml = "llm: {providers: {mine: {model: m}}}";

    assertThat(problems(yaml, Map.of()))
        .containsExactly("the setting 'llm.providers.mine.base_url' is missing");
    assertThat(problems(yaml, Map.of("MAGPIE_LLM_PROVIDERS_MINE_BASE_URL", "http://x/v1")))
        .isEmpty();
  }

  @Test
  void theCommandLineIsCheckedToo() {
    assertThat(
            ConfigurationCheck.problems(
                Map.of("magpie.server.prt", "1", "java.home", "/x"),
                Map.of(),
                new YamlFile("none", Map.of(), List.of())))
        .containsExactly(
            "there is no setting 'magpie.server.prt'; did you mean 'magpie.server.port'?");
  }

  @Test
  void aSecretIsNeverShown() {
    assertThat(problems("llm: {providers: {a: {base_url: u, api_key: '  '}}}", Map.of()))
        .singleElement()
        .asString()
        .contains("llm.providers.a.api_key must be a text")
        .doesNotContain("not '");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a: [1, 2 | test.yaml line 1: is not valid YAML",
        "- a | test.yaml line 1: must hold settings",
        "a:%n\tb: 1 | test.yaml line 2: is not valid YAML",
        "server: {port: 1}%nserver: {port: 2} | test.yaml line 2: 'server.port' is given twice",
        "? [a]%n: 1 | test.yaml line 1: a key must be a plain word"
      })
  void aBrokenFileIsOneClearLine(String yaml, String start) {
    assertThat(problems(String.format(yaml), Map.of()).getFirst()).startsWith(start.strip());
  }

  @ParameterizedTest
  @CsvSource({"abc,abc,0", "abc,acb,1", "abc,ab,1", "abc,xbc,1", "kitten,sitting,3", "'',abc,3"})
  void distanceCountsSlips(String a, String b, int expected) {
    assertThat(Suggestion.distance(a, b)).isEqualTo(expected);
  }

  private static List<String> problems(String yaml, Map<String, String> environment) {
    return ConfigurationCheck.problems(
        Map.of(), environment, YamlText.parse("test.yaml", new StringReader(yaml)));
  }
}
