package chat.magpie.app;

import static org.assertj.core.api.Assertions.assertThat;

import chat.magpie.kernel.ErrorCode;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The documents that are generated from the code are what the code says. After a change run this
/// test once with `-Ddocs.write=true`.
class DocumentsTest {
  @ParameterizedTest
  @ValueSource(
      strings = {"docs/configuration.md", "config.example.yaml", ".env.example", "docs/errors.md"})
  void isUpToDate(String document) throws IOException {
    Path file = root().resolve(document);
    String expected = generated(document);
    if (Boolean.getBoolean("docs.write")) {
      Files.writeString(file, expected);
    }
    assertThat(file)
        .as("%s is generated: run this test with -Ddocs.write=true", document)
        .exists()
        .content()
        .isEqualTo(expected);
  }

  @Test
  void theExamplesAreValidAsTheyAreAndWithEverythingSwitchedOn() throws IOException {
    String yaml = SettingsDocuments.yaml();
    String switchedOn =
        yaml.replaceAll("(?m)^  #(\\w)", "  $1")
            .replaceAll("(?m)^  #(  +)(\\w)", "  $1$2")
            .replace("base_url:", "base_url: http://127.0.0.1:1/v1");

    assertThat(problems(yaml, Map.of())).isEmpty();
    assertThat(problems(switchedOn, Map.of())).isEmpty();

    Properties environment = new Properties();
    environment.load(new StringReader(SettingsDocuments.dotEnv().replaceAll("(?m)^#(\\w)", "$1")));
    assertThat(environment).containsKey("MAGPIE_SERVER_PORT");
    Map<String, String> values = new java.util.HashMap<>();
    environment.forEach((name, value) -> values.put((String) name, (String) value));
    values.put("MAGPIE_LLM_PROVIDERS_MINE_BASE_URL", "http://127.0.0.1:1/v1");
    assertThat(problems("", values)).isEmpty();
  }

  @Test
  void theDefaultsThatTheFrameworkReadsAreTheDeclaredOnes() throws IOException {
    String properties =
        Files.readString(root().resolve("server/src/main/resources/application.properties"));
    var placeholder = java.util.regex.Pattern.compile("\\$\\{magpie\\.([a-z_.]+):([^}]*)}");
    var matcher = placeholder.matcher(properties);
    int seen = 0;
    while (matcher.find()) {
      String name = matcher.group(1);
      seen++;
      assertThat(Settings.all())
          .filteredOn(setting -> setting.name().equals(name))
          .as(name)
          .singleElement()
          .satisfies(setting -> assertThat(setting.fallback()).contains(matcher.group(2)));
    }
    assertThat(seen).isPositive();
  }

  private static java.util.List<String> problems(String yaml, Map<String, String> environment) {
    return ConfigurationCheck.problems(
        Map.of(), environment, YamlText.parse("config.example.yaml", new StringReader(yaml)));
  }

  private static String generated(String document) {
    return switch (document) {
      case "docs/configuration.md" -> SettingsDocuments.markdown();
      case "config.example.yaml" -> SettingsDocuments.yaml();
      case ".env.example" -> SettingsDocuments.dotEnv();
      default -> errors();
    };
  }

  private static String errors() {
    StringBuilder out =
        new StringBuilder(
            """
            # Errors

            <!-- Generated from the code; see CONTRIBUTING.md. -->

            Every error is `application/problem+json` (RFC 9457); programs go by `code`:

            ```json
            {"type":"about:blank","title":"Too many requests.","status":429,"code":"rate_limited","detail":"Too many requests.","retryable":true,"request_id":"019…"}
            ```

            `title` is in Chinese or English by `Accept-Language`, `detail` says what was wrong with this request, and
            `request_id` (also the header `X-Request-Id`) is what the log knows it by. `retryable` means that the same
            request may succeed later; `Retry-After` says when, where that is known. In an event stream the same codes
            come as `event: error`.

            | code | status | retryable | English | 中文 |
            |---|---|---|---|---|
            """);
    for (ErrorCode code : ErrorCode.values()) {
      out.append("| `")
          .append(code.id())
          .append("` | ")
          .append(code.status())
          .append(" | ")
          .append(code.retryable() ? "yes" : "no")
          .append(" | ")
          .append(code.english())
          .append(" | ")
          .append(code.chinese())
          .append(" |\n");
    }
    return out.toString();
  }

  private static Path root() {
    Path folder = Path.of("").toAbsolutePath();
    while (!Files.exists(folder.resolve("mvnw"))) {
      folder = Objects.requireNonNull(folder.getParent(), "not inside of the project");
    }
    return folder;
  }
}
